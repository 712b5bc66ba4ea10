package local

import (
	"container/list"
	"context"
	"fmt"
	"iter"
	"sync"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/replay"
	"github.com/pawlrun/pawl/journal"
)

// stateCache keeps the states that were folded last, so that whoever looks at a run
// again, or goes on with it, reads only what was added since. A history is never
// changed, hence neither is what it was folded to.
type stateCache struct {
	mu    sync.Mutex
	kept  list.List // of *replay.State, the oldest first
	byRun map[pawl.RunID]*list.Element
	bytes int // about what they take
}

const (
	// cacheBytes bounds what is kept.
	cacheBytes = 8 << 20

	// cacheLast bounds the last state, which is kept alone if it is larger than
	// that: whoever looks at a long run and then goes on with it reads it once.
	cacheLast = 64 << 20
)

func sizeOf(st *replay.State) int { return 4<<10 + st.Bytes + 1<<10*int(st.Seq) }

// take returns the state of a run, for the caller alone, or one of which nothing
// is known.
func (c *stateCache) take(id pawl.RunID) *replay.State {
	c.mu.Lock()
	defer c.mu.Unlock()
	if at := c.byRun[id]; at != nil {
		return c.drop(at)
	}
	return &replay.State{}
}

// put keeps a state, which the caller does not use any more.
func (c *stateCache) put(st *replay.State) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if at := c.byRun[st.Run]; at != nil {
		c.drop(at)
	}
	if c.byRun == nil {
		c.byRun = map[pawl.RunID]*list.Element{}
	}
	c.byRun[st.Run] = c.kept.PushBack(st)
	c.bytes += sizeOf(st)
	for c.bytes > cacheBytes && c.kept.Len() > 1 || c.bytes > cacheLast {
		c.drop(c.kept.Front())
	}
}

func (c *stateCache) drop(at *list.Element) *replay.State {
	st := c.kept.Remove(at).(*replay.State)
	delete(c.byRun, st.Run)
	c.bytes -= sizeOf(st)
	return st
}

// fold returns the state of a run as the journal has it. Whoever does not need it
// any more gives it back with e.cache.put.
func (e *Engine) fold(ctx context.Context, id pawl.RunID) (*replay.State, error) {
	st := e.cache.take(id)
	for p := range e.pages(ctx, id, st.Seq, st.Hash) {
		if p.err != nil {
			return nil, pawl.AsError(p.err, pawl.ErrStorage)
		}
		if st.Tampered == nil {
			st.Tampered = p.tampered
		}
		for _, ev := range p.events {
			if err := st.Apply(ev); err != nil {
				return nil, pawl.AsError(err, pawl.ErrDatabase)
			}
		}
	}
	if st.Seq == 0 {
		return nil, replay.Lost(id)
	}
	return st, nil
}

// foldToGoOn is fold for who is about to go on with the run, or to have it changed: a
// history that something else has changed is ErrDatabase.
func (e *Engine) foldToGoOn(ctx context.Context, id pawl.RunID) (*replay.State, error) {
	st, err := e.fold(ctx, id)
	if err != nil || st.Tampered == nil {
		return st, err
	}
	defer e.cache.put(st)
	return nil, &pawl.Error{
		Kind: pawl.ErrDatabase, Run: id, Err: st.Tampered,
		Message: fmt.Sprintf("run %s cannot go on, for something else than Pawl has changed its history: %v", id, st.Tampered),
		Hint:    "restore the database from a backup",
	}
}

// pageSize is how many events are read at once.
const pageSize = 1000

// page is a piece of a history, or why there are no more.
type page struct {
	events   []pawl.Event
	tampered error // what in them does not match its hash; nil: all does
	err      error
}

// pages reads a run's events after one with that number and hash; the next page is read
// and checked while the one before is looked at.
func (e *Engine) pages(ctx context.Context, id pawl.RunID, after pawl.Seq, hash string) iter.Seq[page] {
	read := func() page {
		events, err := e.journal.Read(ctx, id, after, pageSize)
		p := page{events, journal.VerifyAfter(after, hash, events), err}
		if len(events) > 0 {
			last := events[len(events)-1]
			after, hash = last.Seq, last.Hash
		}
		return p
	}
	return func(yield func(page) bool) {
		for p := read(); ; {
			if p.err != nil || len(p.events) < pageSize {
				yield(p)
				return
			}
			next := make(chan page, 1)
			go func() { next <- read() }()
			more := yield(p)
			if p = <-next; !more {
				return
			}
		}
	}
}
