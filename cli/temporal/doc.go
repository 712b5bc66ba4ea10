// Package temporal has a command line keep its runs on Temporal and execute them there. With
// flows of one's own the whole program is
//
//	cli.Program{Flows: []pawl.Flow{mine.Flow}, Open: temporal.Open}.Main()
//
// Where Temporal is, who asks and how are Temporal's own settings: the variables
// TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, TEMPORAL_API_KEY, TEMPORAL_TLS and so on, or a profile
// of its file of settings. What is Pawl's own:
//
//   - PAWL_TEMPORAL_QUEUE is how the names of task queues and workflows begin; pawl if it is
//     not set. Programs with different ones see nothing of each other's runs.
//   - PAWL_TEMPORAL_BUILD names the build; engine/temporal.Options.Build says what does without it.
//   - PAWL_TEMPORAL_TAKEOVER is off where a worker is not to take over by itself what a build left
//     that has no worker any more; on if it is not set.
//   - PAWL_TEMPORAL_BLOBS is a directory that all machines have, for values above 256 KiB and
//     for runs whose history becomes long; engine/temporal.Options.Blobs says what holds
//     without one.
//   - PAWL_TEMPORAL_KEYS is a file of keys with which what a run is about is encrypted before
//     Temporal has it, but for names and times, see engine/temporal.Options.Keys: a line each, 32
//     bytes in base64. The first encrypts, and all of them decrypt. Without it nothing is encrypted.
//   - PAWL_TEMPORAL_CALLS is how many calls of models one process makes at once; 64 if it is
//     not set.
//   - PAWL_TEMPORAL_CALLS_PER_SECOND is how many calls all workers of a build begin in a
//     second, together. Temporal keeps it, whatever processes without it say; none removes it.
//   - PAWL_TEMPORAL_RATES are models whose calls have a task queue of their own, with how many of
//     them all workers begin in a second, as in anthropic/claude-sonnet-5=5,openai/*=20,house/m:
//     PROVIDER/* are all of a provider's that have no entry; without a number what Temporal keeps
//     holds on, and MODEL=none removes that. Only for models with an entry there are --max-calls
//     and PAWL_MAX_CALLS, in each process.
//
// A command that starts a run executes runs as long as it lives, beside the workers that there
// are. One that decides on a run or steers it does, too, if no worker answers for that run; so
// nothing but Temporal need be there. The command worker does nothing else.
//
// The data directory holds no runs. Nobody is told of what runs do for spans and metrics of
// Pawl's own: Temporal has its own of workflows and activities.
package temporal
