package local

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/internal/exec"
	"github.com/pawlrun/pawl/internal/replay"
	"github.com/pawlrun/pawl/journal"
)

// Plan returns what a run would do that Start is given the same: what its steps take over
// from its Base, if it has one, which would be executed, and with which requests, of which
// it is not known, since they follow from those, and of the base's which are asked for no
// more. Nothing is called and nothing stored, and no keys are needed: flow code is executed
// as far as it comes without. Steps are in the order of the base, those that it lacks
// behind. If the flow fails on the way Plan returns that failure, and ErrInput if a result
// that Base gives would not be taken.
func (e *Engine) Plan(ctx context.Context, f pawl.Flow, input json.RawMessage, o *pawl.StartOptions) ([]pawl.PlannedStep, error) {
	if o == nil {
		o = &pawl.StartOptions{}
	}
	n, err := e.prepare(ctx, f, input, o, false)
	if err != nil {
		return nil, err
	}
	came, err := e.rehearse(ctx, n)
	if err != nil {
		return nil, err
	}
	if end := came.Ending; end != nil && end.Failure != nil {
		return nil, end.Failure
	}
	return came.base.Plan(came.st, came.Asked, came.Ending != nil), nil
}

// rehearsal is what a run came to that was not created.
type rehearsal struct {
	exec.Rehearsed
	st   *replay.State
	base *replay.Base // nil: it has none
}

// rehearse executes a new run in memory as far as it comes without calling anything. It
// refuses a result that is set for a step if that would not be taken.
func (e *Engine) rehearse(ctx context.Context, n *newRun) (*rehearsal, error) {
	memory := journal.NewMemory()
	defer memory.Close()
	row := n.row
	row.Queued = false
	claim, err := memory.Create(ctx, row, n.first)
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
	deps.Journal, deps.Pieces, deps.Observe, deps.Carry, deps.Ended = memory, nil, nil, nil, func(*exec.Run) {}
	deps.Log = slog.New(slog.NewTextHandler(io.Discard, nil))
	r := exec.New(ctx, &deps, n.flow, claim, st, base, nil)
	came := &rehearsal{Rehearsed: r.Rehearse(), st: r.State(), base: base}
	if err := r.Err(); err != nil {
		return nil, pawl.AsError(err, pawl.ErrInternal)
	}
	if n.base != nil && n.base.Result != nil {
		if why := came.refusal(n.base.At); why != "" {
			return nil, &pawl.Error{Kind: pawl.ErrInput, Run: n.base.Run, Step: n.base.At, Message: why}
		}
	}
	return came, nil
}

// refusal says why the result that is set for a step is not taken; empty: it is, or the flow
// has not come so far.
func (c *rehearsal) refusal(at pawl.Key) string {
	switch end, why := c.Ending, c.Refused[at]; {
	case why != "":
		return why
	case end == nil || c.st.Steps[at].Kept == nil:
		return ""
	case end.Failure == nil:
		return fmt.Sprintf("the flow does not ask for step %q any more, which the result is for", at)
	case end.Failure.Kind == pawl.ErrMismatch && end.Failure.Step == at:
		return fmt.Sprintf("the result for step %q is not taken: %s", at, end.Failure.Message)
	}
	return ""
}
