package server

import (
	"context"
	"errors"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/journal"
)

const (
	// atOnce is how many events are read at a time.
	atOnce = 256

	// fewReads is after how many of them changes are told where no end is in sight.
	fewReads = 16

	// What is committed is told together with what comes in the time behind it: so much for
	// each listener, and no more than that. So a busy run costs each of many listeners a few
	// writes a second, and not one for each event; and pieces of an answer, which come another
	// way, are there before the event that says what it came to. Where all hear no more than
	// which runs changed, it is four times as much.
	gapEach    = 5 * time.Millisecond / 2
	gapLeast   = 10 * time.Millisecond
	gapMost    = 250 * time.Millisecond
	gapInBrief = 4
)

// follow tells what is committed, until ctx ends.
func (h *hub) follow(ctx context.Context) {
	var mark journal.Mark
	reads := 0
	for {
		more, err := h.tell(ctx)
		if reads++; err == nil && (!more || reads%fewReads == 0) {
			err = h.tellChanges(ctx)
		}
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
	gap := min(time.Duration(len(h.subs))*gapEach, gapMost)
	if h.onlyBrief() {
		gap *= gapInBrief
	}
	gap = max(gap, gapLeast)
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
	last, brief := h.last, h.onlyBrief()
	h.mu.Unlock()
	if brief {
		c, still, err := h.changesBehind(ctx, last.Place, eventID(last))
		switch {
		case err != nil:
			return false, err
		case !still:
			return true, h.removed(ctx)
		}
		if skipped, err := h.skip(ctx, c); skipped || err != nil {
			return false, err
		}
	}
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
			if err := h.make(ctx, n); err != nil {
				return false, err
			}
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
	h.last, h.change, h.shown = last, changes{}, map[pawl.RunID]*shown{}
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
	made  bool
	tail  []byte // what is sent of it behind its id; nil: its run was removed meanwhile
	first string // hash of the run's first event
	err   error  // why it cannot be told: the run's history cannot be read
}

// pass passes news on to who hears them, and returns those that are still to be made
// before: then nothing was passed on.
func (h *hub) pass(ctx context.Context, made []*news) (missing []*news, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	everybody, brief := false, false
	wanted := map[pawl.RunID]bool{}
	for sub := range h.subs {
		wanted[sub.run], everybody, brief = true, everybody || sub.hearsEvents(), brief || sub.brief
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
	var all batch
	runs := map[pawl.RunID]*batch{}
	for _, n := range made {
		run := n.Event.Run
		h.last = n.Placed
		if brief {
			h.change.addEvent(n.Placed)
		}
		if n.err != nil {
			h.dropFrom(run, n.err)
		}
		if everybody && n.tail != nil {
			all.addOfAll(n.Placed, n.tail)
		}
		if wanted[run] && n.tail != nil {
			if runs[run] == nil {
				runs[run] = &batch{}
			}
			runs[run].addOfRun(n.Event, n.first, n.tail)
		}
	}
	h.sendEach(all.message(), runs)
	return nil, nil
}

// sendEach sends the listeners of all runs, and of some, what they hear. It is called with
// mu held.
func (h *hub) sendEach(all *message, runs map[pawl.RunID]*batch) {
	of := map[pawl.RunID]*message{}
	for run, b := range runs {
		of[run] = b.message()
	}
	for sub := range h.subs {
		m := of[sub.run]
		if sub.hearsEvents() {
			m = all
		}
		if m != nil {
			h.send(sub, m)
		}
	}
}

// dropFrom drops those who would miss an event of a run, which cannot be read: they come
// again, and get what is behind the last one that they have. Who hears all runs is not to
// come again for one whose history is damaged, and goes without its event. It is called with
// mu held.
func (h *hub) dropFrom(run pawl.RunID, err error) {
	h.s.log.Warn("a run cannot be followed", "run", run, "error", err.Error())
	delete(h.shown, run)
	damaged := isDamaged(err)
	for sub := range h.subs {
		if sub.run == run || !damaged && (sub.hearsEvents() || sub.pieces == run) {
			h.drop(sub)
		}
	}
}

// isDamaged reports whether an error is of one run's history, and is there the next time, too.
func isDamaged(err error) bool { return errors.Is(err, pawl.ErrDatabase) }

// make makes what is told of an event. What it lets be shown of an answer that was ahead of
// it is passed on here: behind it no piece may be first.
func (h *hub) make(ctx context.Context, n *news) error {
	n.made = true
	f := h.follower(n.Event.Run)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.renew(n.Event)
	if ctx.Err() != nil {
		return ctx.Err() // somebody else follows by now
	}
	known := f.Follower != nil
	err := h.load(ctx, f)
	if err == nil && !known {
		if err = h.s.still(ctx, n.Event); err != nil {
			f.Follower = nil // it is perhaps of another run under its id
		}
	}
	switch {
	case errors.Is(err, pawl.ErrNotFound):
		return nil // it was removed meanwhile
	case err != nil:
		n.err = err
		return nil
	}
	shown := f.Shown(n.Event)
	n.tail, n.first = tailOf(shown), f.first
	if !f.begun || n.Event.Seq <= f.passed {
		return nil // nobody heard pieces, or it was told beforehand
	}
	if piece, ok := f.Passed(n.Event); ok {
		h.passPiece(piece)
	}
	return nil
}
