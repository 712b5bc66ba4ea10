// Package local executes runs in this process.
//
// An [Engine] stands on a journal and a catalog of models:
//
//	e := local.New(&local.Options{Journal: db, Models: models, Model: "offline"})
//	defer e.Close(ctx)
//	h, err := pawl.Start(ctx, e, article.Flow, article.Input{Topic: "Why small steps work"})
//	out, err := h.Result(ctx)
//
// Each run that is being executed is an activation: one goroutine that owns all
// of the run's state and does three things in turn. It lets branches execute,
// one at a time, until all are parked; it appends what came of that to the
// journal; it waits for the next outcome. Calls to models and the code of do
// steps run beside it and report to it. What is to be done next is decided by
// internal/replay.
//
// Rules one can break:
//
//   - A flow's code must not block outside steps: its whole run stands still
//     meanwhile. After 10 s that is logged with the goroutines' stacks.
//   - Close the engine before the journal.
package local
