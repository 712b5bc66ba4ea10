package local

import (
	"container/list"
	"context"
	"errors"
	"fmt"
	"iter"
	"sync"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/replay"
	"github.com/pawlrun/pawl/journal"
)

// stateCache keeps the states that were folded last, so that whoever looks at a run
// again, or goes on with it, reads only what was added since. A history is never
// changed, hence neither is what it was folded to; but a run may be removed, and its id
// used for another one, which fold finds out.
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
	err := e.foldBehind(ctx, id, st)
	if errors.Is(err, errOtherRun) {
		st = &replay.State{}
		err = e.foldBehind(ctx, id, st)
	}
	switch {
	case err != nil:
		return nil, err
	case st.Seq == 0:
		return nil, replay.Lost(id)
	}
	return st, nil
}

// foldBehind adds to a state what the journal has behind it.
func (e *Engine) foldBehind(ctx context.Context, id pawl.RunID, st *replay.State) error {
	for p := range e.pages(ctx, id, st.Seq, st.Hash) {
		if p.err != nil {
			return pawl.AsError(p.err, pawl.ErrStorage)
		}
		if st.Tampered == nil {
			st.Tampered = p.tampered
		}
		if st.Tampered == nil {
			tampered, err := e.verifyBodies(ctx, id, p.events)
			if err != nil {
				return err
			}
			st.Tampered = tampered
		}
		for _, ev := range p.events {
			if err := st.Apply(ev); err != nil {
				return pawl.AsError(err, pawl.ErrDatabase)
			}
		}
	}
	return nil
}

// verifyBodies is Row.VerifyBodies of some of a run's events. Whether the run was
// imported is only looked up where a body is withheld.
func (e *Engine) verifyBodies(ctx context.Context, id pawl.RunID, events []pawl.Event) (tampered, err error) {
	if (journal.Row{}).VerifyBodies(events) == nil {
		return nil, nil
	}
	row, err := e.row(ctx, id)
	if err != nil {
		return nil, err
	}
	return row.VerifyBodies(events), nil
}

// foldToGoOn is fold for who is about to go on with the run, or to have it changed: a
// history that something else has changed is ErrDatabase.
func (e *Engine) foldToGoOn(ctx context.Context, id pawl.RunID) (*replay.State, error) {
	return e.foldUntampered(ctx, id, "cannot go on")
}

// foldUntampered is fold for what takes a history for true; cannot says what a run is
// refused whose history something else has changed, with ErrDatabase.
func (e *Engine) foldUntampered(ctx context.Context, id pawl.RunID, cannot string) (*replay.State, error) {
	st, err := e.fold(ctx, id)
	if err != nil || st.Tampered == nil {
		return st, err
	}
	defer e.cache.put(st)
	return nil, &pawl.Error{
		Kind: pawl.ErrDatabase, Run: id, Err: st.Tampered,
		Message: fmt.Sprintf("run %s %s, for something else than Pawl has changed its history: %v", id, cannot, st.Tampered),
		Hint:    "restore the database from a backup",
	}
}

// pageSize is how many events are read at once.
const pageSize = 1000

// page is a piece of a history, or why there are no more.
type page struct {
	events   []pawl.Event
	last     bool  // there are no more
	tampered error // what in them does not match its hash; nil: all does
	err      error
}

// errOtherRun says that the journal does not have the event behind which it is read: the
// run was removed, and its id is another's.
var errOtherRun = errors.New("another run has this id")

// pages reads a run's events after one with that number and hash; the next page is read
// and checked while the one before is looked at. An event that is not there any more is
// errOtherRun. That takes no query of its own: each page is read from the event before it.
func (e *Engine) pages(ctx context.Context, id pawl.RunID, after pawl.Seq, hash string) iter.Seq[page] {
	read := func() page {
		limit := pageSize
		if after > 0 {
			limit++
		}
		events, err := e.journal.Read(ctx, id, max(after, 1)-1, limit)
		last := len(events) < limit
		switch {
		case err != nil:
			return page{err: err}
		case after == 0:
		case len(events) == 0 || events[0].Seq != after || events[0].Hash != hash:
			return page{err: errOtherRun}
		default:
			events = events[1:]
		}
		p := page{events: events, last: last, tampered: journal.VerifyAfter(after, hash, events)}
		if len(events) > 0 {
			end := events[len(events)-1]
			after, hash = end.Seq, end.Hash
		}
		return p
	}
	return func(yield func(page) bool) {
		for p := read(); ; {
			if p.err != nil || p.last {
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
