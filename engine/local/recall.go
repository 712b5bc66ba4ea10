package local

import (
	"context"
	"slices"
	"sync"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/replay"
)

// recall keeps the states that were folded last, so that whoever looks at a run
// again, or goes on with it, reads only what was added since. A history is never
// changed, hence neither is what it was folded to.
type recall struct {
	mu    sync.Mutex
	kept  []*replay.State // the oldest first
	bytes int             // about what they take
}

// recallBytes bounds what is kept.
const recallBytes = 16 << 20

func sizeOf(st *replay.State) int { return st.Bytes + 1024*int(st.Seq) }

// take returns the state of a run, for the caller alone, or one of which nothing
// is known.
func (r *recall) take(id pawl.RunID) *replay.State {
	r.mu.Lock()
	defer r.mu.Unlock()
	if i := r.index(id); i >= 0 {
		return r.drop(i)
	}
	return &replay.State{}
}

func (r *recall) index(id pawl.RunID) int {
	return slices.IndexFunc(r.kept, func(st *replay.State) bool { return st.Run == id })
}

// put keeps a state, which the caller does not use any more.
func (r *recall) put(st *replay.State) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if i := r.index(st.Run); i >= 0 {
		r.drop(i)
	}
	r.kept = append(r.kept, st)
	r.bytes += sizeOf(st)
	for r.bytes > recallBytes {
		r.drop(0)
	}
}

func (r *recall) drop(i int) *replay.State {
	st := r.kept[i]
	r.kept = slices.Delete(r.kept, i, i+1)
	r.bytes -= sizeOf(st)
	return st
}

// fold returns the state of a run as the journal has it. Whoever does not need it
// any more gives it back with e.recall.put.
func (e *Engine) fold(ctx context.Context, id pawl.RunID) (*replay.State, error) {
	st := e.recall.take(id)
	events, err := e.journal.Read(ctx, id, st.Seq, 0)
	if err != nil {
		return nil, pawl.AsError(err, pawl.ErrStorage)
	}
	for _, ev := range events {
		if err := st.Apply(ev); err != nil {
			return nil, pawl.AsError(err, pawl.ErrDatabase)
		}
	}
	return st, nil
}
