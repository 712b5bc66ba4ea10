package exec

import (
	"encoding/json"
	"fmt"
	"runtime"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/host"
	"github.com/pawlrun/pawl/internal/replay"
	"github.com/pawlrun/pawl/journal"
)

// branch is one branch of a run: a goroutine and its host.Host. It executes only
// while it has the turn.
type branch struct {
	run    *Run
	names  replay.Names
	fork   *fork // nil for the flow's own
	index  int   // in fork
	try    bool  // a step that cannot finish ends the branch, not the run
	notes  int
	place  replay.Place
	waits  *waiting // for whose result it has given the turn back
	wake   chan wake
	next   wake // what it wakes up to, when it waits for nothing
	active atomic.Bool
	taking sync.Mutex  // held while it takes a result without giving the turn back
	ending bool        // its goroutine is being ended, and only runs deferred functions
	cause  *pawl.Error // why, if a step of it could not finish
	gone   bool        // the goroutine has ended, or is not waited for any more
}

var _ host.Host = (*branch)(nil)

// wake is what a waiting branch goes on with.
type wake struct {
	value  json.RawMessage
	errs   []error     // of a fork
	err    *pawl.Error // of a step with Try, or why the branch unwinds
	unwind bool
}

func (w wake) result() (json.RawMessage, error) {
	if w.err != nil {
		return nil, w.err
	}
	return w.value, nil
}

// yield is why a branch gives the turn back.
type yield struct {
	branch *branch
	step   *host.Step
	wait   *host.Wait
	fork   *host.Fork
	end    *end
}

// end is how a branch's goroutine ended.
type end struct {
	err   error
	stack string // of a panic
}

// spawn starts a branch's goroutine, which waits for the turn before its first line.
func (r *Run) spawn(b *branch, fn func(*branch) error) {
	b.wake = make(chan wake)
	r.code.branches[b] = true
	r.code.runnable = append(r.code.runnable, b)
	go func() {
		var e end
		returned := false
		defer func() {
			if p := recover(); p != nil {
				e.err, e.stack = replay.Panicked(p), r.stack(debug.Stack())
			} else if !returned {
				e = b.exited()
			}
			b.taking.Lock() // a goroutine of the flow's own may be at it
			b.active.Store(false)
			b.taking.Unlock()
			select {
			case r.code.turn <- yield{branch: b, end: &e}:
			case <-r.done:
			}
		}()
		if w := <-b.wake; w.unwind {
			b.exit(w)
		}
		e.err, _ = host.Sound(fn(b))
		returned = true
	}()
}

// exited says why the goroutine ended without return or panic.
func (b *branch) exited() end {
	if m := b.run.code.misuse.Load(); m != nil {
		return *m
	}
	switch {
	case b.cause != nil:
		return end{err: b.cause}
	case b.ending:
		return end{}
	}
	return end{err: &pawl.Error{Kind: pawl.ErrFlow, Message: "flow code ended its goroutine (runtime.Goexit, t.FailNow)", Hint: "mend the flow, then resume"}}
}

// await gives the turn back with what the branch asks for, and returns what it gets.
func (b *branch) await(y yield) wake {
	y.branch = b
	select {
	case b.run.code.turn <- y:
	case <-b.run.done: // a goroutine that was left behind
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

// giveBack makes sure that the caller, who is about to do what with name, has this
// branch's turn, and takes it away.
func (b *branch) giveBack(what, name string) {
	b.checkTurn(what, name)
	if !b.active.CompareAndSwap(true, false) {
		b.failMisuse(what, name)
	}
}

// checkTurn makes sure that the caller has this branch's turn.
func (b *branch) checkTurn(what, name string) {
	if b.run.code.unwinding.Load() || b.active.Load() && b.ending {
		runtime.Goexit() // a deferred call of a branch that is being ended
	}
	if !b.active.Load() {
		b.failMisuse(what, name)
	}
}

// must panics with what is wrong with what flow code asks for.
func must(wrong error) {
	if wrong != nil {
		panic(&pawl.Error{Kind: pawl.ErrFlow, Message: wrong.Error(), Err: wrong})
	}
}

// failMisuse fails the run and ends the goroutine that used a branch that was not
// its own.
func (b *branch) failMisuse(what, name string) {
	if name != "" {
		what = fmt.Sprintf("%s %q", what, name)
	}
	err := &pawl.Error{Kind: pawl.ErrFlow, Step: b.names.Scope(),
		Message: fmt.Sprintf("%s was called on a Run whose branch is parked: from a goroutine that the flow started, or inside a branch on the Run around it", what),
		Hint:    "use the Run that the branch was given, on its own goroutine"}
	e := end{err: err, stack: b.run.stack(debug.Stack())}
	b.run.code.misuse.CompareAndSwap(nil, &e)
	b.run.mailbox.put(func() { b.run.fail(err, e.stack) })
	runtime.Goexit()
}

func (b *branch) Step(s host.Step) (json.RawMessage, error) {
	b.checkTurn("step", s.Name)
	must(s.Check())
	if value, ok := b.replayed(s); ok {
		return value, nil
	}
	b.giveBack("step", s.Name)
	return b.await(yield{step: &s}).result()
}

func (b *branch) Wait(w host.Wait) (json.RawMessage, error) {
	b.checkTurn(string(w.Kind), w.Name)
	must(w.Check())
	b.giveBack(string(w.Kind), w.Name)
	return b.await(yield{wait: &w}).result()
}

func (b *branch) Callback(name, was string) string {
	b.checkTurn("Callback", name)
	if err := host.CheckName(name); err != nil {
		panic(&pawl.Error{Kind: pawl.ErrFlow, Message: fmt.Sprintf("Callback: %v", err), Err: err})
	}
	secret, err := b.run.st.Created.CallbackSecret(b.run.ctx, b.run.deps.Journal)
	if err != nil {
		panic(pawl.AsError(err, pawl.ErrStorage))
	}
	if secret == "" {
		panic(&pawl.Error{Kind: pawl.ErrFlow, Message: "this run has no callbacks: an older program began it", Hint: "start a new run, or answer the step with its key"})
	}
	return journal.Callback{Run: b.run.id, Key: b.names.PeekRenamed(name, was, b.run.knows()...)}.Address(secret)
}

func (b *branch) Fork(f host.Fork) []error {
	b.checkTurn(string(f.Kind), f.Name)
	must(f.Check())
	b.giveBack(string(f.Kind), f.Name)
	return b.await(yield{fork: &f}).errs
}

func (b *branch) Note(text string) {
	b.checkTurn("Note", "")
	b.run.note(b, text)
}

func (b *branch) Now() time.Time {
	b.checkTurn("Now", "")
	return b.run.code.now.Time
}

func (b *branch) Info() host.Info {
	return host.Info{Run: string(b.run.id), Flow: b.run.code.flow.Name(), Who: b.run.st.Created.Who, Scope: string(b.names.Scope()), Seed: b.run.st.Created.Seed}
}
