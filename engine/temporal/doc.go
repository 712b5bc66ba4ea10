// Package temporal has Temporal execute runs: the same flows, unchanged, where a service keeps
// the histories and hands the work to many machines.
//
//	e, err := temporal.Open(ctx, temporal.Options{Work: true, Models: models, Model: "offline", Flows: flows.All()})
//	defer e.Close(ctx)
//	h, err := pawl.Start(ctx, e, article.Flow, article.Input{Topic: "Why small steps work"}, nil)
//	out, err := h.Result(ctx)
//
// A run is one workflow, pawl.run. In it the run is executed as in a process (engine/internal/exec),
// by the workflow's clock: a question to a model is an activity, the code of a do a local
// activity, a wait for a time a timer, and whatever people or programs say one update,
// pawl.command. What the run's journal is given is kept as markers in the workflow's history,
// so that whoever reads a run needs neither a worker nor the run's code. Outside, an [Engine]
// starts, shows and steers runs as engine/local does, over that journal.
//
// What holds, and what differs from engine/local:
//
//   - A call of a model that is answered is in Temporal's history before flow code sees the
//     answer, and is never made again. One whose worker is gone is of unknown outcome, as after
//     the crash of a process: made again, by default, and asked about after three in a row.
//   - The code of a do may run again even after it has finished, if its worker dies within
//     some seconds: what has to happen once needs the step's idempotency key. It runs in a process
//     that has the flow, for 25 minutes at most: a step with a longer timeout fails.
//   - A value takes at most 1 MiB, and the input of a rerun together with its base's history,
//     too. With [Options.Blobs] larger ones are kept there. What is too large fails its step, or
//     is refused to who sends it.
//   - A run stays with its build, see [Options.Build]. Another one takes it over when somebody
//     decides on it or directs it while it is at rest, when no worker of its build is left, or
//     when a resume says so: its workflow is ended, and a new one goes on with what is recorded,
//     by the rules for code that has changed. Answers that had arrived are not asked again, if
//     the same is asked still. What a build left that has nobody any more, and has something to do
//     (a timer, a deadline, a call), workers of others that have the flow take over by themselves,
//     within two minutes or so, or four where they were killed, unless [Options.Stay] says otherwise: two builds that both have
//     workers never take from each other. What waits for people waits for these. Two workers of each build look for
//     such runs, and others where these end or are killed. They also begin anew, within a day, what somebody had taken over by
//     half when he died: he had ended its workflow, and begun no other.
//   - Who executes runs shows himself every 5 seconds, also while all his places are taken, which is judged by the
//     server's clock alone. He counts
//     as gone as soon as he has ended; if he was killed, after two minutes, or when somebody asks for
//     the run and he neither answers nor shows himself for 18 seconds; and when he says that he cannot go on.
//     A worker all of whose places are taken by code of steps hears others when one is free.
//     While a call is being made for a run in the queue of its model, see [Options.Rates], by a worker of
//     whatever build, only a resume with Take takes the run over; a worker that was killed in it is
//     noticed after Heartbeat. A resume with Take asks nobody. Flow code that a replay does not repeat is found
//     by the hashes of its events, and a resume has such a run begin anew in that manner.
//   - With Blobs a run whose history is long goes on in another execution of its workflow, as
//     after a restart. Without, it ends where Temporal's limits do: at 51,200 events or 50 MB.
//   - Lists and the inbox go through the list of workflows, which lags behind by a moment, a
//     thousand of them in one request. Temporal is asked for runs that have not ended, or that
//     were created of late, where that is enough, and by flow and status if the namespace has the
//     search attributes PawlFlow, PawlStatus and PawlBase (keywords) when an engine is opened; all
//     else is filtered here, so that the list of all 100,000 runs is 100 requests. For the inbox each run that has open
//     blockers, or is being executed, is read.
//   - There are no limits over many runs, no schedules, notices or sums of costs, nothing is
//     removed, and nobody observes. Whoever follows all runs at once (a server's
//     streams) has the list of those that have not ended looked at, and each run that is being executed
//     read: twice a second where something changes, and every four seconds while nothing does.
//     Calls at once are bounded for each process, see [Options.Calls]; a model, or a provider's
//     models, may have a task queue of their own with a rate that Temporal keeps to, see
//     [Options.Rates].
//     A call that is refused for its rate counts as an attempt, unless others of the same run and
//     model are answered meanwhile.
//   - An imported run is a workflow that stays open and does nothing, since Temporal forgets
//     those that have ended.
//   - Whoever ends a workflow by Temporal's own means ends its execution, and the run is queued
//     until somebody resumes it; who cancels it cancels the run.
//
// Not yet:
//
//   - Without [Options.Keys] inputs, requests, answers and each run's secret, by which callbacks
//     are addressed, lie in Temporal and the store of blobs as they are: whoever reads the namespace
//     reads them. The beginning of an input is in the list, also of one that is marked sensitive.
//     Names of flows, models and steps are readable with keys, too. A DataConverter of the
//     caller's is refused.
//   - A run whose task fails again and again (its flow is missing on a worker of its build, its
//     code is not repeated, a store of blobs is gone) is listed as one that is executed; why is in
//     its record (Get), and logged for who waits for it, as is that nobody is there who would execute it.
//     Temporal's retention removes what has ended, without notice.
//   - If a store of blobs cannot give what a workflow begins with, that is above 256 KiB, in its
//     first task, the SDK may end the workflow; a resume takes the run over then.
//   - Results of several do steps at once that end within one task and together pass 4 MiB are
//     not bounded without Blobs: Temporal may end the workflow for it.
//   - A commit that is stored in several parts may be cut between two of them by whoever takes the
//     run over then.
//   - Blobs are read back, by digest, only of the 64 runs that were read last.
//   - Goroutines of flow code that use the run, which is a mistake anywhere, may be found in
//     another place by a replay here.
//   - Workers of one build have to have the same flows: their names are no part of the queue's.
package temporal
