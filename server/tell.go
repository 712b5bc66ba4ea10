package server

import (
	"context"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/journal"
)

const (
	// atOnce is how many events are read at a time.
	atOnce = 256

	// What is committed is told together with what comes in the time behind it: so much for
	// each listener, and no more than that. So a busy run costs each of many listeners a few
	// writes a second, and not one for each event; and pieces of an answer, which come another
	// way, are there before the event that says what it came to.
	gapEach  = time.Millisecond
	gapLeast = 10 * time.Millisecond
	gapMost  = 250 * time.Millisecond
)

// follow tells what is committed, until ctx ends.
func (h *hub) follow(ctx context.Context) {
	var mark journal.Mark
	for {
		more, err := h.tell(ctx)
		if err == nil && !more {
			if mark, err = h.feed.Changes(ctx, mark); err == nil {
				h.rest(ctx)
			}
		}
		if err == nil {
			continue
		}
		h.mu.Lock()
		if ctx.Err() == nil { // else somebody else follows by now
			h.s.log.Warn("the journal cannot be followed", "error", err.Error())
			h.dropAll()
		}
		h.mu.Unlock()
		return
	}
}

// rest lets the listeners be for a while.
func (h *hub) rest(ctx context.Context) {
	h.mu.Lock()
	gap := min(max(time.Duration(len(h.subs))*gapEach, gapLeast), gapMost)
	h.mu.Unlock()
	over := time.NewTimer(gap)
	defer over.Stop()
	select {
	case <-over.C:
	case <-ctx.Done():
	}
}

// tell tells the next events, and reports whether there may be more.
func (h *hub) tell(ctx context.Context) (bool, error) {
	h.mu.Lock()
	last := h.last
	h.mu.Unlock()
	events, err := h.feed.From(ctx, last.Place, atOnce)
	if err != nil {
		return false, err
	}
	if last.Place > 0 {
		if len(events) == 0 || events[0].Event.Hash != last.Event.Hash {
			return true, h.removed(ctx)
		}
		events = events[1:]
	}
	made := make([]*news, len(events))
	for i, p := range events {
		made[i] = &news{Placed: p}
	}
	for {
		missing, err := h.pass(ctx, made)
		if err != nil || len(missing) == 0 {
			return len(events) >= atOnce-1, err
		}
		for _, n := range missing {
			h.make(ctx, n)
		}
	}
}

// removed goes on behind what there is by now, since what took the place of the last event
// cannot be told: who hears all is to come again, and who hears a run is to look.
func (h *hub) removed(ctx context.Context) error {
	last, err := h.feed.Last(ctx)
	if err != nil {
		return err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if ctx.Err() != nil {
		return ctx.Err()
	}
	h.last, h.shown = last, map[pawl.RunID]*shown{}
	for sub := range h.subs {
		if sub.run == "" {
			h.drop(sub)
		} else {
			h.send(sub, &message{event: mayBeAnew})
		}
	}
	return nil
}

// news is an event and what is told of it.
type news struct {
	journal.Placed
	made bool
	of   *message // to who hears its run; nil: it was removed meanwhile
	all  *message // to who hears all
}

// pass passes news on to who hears them, and returns those that are still to be made
// before: then nothing was passed on.
func (h *hub) pass(ctx context.Context, made []*news) (missing []*news, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	everybody := false
	wanted := map[pawl.RunID]bool{}
	for sub := range h.subs {
		wanted[sub.run], everybody = true, everybody || sub.run == ""
	}
	for _, n := range made {
		run := n.Event.Run
		switch is := everybody || wanted[run] || h.pieces[run] != nil; {
		case is && !n.made:
			missing = append(missing, n)
		case !is:
			delete(h.shown, run) // it misses an event
		}
	}
	if len(missing) > 0 {
		return missing, nil
	}
	for _, n := range made {
		h.last = n.Placed
		for sub := range h.subs {
			switch {
			case n.of == nil:
			case sub.run == "":
				h.send(sub, n.all)
			case sub.run == n.Event.Run:
				h.send(sub, n.of)
			}
		}
	}
	return nil, nil
}

// make makes what is told of an event. What it lets be shown of an answer that was ahead of
// it is passed on here: behind it no piece may be first.
func (h *hub) make(ctx context.Context, n *news) {
	n.made = true
	f := h.follower(n.Event.Run)
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.renew(n.Event); ctx.Err() != nil || h.load(ctx, f) != nil {
		return // somebody else follows by now, or it was removed meanwhile
	}
	shown := f.Shown(n.Event)
	n.of, n.all = eventOfRun(shown), eventOfAll(n.Placed, shown)
	if n.Event.Seq <= f.passed {
		return
	}
	if piece, ok := f.Passed(n.Event); ok {
		h.passPiece(piece)
	}
}
