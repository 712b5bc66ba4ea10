// Package view is the read side: what a person or a program may see of runs.
//
// A [View] puts together what an engine, a journal and the flows know: records and
// lists, the inbox, a run's [Story], a [Step] as it was sent, a [Blocker] with the
// schema of what it takes, and a [Follower] of what happens. The command shows it,
// and so will a server; neither folds a history of its own.
//
//	v := view.New(engine, journal, flows)
//	story, err := v.Story(ctx, id)
//
// Everything it returns is masked: without the values that a flow calls sensitive,
// and without any value of a flow that this program does not have. The exceptions
// say so in their names and docs: [Event.Recorded], [Follower.Before],
// [Blocker.Original] and [Blocker.Rejected]. As long as an output with sensitive
// fields is not known, nobody can find them in what led to it: records and stories
// then show the answers and notes of steps that are not sensitive themselves, events
// leave them out.
//
// It stands on the contracts alone, pawl.Engine and journal.Reader, and so on every
// filling of them. A View is safe for concurrent use; what it returns is the
// caller's.
package view
