package pawl

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/pawlrun/pawl/schema"
)

// Start starts a run of a flow with typed input. It returns when the run is
// durable; see Engine.Start. Nil options are all defaults.
func Start[In, Out any](ctx context.Context, e Engine, f *FlowOf[In, Out], in In, o *StartOptions) (Handle[Out], error) {
	raw, err := schema.Marshal(in)
	if err != nil {
		return Handle[Out]{}, &Error{Kind: ErrInput, Message: fmt.Sprintf("input of %s: %v", f.Name(), err), Err: err}
	}
	id, err := e.Start(ctx, f, raw, o)
	return Handle[Out]{engine: e, id: id, flow: f.info.Name}, err
}

// Handle returns a run of this flow that was started before, by this process or
// another. Whether there is such a run its methods find out.
func (f *FlowOf[In, Out]) Handle(e Engine, id RunID) Handle[Out] {
	return Handle[Out]{engine: e, id: id, flow: f.info.Name}
}

// Handle is a run from outside; Start and FlowOf.Handle make one.
type Handle[Out any] struct {
	engine Engine
	id     RunID
	flow   string
}

// ID returns the run's id.
func (h Handle[Out]) ID() RunID { return h.id }

// Result blocks until the run is at rest or ctx ends, and returns its output.
// A run that rests without output is an *Error that says why: the failure's
// kind, ErrCanceled, ErrWaiting for one that waits for a person (it names what is
// asked) or for a time, or ErrStopped for one that is paused.
func (h Handle[Out]) Result(ctx context.Context) (out Out, err error) {
	rec, err := h.engine.Wait(ctx, h.id)
	if err != nil {
		return out, err
	}
	if rec.Flow != h.flow {
		return out, &Error{Kind: ErrInput, Message: fmt.Sprintf("run %s is one of %s, not of %s", h.id, rec.Flow, h.flow), Run: h.id}
	}
	if err := rec.Failure(); err != nil {
		return out, err
	}
	return decode[Out](rec.Output)
}

// Ended reports whether the run has come to its end: it is done, canceled, or failed
// for good. Nothing makes it go on.
func (r RunRecord) Ended() bool {
	return r.Status == StatusDone || r.Status == StatusCanceled || r.Error != nil && r.Error.Final
}

// Failure returns nil for a run that is done, and otherwise an *Error that says
// why there is no output.
func (r RunRecord) Failure() error {
	switch {
	case r.Status == StatusDone:
		return nil
	case r.Error != nil:
		return &Error{Kind: r.Error.Kind, Message: r.Error.Message, Hint: r.Error.Hint, Flow: r.Flow, Run: r.ID, Step: r.Error.Step, Final: r.Error.Final}
	}
	e := &Error{Kind: ErrStopped, Message: strings.TrimSuffix(fmt.Sprintf("%s: %s", r.Status, r.Reason), ": "), Flow: r.Flow, Run: r.ID}
	if r.Status == StatusWaiting {
		e.Kind, e.Message = ErrWaiting, "waits: "+r.Reason
		r.asks(e)
	}
	return e
}

// asks has the error of a waiting run name what a person is asked first.
func (r RunRecord) asks(e *Error) {
	asked := slices.DeleteFunc(slices.Clone(r.Blockers), func(b Blocker) bool { return b.Kind.IsFailure() })
	if len(asked) == 0 {
		return
	}
	e.Step, e.Message = asked[0].Key, "waits for a person: "+asked[0].Question
	if more := len(asked) - 1; more > 0 {
		e.Message += fmt.Sprintf(" (and %d more)", more)
	}
}
