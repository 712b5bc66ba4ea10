package temporal

import (
	"cmp"
	"context"
	"sync"

	"go.temporal.io/sdk/workflow"

	"github.com/pawlrun/pawl"
)

// tell tells who watches this worker how the run stands, once: not while the workflow is
// repeated.
func (x *execution) tell(status pawl.Status) {
	seen := x.opts.seen.Load()
	if seen == nil || workflow.IsReplaying(x.ctx) {
		return
	}
	said, at := x.st.Listed(), x.ledger.last.At
	if status == pawl.StatusRunning && x.ledger.last.Epoch == 1 { // it begins
		at = x.ledger.events[0].At
	}
	seen.add(pawl.RunSummary{ID: x.ledger.run.ID, Flow: x.ledger.run.Flow, Model: cmp.Or(x.ledger.run.Model, x.opts.Model), Status: status, Reason: said.Reason,
		CreatedAt: x.ledger.events[0].At, UpdatedAt: at, LastSeq: x.ledger.last.Seq})
}

// telling passes on what workflows tell, one after the other, and holds none of them up.
type telling struct {
	to   func(pawl.RunSummary)
	wake chan struct{} // there is something to be told

	mu   sync.Mutex // guards told
	told []pawl.RunSummary
}

func newTelling(to func(pawl.RunSummary)) *telling {
	return &telling{to: to, wake: make(chan struct{}, 1)}
}

func (t *telling) add(r pawl.RunSummary) {
	t.mu.Lock()
	t.told = append(t.told, r)
	t.mu.Unlock()
	select {
	case t.wake <- struct{}{}:
	default:
	}
}

// until passes on until down is closed.
func (t *telling) until(down <-chan struct{}) {
	for {
		select {
		case <-t.wake:
		case <-down:
			return
		}
		t.mu.Lock()
		told := t.told
		t.told = nil
		t.mu.Unlock()
		for _, r := range told {
			t.to(r)
		}
	}
}

// Workers returns how many processes take up runs of a flow until somebody stops them, as far as
// Temporal knows: one that was killed counts for two minutes more. It is told of the flows of no
// worker, and takes those of a build to have the same.
func (e *Engine) Workers(ctx context.Context, flow string) (int, error) {
	if e.keeper.settings.flow(flow) == nil {
		return 0, nil
	}
	all, err := e.keeper.workers(ctx, e.keeper.queue)
	if err != nil {
		return 0, e.keeper.failed(ctx, "", err)
	}
	return len(all), nil
}
