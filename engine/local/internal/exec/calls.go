package exec

import (
	"context"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/llm"
)

// Limiter bounds the calls in flight of one model, over all runs of a process, and
// holds them all back for a while when the provider says so. Its methods may be
// called concurrently.
type Limiter interface {
	Try() bool                      // takes a slot if one is to be had now
	Wait(ctx context.Context) error // takes a slot, or returns ctx's error
	Release()                       // gives a slot back
	Slow(until time.Time)           // holds back what has not begun
}

// gate says whether calls may leave.
type gate int

const (
	gateOpen   gate = iota
	gateClosed      // the engine closes: none begins, those in flight end
	gateCut         // those in flight were given up
)

// calls are a run's attempts under way: calls of models and of the code of do steps.
type calls struct {
	ctx      context.Context
	cancel   func()
	gate     gate
	inFlight int
	pending  int                    // attempts that wait for their time or a slot
	refused  map[string]*pawl.Error // by provider: after an auth or quota failure it is asked no more
}

func newCalls(ctx context.Context) calls {
	ctx, cancel := context.WithCancel(ctx)
	return calls{ctx: ctx, cancel: cancel, refused: map[string]*pawl.Error{}}
}

// refusal returns why the provider that a step asks refuses the account; nil: it does
// not, as far as is known, or the step asks none.
func (r *Run) refusal(s pawl.Step) *pawl.Error {
	if s.Ask == nil {
		return nil
	}
	provider, _ := llm.Split(r.st.Model().For(s))
	return r.calls.refused[provider]
}

// CloseGate has the run begin no more calls. It may be called at any time.
func (r *Run) CloseGate() {
	r.mailbox.put(func() { r.calls.gate = max(r.calls.gate, gateClosed) })
}

// CutCalls has the run give up the calls in flight. It may be called at any time.
func (r *Run) CutCalls() {
	r.mailbox.put(func() {
		r.calls.gate = gateCut
		r.calls.cancel()
	})
}
