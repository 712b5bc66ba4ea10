package temporal

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/journal"
)

// feed is the events of all runs in an order that this process gives them: Temporal has none.
// It begins with what is committed after somebody first asks for it, and is forgotten with the
// process: its places are never those of another process, so that whoever comes with one looks
// at all anew.
type feed struct {
	looking sync.Mutex // held by the one who looks at Temporal

	mu     sync.Mutex // guards all below
	events []journal.Placed
	place  int64
	known  map[pawl.RunID]pawl.Seq // up to where runs are in it; nil: nobody has looked yet
	looked time.Time               // when somebody looked last
	stir   chan struct{}           // closed when this process changes a run; nil: nobody waits for that
}

const (
	feedEvents = 20_000                 // that are kept
	feedGap    = 500 * time.Millisecond // between two looks at Temporal, at first and when this process has changed a run
	feedBusy   = time.Second            // the most while runs are executed
	feedIdle   = 4 * time.Second        // the most while none is
)

var _ journal.Feed = (*keeper)(nil)

// Last implements journal.Feed.
func (k *keeper) Last(ctx context.Context) (journal.Placed, error) {
	if err := k.lookFirst(ctx); err != nil {
		return journal.Placed{}, err
	}
	k.feed.mu.Lock()
	defer k.feed.mu.Unlock()
	if n := len(k.feed.events); n > 0 {
		return k.feed.events[n-1], nil
	}
	return journal.Placed{}, nil
}

// From implements journal.Feed.
func (k *keeper) From(ctx context.Context, place int64, limit int) ([]journal.Placed, error) {
	if err := k.lookFirst(ctx); err != nil {
		return nil, err
	}
	found := k.feed.from(place)
	return slices.Clone(found[:min(len(found), limit)]), nil
}

// Changed implements journal.Feed.
func (k *keeper) Changed(ctx context.Context, place int64) ([]journal.Placed, error) {
	if err := k.lookFirst(ctx); err != nil {
		return nil, err
	}
	type kind struct {
		run pawl.RunID
		is  pawl.EventType
	}
	last := map[kind]journal.Placed{}
	for _, p := range k.feed.from(place + 1) {
		last[kind{p.Event.Run, p.Event.Type}] = journal.Placed{Place: p.Place, Event: pawl.Event{Run: p.Event.Run, Seq: p.Event.Seq, Type: p.Event.Type}}
	}
	return slices.SortedFunc(maps.Values(last), func(a, b journal.Placed) int { return cmp.Compare(a.Place, b.Place) }), nil
}

// Changes implements journal.Journal: it looks at Temporal again and again, the less often the
// longer nothing changes.
func (k *keeper) Changes(ctx context.Context, mark journal.Mark) (journal.Mark, error) {
	for gap := feedGap; ; {
		stir := k.feed.stirs()
		busy, err := k.look(ctx)
		if err != nil {
			return mark, err
		}
		if now := k.feed.mark(); now != mark {
			return now, nil
		}
		if busy {
			gap = min(gap, feedBusy)
		}
		pause := time.NewTimer(gap)
		select {
		case <-pause.C:
			gap = min(2*gap, feedIdle)
		case <-stir:
			gap = feedGap
		case <-ctx.Done():
			pause.Stop()
			return mark, &pawl.Error{Kind: pawl.ErrStopped, Message: "no longer waited for: " + ctx.Err().Error(), Err: ctx.Err()}
		}
		pause.Stop()
	}
}

// stirs is closed when this process changes a run from now on.
func (f *feed) stirs() <-chan struct{} {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.stir == nil {
		f.stir = make(chan struct{})
	}
	return f.stir
}

// stirred has those who follow all runs look at once, and again soon.
func (f *feed) stirred() {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.stir != nil {
		close(f.stir)
		f.stir = nil
	}
}

// from is what is at a place and behind it.
func (f *feed) from(place int64) []journal.Placed {
	f.mu.Lock()
	defer f.mu.Unlock()
	i, _ := slices.BinarySearchFunc(f.events, place, func(p journal.Placed, place int64) int { return cmp.Compare(p.Place, place) })
	return f.events[i:]
}

// mark is never the zero one.
func (f *feed) mark() journal.Mark {
	f.mu.Lock()
	defer f.mu.Unlock()
	return journal.Mark(f.place)
}

// add gives a run's events behind those that are known their places.
func (f *feed) add(id pawl.RunID, events []pawl.Event) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, ev := range events[min(int(f.known[id]), len(events)):] {
		f.place++
		f.events = append(f.events, journal.Placed{Place: f.place, Event: ev})
		f.known[id] = ev.Seq
	}
	if over := len(f.events) - feedEvents; over > 0 {
		f.events = slices.Clone(f.events[over:]) // who has been given the old ones keeps them
	}
}

// lookFirst looks which runs there are, if nobody has yet.
func (k *keeper) lookFirst(ctx context.Context) error {
	k.feed.mu.Lock()
	known := k.feed.known
	k.feed.mu.Unlock()
	if known != nil {
		return nil
	}
	_, err := k.look(ctx)
	return err
}

// look adds what was committed since somebody looked last, and reports whether runs are being
// executed. Of those that have ended only the ones are looked at that ended since then. Runs that
// are listed as they were, and are at rest, are not read.
func (k *keeper) look(ctx context.Context) (busy bool, err error) {
	k.feed.looking.Lock()
	defer k.feed.looking.Unlock()
	began := time.Now()
	k.feed.mu.Lock()
	since := k.feed.looked.Add(-skew)
	if k.feed.known == nil { // what a later look may have is to be known
		since = began.Add(-2 * skew)
	}
	k.feed.mu.Unlock()
	runs, err := k.found(ctx, reach{recent: true, since: since})
	if err != nil {
		return false, err
	}
	all := inOrder(runs)
	k.feed.mu.Lock()
	known := k.feed.known
	k.feed.looked = began
	if known == nil {
		k.feed.place, k.feed.known = began.UnixMilli()*1000, map[pawl.RunID]pawl.Seq{}
		for _, it := range all {
			k.feed.known[it.ID] = it.LastSeq
		}
	}
	seqs := maps.Clone(known)
	k.feed.mu.Unlock()
	if known == nil {
		return false, nil
	}
	for _, it := range slices.Backward(all) { // the oldest first
		busy = busy || it.Held
		if !it.Held && it.LastSeq <= seqs[it.ID] {
			continue
		}
		run, err := k.read(ctx, it.ID)
		switch {
		case ctx.Err() != nil:
			return false, err
		case err != nil: // it is gone, or damaged: the others are to be followed
			k.leaveOut(it.ID, err)
			continue
		}
		k.feed.add(it.ID, run.events)
	}
	return busy, nil
}
