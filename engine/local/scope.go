package local

import (
	"fmt"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/replay"
	"github.com/pawlrun/pawl/journal"
)

// fork is an open scope and the branches in it.
type fork struct {
	pawl.Fork
	key    pawl.Key
	parent *branch
	next   int // the next branch to start
	alive  int
	errs   []error
	closed bool // as recorded
}

// forked opens a scope.
func (a *activation) forked(b *branch, pf pawl.Fork) {
	f := &fork{Fork: pf, key: b.names.Next(pf.Name), parent: b, errs: make([]error, pf.N)}
	rec := a.st.Steps[f.key]
	if rec != nil && rec.Head.Kind != f.Kind {
		a.mismatch(f.key, rec.Head.Kind, f.Kind)
		return
	}
	if rec == nil {
		a.draft(pawl.EventScope, f.key, journal.Scope{Step: f.head(), N: f.N})
	} else {
		f.closed = rec.Closed
	}
	if f.Limit <= 0 {
		f.Limit = f.N
	}
	a.fill(f)
}

func (f *fork) head() journal.Step {
	return journal.Step{Kind: f.Kind, Purpose: pawl.PurposeOf(f.Purpose, f.Name)}
}

// fill starts branches up to the scope's limit, and closes the scope when all
// have ended.
func (a *activation) fill(f *fork) {
	for ; f.next < f.N && f.alive < f.Limit; f.next++ {
		f.alive++
		i := f.next
		b := &branch{a: a, fork: f, index: i, names: replay.In(replay.Branch(f.key, f.Fork, i)), try: f.Try || f.parent.try}
		a.spawn(b, func(b *branch) error { return f.Run(b, i) })
	}
	if f.alive > 0 {
		return
	}
	if !f.closed {
		a.draft(pawl.EventScope, f.key, journal.Scope{Step: f.head(), N: f.N, Closed: true})
	}
	w := wake{errs: f.errs}
	if err := replay.Joined(f.Fork, f.errs); err != nil {
		w = wake{err: err, unwind: true}
	}
	f.parent.next = w
	a.runnable = append(a.runnable, f.parent)
}

// branchEnded takes what a branch came to.
func (a *activation) branchEnded(b *branch, e end) {
	b.gone = true
	close(b.wake) // whoever else waits there ends
	delete(a.branches, b)
	if a.unwinding.Load() {
		return
	}
	if b.waits != nil && a.misuse.Load() == nil {
		a.fail(&pawl.Error{Kind: pawl.ErrFlow, Step: b.waits.key,
			Message: fmt.Sprintf("the flow went on without the result of step %q, which a goroutine of its own had asked for", b.waits.key),
			Hint:    "use Parallel or Map instead of go"}, "")
	}
	f := b.fork
	if f == nil {
		a.rootEnded(e)
		return
	}
	switch replay.FateOf(e.err, e.stack != "", b.try) {
	case replay.FailsRun:
		a.fail(pawl.AsError(e.err, pawl.ErrFlow), e.stack)
		return
	case replay.EndsRun:
		a.ended, a.reject = true, e.err
		return
	}
	f.errs[b.index] = replay.Returned(e.err)
	f.alive--
	a.fill(f)
}

// mismatch stops the run: what is recorded under a key does not fit the code.
func (a *activation) mismatch(key pawl.Key, recorded, asked pawl.Kind) {
	a.fail(&pawl.Error{Kind: pawl.ErrMismatch, Step: key,
		Message: fmt.Sprintf("the journal no longer fits the code: step %q is recorded as %s, the flow now asks for %s", key, recorded, asked),
		Hint:    "give the new step another name, or undo the change and resume, or start a new run"}, "")
}

// noted records a line, unless it is a replay's.
func (a *activation) noted(b *branch, text string) {
	b.notes++
	if scope := b.names.Scope(); b.notes > a.st.Notes[scope] {
		a.draft(pawl.EventNote, scope, journal.Note{Text: cutText(text)})
	}
}

// unwind ends every branch that is left, one at a time, so that deferred
// functions run.
func (a *activation) unwind() {
	a.unwinding.Store(true)
	for b := range a.branches {
		b.next = wake{unwind: true}
		a.resume(b)
	}
}
