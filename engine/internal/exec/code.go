package exec

import (
	"sync/atomic"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/limits"
	"github.com/pawlrun/pawl/internal/replay"
)

// code is a run's flow code. It executes on the goroutines of its branches, but
// only one of them at a time: the one that has the turn. A branch gives the turn
// back with what it asks for, and then waits for a result.
type code struct {
	flow   pawl.Flow
	wanted bool       // it is to execute
	turn   chan yield // from the branch that has the turn, when it gives it back
	slow   *time.Timer

	branches map[*branch]bool      // whose goroutine has not ended
	runnable []*branch             // that have something to wake up to
	waiting  map[pawl.Key]*waiting // the others, by what they wait for

	script replay.Script
	now    pawl.Time // of the last event that it has seen

	ending *replay.Ending // what it came to; nil: it may go on
	output []byte         // of the flow's own branch
	reason string         // why that is not approved

	// These two are also touched by goroutines that do not have the turn.
	misuse    atomic.Pointer[end]
	unwinding atomic.Bool // branches are being ended for good
}

// slowCode is how long flow code may have the turn before that is logged.
const slowCode = 10 * time.Second

func (c *code) init(f pawl.Flow, recorded []replay.Turn) {
	c.flow, c.turn, c.slow = f, make(chan yield), time.NewTimer(slowCode)
	c.slow.Stop()
	c.branches, c.waiting = map[*branch]bool{}, map[pawl.Key]*waiting{}
	c.script.Add(recorded...)
}

// startCode begins the flow's own branch.
func (r *Run) startCode() {
	r.code.now = r.st.CreatedAt()
	b := &branch{run: r}
	b.place.GoOn = func() { r.goOn(b) }
	r.spawn(b, func(b *branch) error {
		out, err := r.code.flow.Invoke(b, r.st.Created.Input)
		if r.code.output = out; err == nil {
			r.code.reason = replay.NotApproved(r.code.flow, out)
		}
		return err
	})
}

// executeCode lets flow code execute until every branch waits and no result is due.
func (r *Run) executeCode() {
	for {
		if r.isStopped() {
			r.code.runnable = nil
			return
		}
		if len(r.code.runnable) > 0 {
			b := r.code.runnable[0]
			r.code.runnable = r.code.runnable[1:]
			r.giveTurn(b)
		} else if !r.takeTurn() && !r.takeOver() {
			return
		}
	}
}

// giveTurn lets a branch execute until it waits or ends. One that is to end and
// does not in time is left behind.
func (r *Run) giveTurn(b *branch) {
	if b.gone {
		return
	}
	b.active.Store(true)
	r.code.slow.Reset(slowCode)
	defer r.code.slow.Stop()
	wake := b.wake
	for {
		select {
		case wake <- b.next:
			wake = nil // it executes now
		case y := <-r.code.turn:
			r.yielded(y)
			if y.branch == b {
				return
			}
		case <-r.code.slow.C:
			r.deps.Log.Warn("flow code runs for long outside a step", "run", r.id, "for", slowCode, "stack", codeStack())
			if r.code.unwinding.Load() {
				b.gone = true // it will not end; the run does
				return
			}
		}
	}
}

// yielded does what a branch asks for.
func (r *Run) yielded(y yield) {
	switch {
	case y.end != nil:
		r.branchEnded(y.branch, *y.end)
	case y.step != nil:
		r.askStep(y.branch, *y.step)
	case y.wait != nil:
		r.askWait(y.branch, *y.wait)
	case y.fork != nil:
		r.openScope(y.branch, *y.fork)
	}
}

// takeTurn hands the next result to the branch that waits for it, or has it stand or
// go on. A run that has failed takes no more: they are for its next execution.
func (r *Run) takeTurn() bool {
	if r.isStopped() {
		return false
	}
	t, ok := r.code.script.Next(func(k pawl.Key) bool { return r.code.waiting[k] != nil })
	if !ok {
		return false
	}
	w := r.code.waiting[t.Key]
	if t.Stands {
		w.branch.place.Stand()
		return true
	}
	if t.Result != nil {
		w.stop()
		delete(r.code.waiting, t.Key)
		r.wakeWith(w, *t.Result)
	}
	w.branch.place.Ask()
	return true
}

// goOn lets a branch that has its place go on: with its result, or with its step.
func (r *Run) goOn(b *branch) {
	switch w := b.waits; {
	case w == nil:
		r.code.runnable = append(r.code.runnable, b)
	case w.wait == nil:
		r.begin(w)
	}
}

// wait leaves a branch waiting for what its step comes to. One that came to stand
// before it was asked for stands.
func (r *Run) wait(w *waiting) {
	r.code.waiting[w.key] = w
	if r.code.script.Stands(w.key) {
		w.branch.place.Stand()
	}
}

// wakeWith makes a result what the branch wakes up to.
func (r *Run) wakeWith(w *waiting, res replay.Result) {
	r.moveClock(res)
	next := wake{value: res.Value}
	if w.filled != nil {
		next.value = w.filled
	}
	if res.Failure != nil {
		next = wake{err: res.Failure, unwind: !w.step.Try}
	}
	w.branch.next, w.branch.waits = next, nil
}

// moveClock moves the flow's clock to a result that its code sees.
func (r *Run) moveClock(res replay.Result) {
	if res.At.After(r.code.now.Time) {
		r.code.now = res.At
	}
}

// fail ends the run's flow code: what is in flight comes to its end, nothing new
// begins.
func (r *Run) fail(err *pawl.Error, stack string) {
	r.endCode(replay.Ending{Failure: err, Stack: stack})
}

// endCode takes in how flow code ended.
func (r *Run) endCode(e replay.Ending) {
	if e.Outranks(r.code.ending) {
		r.code.ending = &e
	}
}

// rootEnded takes what the flow's own branch came to.
func (r *Run) rootEnded(e end) {
	switch {
	case e.err == nil && len(r.code.output) > limits.EntryBytes:
		r.fail(tooLong("the flow's output", len(r.code.output)), "")
	case e.err == nil:
		r.endCode(replay.Ending{Output: r.code.output, Reason: r.code.reason})
	case replay.FateOf(e.err, false, false) == replay.EndsRun:
		r.endCode(replay.Ending{Rejected: e.err})
	default:
		r.fail(replay.Failed(e.err, "", e.stack != ""), e.stack)
	}
}

// unwind ends every branch that is left, one at a time, so that deferred functions
// run.
func (r *Run) unwind() {
	r.code.unwinding.Store(true)
	for b := range r.code.branches {
		b.next = wake{unwind: true}
		r.giveTurn(b)
	}
}
