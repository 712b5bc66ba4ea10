package local

import (
	"container/list"
	"context"
	"sync"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/replay"
)

// recall keeps the states that were folded last, so that whoever looks at a run
// again, or goes on with it, reads only what was added since. A history is never
// changed, hence neither is what it was folded to.
type recall struct {
	mu    sync.Mutex
	kept  list.List // of *replay.State, the oldest first
	byRun map[pawl.RunID]*list.Element
	bytes int // about what they take
}

const (
	// recallBytes bounds what is kept.
	recallBytes = 8 << 20

	// recallLast bounds the last state, which is kept alone if it is larger than
	// that: whoever looks at a long run and then goes on with it reads it once.
	recallLast = 64 << 20
)

func sizeOf(st *replay.State) int { return 4<<10 + st.Bytes + 1<<10*int(st.Seq) }

// take returns the state of a run, for the caller alone, or one of which nothing
// is known.
func (r *recall) take(id pawl.RunID) *replay.State {
	r.mu.Lock()
	defer r.mu.Unlock()
	if at := r.byRun[id]; at != nil {
		return r.drop(at)
	}
	return &replay.State{}
}

// put keeps a state, which the caller does not use any more.
func (r *recall) put(st *replay.State) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if at := r.byRun[st.Run]; at != nil {
		r.drop(at)
	}
	if r.byRun == nil {
		r.byRun = map[pawl.RunID]*list.Element{}
	}
	r.byRun[st.Run] = r.kept.PushBack(st)
	r.bytes += sizeOf(st)
	for r.bytes > recallBytes && r.kept.Len() > 1 || r.bytes > recallLast {
		r.drop(r.kept.Front())
	}
}

func (r *recall) drop(at *list.Element) *replay.State {
	st := r.kept.Remove(at).(*replay.State)
	delete(r.byRun, st.Run)
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
	if st.Seq == 0 {
		return nil, replay.Lost(id)
	}
	return st, nil
}
