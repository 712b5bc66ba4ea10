// Package local executes runs in this process.
//
// An [Engine] stands on a journal and a catalog of models:
//
//	e := local.New(&local.Options{Journal: db, Models: models, Model: "offline"})
//	defer e.Close(ctx)
//	h, err := pawl.Start(ctx, e, article.Flow, article.Input{Topic: "Why small steps work"}, nil)
//	out, err := h.Result(ctx)
//
// The engine keeps many runs: it starts them, claims those that somebody steers
// or that were left in the queue, wakes those whose timer has run out, lets others
// follow them and bounds the calls of each model. How one run is executed is in
// engine/internal/exec: one goroutine that owns all of the run's state. What is to be done
// next is decided by internal/replay.
//
// Rules one can break:
//
//   - A flow's code must not block outside steps: its whole run stands still
//     meanwhile. After 10 s that is logged with the stack where it stands.
//   - Close the engine before the journal.
package local
