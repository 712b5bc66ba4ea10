package exec

import (
	"fmt"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/host"
	"github.com/pawlrun/pawl/internal/limits"
	"github.com/pawlrun/pawl/internal/replay"
	"github.com/pawlrun/pawl/journal"
)

// fork is an open scope and the branches in it.
type fork struct {
	host.Fork
	key    pawl.Key
	parent *branch
	places *replay.Scope
	yields bool // a branch that stands gives its place up
	errs   []error
	closed bool // as recorded
}

// openScope opens a scope. In one that was opened by a program which did not mark it
// so, branches that stand keep their places, as they did there.
func (r *Run) openScope(b *branch, pf host.Fork) {
	f := &fork{Fork: pf, key: r.keyOf(b, pf.Name, pf.Was), parent: b, yields: pf.Kind == pawl.KindMap, errs: make([]error, pf.N)}
	rec := r.st.Steps[f.key]
	if rec == nil && len(f.key) > limits.KeyBytes {
		r.fail(&pawl.Error{Kind: pawl.ErrFlow, Message: fmt.Sprintf("scopes are nested too deep: the key of %q takes %d bytes, at most %d are kept", f.Name, len(f.key), limits.KeyBytes),
			Hint: "does a flow call itself without end?"}, "")
		return
	}
	if rec == nil {
		r.batch.draft(pawl.EventScope, f.key, f.event(false))
		r.tellOpened(f)
	} else if err := replay.MatchFork(rec, f.Fork); err != nil {
		r.fail(err, "")
		return
	} else {
		f.closed, f.yields = rec.Closed, rec.Yields
	}
	limit := f.Limit
	if f.InOrder {
		limit = 1
	}
	f.places = b.place.Open(f.N, limit, f.InOrder || !f.yields, func(i int) *replay.Place { return r.startBranch(f, i) })
	r.closeEnded(f)
}

// event says that the scope begins, or has ended.
func (f *fork) event(closed bool) journal.Scope {
	return journal.Scope{Step: journal.Step{Kind: f.Kind, Purpose: host.PurposeOf(f.Purpose, f.Name), Source: host.Place(f.Caller)}, N: f.N, ByID: f.IDs != nil, Yields: f.yields, Closed: closed}
}

// startBranch starts a branch of the scope and returns its place.
func (r *Run) startBranch(f *fork, i int) *replay.Place {
	b := &branch{run: r, fork: f, index: i, names: replay.In(replay.Branch(f.key, f.Fork, i)), try: f.Try || f.parent.try}
	b.place.GoOn = func() { r.goOn(b) }
	r.spawn(b, func(b *branch) error { return f.Run(b, i) })
	return &b.place
}

// closeEnded closes the scope if all its branches have ended.
func (r *Run) closeEnded(f *fork) {
	if !f.places.HasEnded() {
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
	b.place.End()
	r.closeEnded(f)
}

// note records a line, unless it is a replay's.
func (r *Run) note(b *branch, text string) {
	b.notes++
	if scope := b.names.Scope(); b.notes > r.st.Notes[scope] {
		r.batch.draft(pawl.EventNote, scope, journal.Note{Text: replay.CutText(text)})
	}
}
