// Package notifier tells somebody elsewhere that runs have come to rest: with a POST that is
// signed by Standard Webhooks, tried again for a day.
//
// A [Notifier] is a service that whoever works on a data directory starts beside its engine.
// Any number of them may run at once, in one process or in several. What is owed is kept
// beside the runs, so that nothing is lost with a process; who takes a notice first tells it.
// One that dies between telling and noting that leaves a notice that the next one tells
// again, under the same id.
//
//	n := notifier.New(notifier.Options{Keeper: db, View: view, Target: target, Secrets: secrets})
//	n.Start(ctx)
//	defer n.Stop()
//
// No run waits for it. Which rule says when something is tried again is package notice's.
package notifier
