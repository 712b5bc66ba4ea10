package local

import (
	"encoding/json"

	"github.com/pawlrun/pawl"
)

// replayed returns a step's recorded result if the branch may have it at once. It
// keeps the token then: to hand it over and back for every step is most of what
// the replay of a long history would take.
func (b *branch) replayed(s pawl.Step) (json.RawMessage, bool) {
	b.taking.Lock()
	defer b.taking.Unlock()
	if !b.active.CompareAndSwap(true, false) {
		return nil, false // enter will say what is wrong
	}
	defer b.active.Store(true)
	return b.a.replayed(b, s)
}

// replayed does for a branch that executes what asked and deliver would do, if they
// would hand it a recorded value next, and is all in order. Otherwise it reports
// false and has changed nothing.
func (a *activation) replayed(b *branch, s pawl.Step) (json.RawMessage, bool) {
	key := b.names.Peek(s.Name)
	rec := a.st.Steps[key]
	if rec == nil || rec.Result == nil || rec.Result.Failure != nil || rec.Head.Kind != s.Kind() ||
		len(a.runnable) > 0 || a.stopped() || !a.script.Due(key) {
		return nil, false
	}
	if _, fits := a.digest(&parking{step: s}, rec.Head.Digest); !fits {
		return nil, false
	}
	b.names.Next(s.Name)
	r, _ := a.script.Next(func(pawl.Key) bool { return true })
	a.seen(r)
	a.slow.Reset(slowFlow) // it has come to a step
	return r.Value, true
}
