package temporal_test

import (
	"encoding/json"
	"fmt"
	"runtime"
	"time"

	"go.temporal.io/sdk/workflow"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/host"
	"github.com/pawlrun/pawl/internal/replay"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/llm"
)

// branch is one branch of a run: a coroutine and its host.Host.
type branch struct {
	run    *run
	ctx    workflow.Context // of its coroutine
	names  replay.Names
	place  replay.Place
	try    bool        // a step that cannot finish ends the branch, not the run
	parked bool        // it waits inside a method
	ending bool        // its coroutine is being ended, and only runs deferred functions
	torn   bool        // by Temporal, which gives up the workflow's memory
	cause  *pawl.Error // why, if a step of it could not finish
}

// end is how a branch's coroutine ended.
type end struct {
	err      error
	panicked bool
}

// spawn starts a branch's coroutine. done is not called if Temporal ends it.
func (r *run) spawn(ctx workflow.Context, h *branch, fn func(*branch) error, done func(end)) {
	h.run = r
	workflow.GoNamed(ctx, "branch "+string(h.names.Scope()), func(ctx workflow.Context) {
		h.ctx = ctx
		var e end
		returned := false
		defer func() {
			p := recover()
			switch {
			case h.torn:
				return
			case p != nil:
				e = end{err: replay.Panicked(p), panicked: true}
			case returned:
			case h.cause != nil:
				e.err = h.cause
			default:
				e = end{panicked: true, err: &pawl.Error{Kind: pawl.ErrFlow, Message: "flow code ended its goroutine (runtime.Goexit, t.FailNow)", Hint: "mend the flow, then resume"}}
			}
			done(e)
		}()
		h.park(func() {}) // none begins after the run's end
		e.err = fn(h)
		returned = true
	})
}

// exit ends the branch's coroutine.
func (h *branch) exit(cause *pawl.Error) {
	h.ending, h.cause = true, cause
	runtime.Goexit()
}

// enter begins a method. In a coroutine that is being ended there is none.
func (h *branch) enter(what string) {
	if h.ending {
		runtime.Goexit()
	}
	if h.parked {
		h.run.fail(&pawl.Error{Kind: pawl.ErrFlow, Step: h.names.Scope(), Message: what + " was called on a Run whose branch is parked"})
		runtime.Goexit()
	}
}

// park waits. It notices when Temporal ends the coroutine meanwhile: whatever
// deferred functions ask of this Host must not wait again, since nobody would
// ever wake them. No flow code executes after the run's end.
func (h *branch) park(wait func()) {
	h.parked = true
	woke := false
	defer func() {
		h.parked = false
		switch p := recover(); {
		case p != nil: // Temporal lets no coroutine wait below a panic, recovered or not
			h.ending = true
			panic(&pawl.Error{Kind: pawl.ErrFlow, Message: fmt.Sprintf("the flow could not wait: %v", p), Hint: "return before the next step; a deferred function that handles a panic may take none"})
		case !woke:
			h.ending, h.torn = true, true
		}
	}()
	wait()
	if h.run.ending != nil {
		workflow.Await(h.ctx, func() bool { return false })
	}
	woke = true
}

// Step implements host.Host.
func (h *branch) Step(s host.Step) (value json.RawMessage, _ error) {
	h.enter(fmt.Sprintf("step %q", s.Name))
	if err := s.Check(); err != nil {
		panic(&pawl.Error{Kind: pawl.ErrFlow, Message: err.Error(), Err: err})
	}
	key := h.names.Renamed(s.Name, s.Was, func(k pawl.Key) bool { return h.run.st.Steps[k] != nil })
	var failure *pawl.Error
	h.park(func() { value, failure = h.finish(key, s) })
	switch {
	case failure == nil:
		return value, nil
	case s.Try:
		return nil, failure
	}
	h.exit(failure)
	return nil, nil
}

// finish makes attempts until the step has a result or its failure is one.
func (h *branch) finish(key pawl.Key, s host.Step) (json.RawMessage, *pawl.Error) {
	for {
		plan := replay.Next(s, h.run.history(key), replay.Chain{Models: h.run.st.Model().Chain(s)})
		switch plan.Action {
		case replay.Fail:
			failed := replay.FailedOf(plan.Err, key, s.Try || h.try)
			h.run.draft(pawl.EventFailed, key, failed)
			if failed.Final {
				return nil, h.run.st.Steps[key].Result.Failure
			}
			h.stand(key)
		case replay.Asked:
			h.run.draft(pawl.EventBlocker, key, plan.Blocker(key, s.Try || h.try))
			h.stand(key)
		case replay.Call:
			if d := plan.Delay(workflow.Now(h.ctx)); d > 0 {
				workflow.Sleep(h.ctx, d)
			}
			if h.run.ending != nil {
				return nil, nil // park sees to it
			}
			if at := h.attempt(key, s, plan); at.Outcome == pawl.OutcomeAccepted {
				return at.Value(), nil
			}
		}
		if h.run.ending != nil {
			return nil, nil
		}
	}
}

// stand waits until a person has lifted what stands in a step's way.
func (h *branch) stand(key pawl.Key) {
	h.standWhile(func() { workflow.Await(h.ctx, func() bool { return h.run.ending != nil || !h.run.st.Blocked(key) }) })
}

// standWhile gives the branch's place up while it waits, and then waits to have it back.
func (h *branch) standWhile(wait func()) {
	h.place.Stand()
	wait()
	h.place.Ask()
	workflow.Await(h.ctx, func() bool { return h.run.ending != nil || h.place.Works() })
}

// Wait implements host.Host.
func (h *branch) Wait(w host.Wait) (json.RawMessage, error) {
	h.enter(fmt.Sprintf("%s %q", w.Kind, w.Name))
	if err := w.Check(); err != nil {
		panic(&pawl.Error{Kind: pawl.ErrFlow, Message: err.Error(), Err: err})
	}
	key := h.names.Renamed(w.Name, w.Was, func(k pawl.Key) bool { return h.run.st.Steps[k] != nil })
	h.park(func() {
		head := journal.Step{Kind: w.Kind, Purpose: host.PurposeOf(w.Purpose, w.Name), Source: host.Place(w.Caller)}
		d := max(0, w.For)
		h.run.draft(pawl.EventTimer, key, journal.Timer{Step: &head, Until: pawl.At(workflow.Now(h.ctx).Add(d))})
		h.standWhile(func() {
			workflow.NewTimerWithOptions(h.ctx, d, workflow.TimerOptions{Summary: head.Purpose}).Get(h.ctx, nil)
			h.run.draft(pawl.EventTimer, key, journal.Timer{Fired: true})
		})
	})
	return h.run.st.Steps[key].Result.Value, nil
}

// Callback implements host.Host.
func (h *branch) Callback(_, _ string) string { panic(lacks("deliver")) }

// Fork implements host.Host.
func (h *branch) Fork(f host.Fork) []error {
	h.enter(fmt.Sprintf("%s %q", f.Kind, f.Name))
	if err := f.Check(); err != nil {
		panic(&pawl.Error{Kind: pawl.ErrFlow, Message: err.Error(), Err: err})
	}
	key := h.names.Renamed(f.Name, f.Was, func(k pawl.Key) bool { return h.run.st.Steps[k] != nil })
	head := journal.Step{Kind: f.Kind, Purpose: host.PurposeOf(f.Purpose, f.Name), Source: host.Place(f.Caller)}
	h.run.draft(pawl.EventScope, key, journal.Scope{Step: head, N: f.N, Yields: f.Kind == pawl.KindMap})
	if f.InOrder {
		f.Limit = 1
	}
	errs := make([]error, f.N)
	h.park(func() {
		scope := h.place.Open(f.N, f.Limit, f.InOrder, func(i int) *replay.Place {
			b := &branch{names: replay.In(replay.Branch(key, f, i)), try: f.Try || h.try}
			h.run.spawn(h.ctx, b, func(b *branch) error { return f.Run(b, i) }, func(e end) {
				errs[i] = replay.Returned(e.err, b.names.Scope())
				switch replay.FateOf(e.err, e.panicked, b.try) {
				case replay.FailsRun:
					h.run.fail(replay.Failed(e.err, b.names.Scope(), e.panicked))
				case replay.EndsRun:
					h.run.endCode(replay.Ending{Rejected: e.err})
				}
				b.place.End()
			})
			return &b.place
		})
		workflow.Await(h.ctx, scope.HasEnded)
		if h.run.ending == nil {
			h.run.draft(pawl.EventScope, key, journal.Scope{Step: head, N: f.N, Yields: f.Kind == pawl.KindMap, Closed: true})
		}
	})
	if err := replay.Joined(f, errs); err != nil {
		h.exit(err)
	}
	return errs
}

// Note implements host.Host.
func (h *branch) Note(text string) {
	h.enter("Note")
	h.run.draft(pawl.EventNote, h.names.Scope(), journal.Note{Text: text})
}

// Now implements host.Host.
func (h *branch) Now() time.Time {
	h.enter("Now")
	return workflow.Now(h.ctx)
}

// Info implements host.Host.
func (h *branch) Info() host.Info {
	return host.Info{Run: string(h.run.st.Run), Flow: h.run.st.Created.Flow, Who: h.run.st.Created.Who, Scope: string(h.names.Scope()), Seed: h.run.st.Created.Seed}
}

var _ host.Host = (*branch)(nil)

// request is an ask as an activity's input.
type request struct {
	Run, Key, Model, SchemaName string
	Gates                       []string
	Messages                    []llm.Message
	Schema                      json.RawMessage `json:",omitempty"` // nil would come back as null
	MaxTokens, Number           int
	Timeout                     time.Duration
	Digest                      string // comes back with the reply: a replay does not see inputs
}
