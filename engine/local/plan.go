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

// Plan returns what a run would do that Start is given the same, of which Base must be
// set: what its steps take over, which would be executed, and of which it is not known,
// since they follow from those. Nothing is called and nothing stored: flow code is
// executed as far as it comes without. Steps are in the order of the base, those that it
// lacks behind what they were asked after.
func (e *Engine) Plan(ctx context.Context, f pawl.Flow, input json.RawMessage, o *pawl.StartOptions) ([]pawl.PlannedStep, error) {
	if o == nil || o.Base == nil {
		return nil, &pawl.Error{Kind: pawl.ErrInput, Message: "a plan needs a base"}
	}
	n, err := e.prepare(ctx, f, input, o)
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
	asked := r.Rehearse()
	if err := r.Err(); err != nil {
		return nil, pawl.AsError(err, pawl.ErrInternal)
	}
	return base.Plan(r.State(), asked), nil
}
