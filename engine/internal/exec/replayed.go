package exec

import (
	"encoding/json"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/host"
)

// replayed returns a step's recorded result if the branch may have it at once. It
// keeps the turn then: to give it back and get it again for every step is most of
// what the replay of a long history would take.
func (b *branch) replayed(s host.Step) (json.RawMessage, bool) {
	b.taking.Lock()
	defer b.taking.Unlock()
	if !b.active.CompareAndSwap(true, false) {
		return nil, false // giveBack will say what is wrong
	}
	defer b.active.Store(true)
	return b.run.replayed(b, s)
}

// replayed does for a branch that executes what askStep and takeTurn would do,
// if they would hand it a recorded value next, and is all in order. Otherwise it
// reports false and has changed nothing.
func (r *Run) replayed(b *branch, s host.Step) (json.RawMessage, bool) {
	key := b.names.Peek(s.Name)
	rec := r.st.Steps[key]
	if rec == nil || rec.Result == nil || rec.Result.Failure != nil || rec.Head.Kind != s.Kind() ||
		len(r.code.runnable) > 0 || r.isStopped() || r.st.Blocked(key) || !r.code.script.Due(key) {
		return nil, false
	}
	if _, same := r.st.IsSame(rec, s); !same {
		return nil, false
	}
	b.names.Next(s.Name)
	t, _ := r.code.script.Next(func(pawl.Key) bool { return true })
	r.moveClock(*t.Result)
	r.code.slow.Reset(slowCode) // it has come to a step
	return t.Result.Value, true
}
