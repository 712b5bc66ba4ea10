package exec

import (
	"context"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/replay"
	"github.com/pawlrun/pawl/llm"
)

// Limiter bounds the calls in flight of one model, over all runs of a process, by a
// fixed number and by what its provider takes. Its methods may be called concurrently.
type Limiter interface {
	Try() (Slot, bool)                      // takes a slot if one is to be had now and nobody waits
	Wait(ctx context.Context) (Slot, error) // takes a slot when those before have theirs, or returns ctx's error
	AnsweredSince(t time.Time) bool         // reports whether a call was answered at t or later
}

// Slot is a place among the calls in flight. It is called once, to give it back, with
// what came of the call.
type Slot func(Came)

// Came is what came of a call, as far as it says what the provider takes; the zero
// value: nothing, or it was not made.
type Came struct {
	Answered   bool
	Refused    bool          // for the rate of calls
	RetryAfter time.Duration // when Refused: how long the provider asks us to wait; 0: it does not say
}

// cameOf returns what a reply says of its call.
func cameOf(r replay.Reply) Came {
	switch {
	case r.Error == nil || r.Usage != nil:
		return Came{Answered: true}
	case r.Error.Kind == pawl.ErrorKind(llm.RateLimit):
		return Came{Refused: true, RetryAfter: r.RetryAfter}
	}
	return Came{}
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
