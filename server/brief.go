package server

import (
	"context"
	"slices"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/journal"
)

// Change is what is told in short of a run that went on.
type Change struct {
	Run   pawl.RunID       `json:"run"`
	Seq   pawl.Seq         `json:"seq"`   // of its last event
	Types []pawl.EventType `json:"types"` // of its new events, each once
}

// mostListed is of how many runs it is told which ones changed. Where more did, whoever shows
// some of them reads those anew, and a list would be long for each who listens.
const mostListed = 100

// changes are those since they were told last.
type changes struct {
	of   map[pawl.RunID]*Change
	list []*Change
	many bool // too many to be listed: neither of nor list has any
	last journal.Placed
}

func (c *changes) add(run pawl.RunID, seq pawl.Seq, types ...pawl.EventType) {
	if c.many {
		return
	}
	change := c.of[run]
	if change == nil {
		if len(c.list) == mostListed {
			c.addMany()
			return
		}
		if c.of == nil {
			c.of = map[pawl.RunID]*Change{}
		}
		change = &Change{Run: run}
		c.of[run], c.list = change, append(c.list, change)
	}
	change.Seq = seq
	for _, t := range types {
		if !slices.Contains(change.Types, t) {
			change.Types = append(change.Types, t)
		}
	}
}

func (c *changes) addMany() { c.of, c.list, c.many = nil, nil, true }

func (c *changes) addEvent(p journal.Placed) {
	c.add(p.Event.Run, p.Event.Seq, p.Event.Type)
	c.last = p
}

// none reports whether nothing was added.
func (c *changes) none() bool { return len(c.list) == 0 && !c.many }

// message is all that was added; nil: nothing was.
func (c *changes) message() *message {
	if c.none() {
		return nil
	}
	event, data := isMany, []byte("{}")
	if !c.many {
		event, data = isChanged, mustJSON(c.list)
	}
	m := newMessage(event, eventID(c.last), data)
	m.place = c.last.Place
	return m
}

// mostMissed is how many events are read for one who listens to all runs, of those that it has
// not heard of.
const mostMissed = 10_000

// changesBehind returns which runs have events behind the one with that place and id; still
// is false where that is not there any more. Where very much happened, it does not read what.
func (h *hub) changesBehind(ctx context.Context, place int64, id string) (c changes, still bool, err error) {
	last, err := h.feed.Last(ctx)
	if err != nil || last.Place == place && (place == 0 || eventID(last) == id) {
		return c, err == nil, err
	}
	if place > 0 {
		at, err := h.feed.From(ctx, place, 1)
		if err != nil || len(at) == 0 || eventID(at[0]) != id {
			return c, false, err
		}
	}
	if last.Place-place > mostMissed {
		c.addMany()
		c.last = last
		return c, true, nil
	}
	all, err := h.feed.Changed(ctx, place)
	if err != nil || len(all) == 0 {
		return c, true, err
	}
	for _, p := range all {
		c.addEvent(p)
	}
	upTo := all[len(all)-1].Place
	if upTo == last.Place {
		c.last = last
		return c, true, nil
	}
	at, err := h.feed.From(ctx, upTo, 1)
	if err != nil || len(at) == 0 || at[0].Place != upTo {
		return c, false, err
	}
	c.last = at[0]
	return c, true, nil
}

// onlyBrief reports whether all who listen hear no more than which runs changed. It is
// called with mu held.
func (h *hub) onlyBrief() bool {
	for sub := range h.subs {
		if !sub.brief {
			return false
		}
	}
	return len(h.pieces) == 0
}

// skip goes on to an event without making those before it, whose runs changed, and reports
// whether it did: not if somebody came who hears them.
func (h *hub) skip(ctx context.Context, c changes) (bool, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if ctx.Err() != nil {
		return false, ctx.Err()
	}
	if !h.onlyBrief() {
		return false, nil
	}
	if c.none() {
		return true, nil
	}
	h.last, h.change.last = c.last, c.last
	if c.many {
		clear(h.shown) // each run perhaps misses events
		h.change.addMany()
	}
	for _, change := range c.list {
		delete(h.shown, change.Run) // it misses events
		h.change.add(change.Run, change.Seq, change.Types...)
	}
	return true, nil
}

// tellChanges tells which runs changed to those who hear no more of it.
func (h *hub) tellChanges(ctx context.Context) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if ctx.Err() != nil {
		return ctx.Err()
	}
	m := h.change.message()
	h.change = changes{}
	for sub := range h.subs {
		if sub.brief && m != nil {
			h.send(sub, m)
		}
	}
	return nil
}
