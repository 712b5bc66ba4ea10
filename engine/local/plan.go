package local

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/local/internal/exec"
	"github.com/pawlrun/pawl/journal"
)

// Plan returns what a run would do that Start is given the same: what its steps take over
// from its Base, if it has one, which would be executed, and with which requests, and of
// which it is not known, since they follow from those. Nothing is called and nothing
// stored, and no keys are needed: flow code is executed as far as it comes without. Steps
// are in the order of the base, those that it lacks behind. A run without a base whose flow
// fails before it asks for a step is that failure.
func (e *Engine) Plan(ctx context.Context, f pawl.Flow, input json.RawMessage, o *pawl.StartOptions) ([]pawl.PlannedStep, error) {
	if o == nil {
		o = &pawl.StartOptions{}
	}
	n, err := e.prepare(ctx, f, input, o, false)
	if err != nil {
		return nil, err
	}
	memory := journal.NewMemory()
	defer memory.Close()
	n.row.Queued = false
	claim, err := memory.Create(ctx, n.row, n.first)
	if err != nil {
		return nil, pawl.AsError(err, pawl.ErrInternal)
	}
	st, err := begun(claim, n.first)
	if err != nil {
		return nil, err
	}
	base, err := e.baseOf(ctx, st)
	if err != nil {
		return nil, err
	}
	deps := *e.deps
	deps.Journal, deps.Pieces, deps.Ended = memory, nil, func(*exec.Run) {}
	deps.Log = slog.New(slog.NewTextHandler(io.Discard, nil))
	r := exec.New(ctx, &deps, n.flow, claim, st, base, nil)
	asked, failed := r.Rehearse()
	if err := r.Err(); err != nil {
		return nil, pawl.AsError(err, pawl.ErrInternal)
	}
	if failed != nil && base == nil {
		return nil, failed
	}
	return base.Plan(r.State(), asked), nil
}
