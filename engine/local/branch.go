package local

import (
	"encoding/json"
	"fmt"
	"runtime"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/replay"
)

// branch is one branch of a run: a goroutine and its pawl.Host. It executes
// only between wakeUp and its next yield.
type branch struct {
	a      *activation
	names  replay.Names
	fork   *fork // nil for the flow's own
	index  int   // in fork
	try    bool  // a step that cannot finish ends the branch, not the run
	notes  int
	waits  *parking // the step whose result it waits for
	wake   chan wake
	next   wake // what it wakes up to
	active atomic.Bool
	taking sync.Mutex  // held while it takes a result without parking
	ending bool        // its goroutine is being ended, and only runs deferred functions
	cause  *pawl.Error // why, if a step of it could not finish
	gone   bool        // the goroutine has ended, or is not waited for any more
}

// wake is what a parked branch goes on with.
type wake struct {
	value  json.RawMessage
	errs   []error     // of a fork
	err    *pawl.Error // of a step with Try, or why the branch unwinds
	unwind bool
}

// yield is why a branch gives up the token.
type yield struct {
	branch *branch
	step   *pawl.Step
	wait   *pawl.Wait
	fork   *pawl.Fork
	end    *end
}

// end is how a branch's goroutine ended.
type end struct {
	err   error
	stack string // of a panic
}

// spawn starts a branch's goroutine, parked before its first line.
func (a *activation) spawn(b *branch, fn func(*branch) error) {
	b.wake = make(chan wake)
	a.branches[b] = true
	a.runnable = append(a.runnable, b)
	go func() {
		var e end
		returned := false
		defer func() {
			if p := recover(); p != nil {
				e.err, e.stack = replay.Panicked(p), string(debug.Stack())
			} else if !returned {
				e = b.exited()
			}
			b.taking.Lock() // a goroutine of the flow's own may be at it
			b.active.Store(false)
			b.taking.Unlock()
			select {
			case a.yield <- yield{branch: b, end: &e}:
			case <-a.over:
			}
		}()
		if w := <-b.wake; w.unwind {
			b.exit(w)
		}
		e.err = fn(b)
		returned = true
	}()
}

// exited says why the goroutine ended without return or panic.
func (b *branch) exited() end {
	if m := b.a.misuse.Load(); m != nil {
		return *m
	}
	switch {
	case b.cause != nil:
		return end{err: b.cause}
	case b.ending:
		return end{}
	}
	return end{err: &pawl.Error{Kind: pawl.ErrFlow, Message: "flow code ended its goroutine (runtime.Goexit, t.FailNow)"}}
}

// park gives up the token with what the branch wants and returns what it gets.
func (b *branch) park(y yield) wake {
	y.branch = b
	select {
	case b.a.yield <- y:
	case <-b.a.over: // a goroutine that was left behind
		runtime.Goexit()
	}
	w, ok := <-b.wake
	if !ok {
		runtime.Goexit()
	}
	if w.unwind {
		b.exit(w)
	}
	return w
}

// exit ends the branch's goroutine.
func (b *branch) exit(w wake) {
	b.ending, b.cause = true, w.err
	runtime.Goexit()
}

// enter makes sure that the caller, who is about to do what with name, holds the
// token of this branch, and takes it.
func (b *branch) enter(what, name string) {
	b.held(what, name)
	if !b.active.CompareAndSwap(true, false) {
		b.misused(what, name)
	}
}

// held makes sure that the caller holds the token of this branch.
func (b *branch) held(what, name string) {
	if b.a.unwinding.Load() || b.active.Load() && b.ending {
		runtime.Goexit() // a deferred call of a branch that is being ended
	}
	if !b.active.Load() {
		b.misused(what, name)
	}
}

// misused fails the run and ends the goroutine that used a branch that was not
// its own.
func (b *branch) misused(what, name string) {
	if name != "" {
		what = fmt.Sprintf("%s %q", what, name)
	}
	err := &pawl.Error{Kind: pawl.ErrFlow, Step: b.names.Scope(),
		Message: fmt.Sprintf("%s was called on a Run whose branch is parked: from a goroutine that the flow started, or inside a branch on the Run around it", what),
		Hint:    "use the Run that the branch was given, on its own goroutine"}
	e := end{err: err, stack: string(debug.Stack())}
	b.a.misuse.CompareAndSwap(nil, &e)
	b.a.inbox.put(func() { b.a.fail(err, e.stack) })
	runtime.Goexit()
}

// Step implements pawl.Host.
func (b *branch) Step(s pawl.Step) (json.RawMessage, error) {
	b.held("step", s.Name)
	if err := s.Check(); err != nil {
		panic(&pawl.Error{Kind: pawl.ErrFlow, Message: err.Error(), Err: err})
	}
	if value, ok := b.replayed(s); ok {
		return value, nil
	}
	b.enter("step", s.Name)
	w := b.park(yield{step: &s})
	if w.err != nil {
		return nil, w.err
	}
	return w.value, nil
}

// Wait implements pawl.Host.
func (b *branch) Wait(w pawl.Wait) json.RawMessage {
	b.enter(string(w.Kind), w.Name)
	if err := w.Check(); err != nil {
		b.active.Store(true)
		panic(&pawl.Error{Kind: pawl.ErrFlow, Message: err.Error(), Err: err})
	}
	return b.park(yield{wait: &w}).value
}

// Fork implements pawl.Host.
func (b *branch) Fork(f pawl.Fork) []error {
	b.enter(string(f.Kind), f.Name)
	if err := f.Check(); err != nil {
		b.active.Store(true)
		panic(&pawl.Error{Kind: pawl.ErrFlow, Message: err.Error(), Err: err})
	}
	return b.park(yield{fork: &f}).errs
}

// Note implements pawl.Host.
func (b *branch) Note(text string) {
	b.held("Note", "")
	b.a.noted(b, text)
}

// Now implements pawl.Host.
func (b *branch) Now() time.Time {
	b.held("Now", "")
	return b.a.now.Time
}

// Info implements pawl.Host.
func (b *branch) Info() pawl.Info {
	return pawl.Info{Run: b.a.id, Flow: b.a.flow.Name(), Scope: b.names.Scope(), Seed: b.a.st.Created.Seed}
}
