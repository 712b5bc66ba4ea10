package exec

import (
	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/host"
	"github.com/pawlrun/pawl/internal/replay"
	"github.com/pawlrun/pawl/journal"
)

// fork is an open scope and the branches in it.
type fork struct {
	host.Fork
	key    pawl.Key
	parent *branch
	next   int // the next branch to start
	alive  int
	errs   []error
	closed bool // as recorded
}

// openScope opens a scope.
func (r *Run) openScope(b *branch, pf host.Fork) {
	f := &fork{Fork: pf, key: r.keyOf(b, pf.Name, pf.Was), parent: b, errs: make([]error, pf.N)}
	rec := r.st.Steps[f.key]
	if rec == nil {
		r.batch.draft(pawl.EventScope, f.key, f.event(false))
	} else if err := replay.MatchFork(rec, f.Fork); err != nil {
		r.fail(err, "")
		return
	} else {
		f.closed = rec.Closed
	}
	if f.Limit <= 0 {
		f.Limit = f.N
	}
	r.startBranches(f)
}

// event says that the scope begins, or has ended.
func (f *fork) event(closed bool) journal.Scope {
	return journal.Scope{Step: journal.Step{Kind: f.Kind, Purpose: host.PurposeOf(f.Purpose, f.Name), Source: host.Place(f.Caller)}, N: f.N, ByID: f.IDs != nil, Closed: closed}
}

// startBranches starts branches up to the scope's limit, and closes the scope when all
// have ended.
func (r *Run) startBranches(f *fork) {
	for ; f.next < f.N && f.alive < f.Limit; f.next++ {
		f.alive++
		i := f.next
		b := &branch{run: r, fork: f, index: i, names: replay.In(replay.Branch(f.key, f.Fork, i)), try: f.Try || f.parent.try}
		r.spawn(b, func(b *branch) error { return f.Run(b, i) })
	}
	if f.alive > 0 {
		return
	}
	if !f.closed {
		r.batch.draft(pawl.EventScope, f.key, f.event(true))
	}
	r.batch.then(func() { r.withdraw(f.key) })
	w := wake{errs: f.errs}
	if err := replay.Joined(f.Fork, f.errs); err != nil {
		w = wake{err: err, unwind: true}
	}
	f.parent.next = w
	r.code.runnable = append(r.code.runnable, f.parent)
}

// branchEnded takes what a branch came to.
func (r *Run) branchEnded(b *branch, e end) {
	b.gone = true
	close(b.wake) // whoever else waits there ends
	delete(r.code.branches, b)
	if r.code.unwinding.Load() {
		return
	}
	if b.waits != nil && r.code.misuse.Load() == nil {
		r.fail(&pawl.Error{Kind: pawl.ErrFlow, Step: b.waits.key,
			Message: "the flow went on without this step's result, which a goroutine of its own had asked for",
			Hint:    "use Parallel or Map instead of go"}, "")
	}
	f := b.fork
	if f == nil {
		r.rootEnded(e)
		return
	}
	switch replay.FateOf(e.err, e.stack != "", b.try) {
	case replay.FailsRun:
		r.fail(replay.Failed(e.err, b.names.Scope(), e.stack != ""), e.stack)
		return
	case replay.EndsRun:
		r.endCode(replay.Ending{Rejected: e.err})
		return
	}
	r.batch.then(func() { r.withdraw(b.names.Scope()) })
	f.errs[b.index] = replay.Returned(e.err, b.names.Scope())
	f.alive--
	r.startBranches(f)
}

// note records a line, unless it is a replay's.
func (r *Run) note(b *branch, text string) {
	b.notes++
	if scope := b.names.Scope(); b.notes > r.st.Notes[scope] {
		r.batch.draft(pawl.EventNote, scope, journal.Note{Text: replay.CutText(text)})
	}
}
