package pawl

import (
	"context"
	"fmt"

	"github.com/pawlrun/pawl/schema"
)

// Start starts a run of a flow with typed input. It returns when the run is
// durable; see Engine.Start.
func Start[In, Out any](ctx context.Context, e Engine, f *FlowOf[In, Out], in In) (Handle[Out], error) {
	raw, err := schema.Marshal(in)
	if err != nil {
		return Handle[Out]{}, &Error{Kind: ErrInput, Message: fmt.Sprintf("input of %s: %v", f.Name(), err), Err: err}
	}
	id, err := e.Start(ctx, f, raw, nil)
	return Handle[Out]{engine: e, id: id}, err
}

// Handle is a started run from outside.
type Handle[Out any] struct {
	engine Engine
	id     RunID
}

// ID returns the run's id.
func (h Handle[Out]) ID() RunID { return h.id }

// Result blocks until the run is at rest or ctx ends, and returns its output.
// A run that rests without output is an *Error that says why: the failure's
// kind, ErrCanceled, or ErrStopped for one that waits or is paused.
func (h Handle[Out]) Result(ctx context.Context) (out Out, err error) {
	rec, err := h.engine.Wait(ctx, h.id)
	if err != nil {
		return out, err
	}
	if err := rec.Failure(); err != nil {
		return out, err
	}
	return decode[Out](rec.Output)
}

// Failure returns nil for a run that is done, and otherwise an *Error that says
// why there is no output.
func (r RunRecord) Failure() error {
	switch {
	case r.Status == StatusDone:
		return nil
	case r.Error != nil:
		return &Error{Kind: r.Error.Kind, Message: r.Error.Message, Hint: r.Error.Hint, Flow: r.Flow, Run: r.ID, Step: r.Error.Step}
	}
	return &Error{Kind: ErrStopped, Message: fmt.Sprintf("run %s is %s: %s", r.ID, r.Status, r.Reason), Run: r.ID}
}
