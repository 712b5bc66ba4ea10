package journal

import (
	"cmp"
	"context"
	"slices"

	"github.com/pawlrun/pawl"
)

// memoryPlaced is an event in the order of all runs.
type memoryPlaced struct {
	place int64
	run   *memoryRun
	at    int // in run.events
}

// placed gives the run's events that have none yet their places. It is called with mu
// held, behind each change of them.
func (m *Memory) placed(r *memoryRun) {
	for ; r.placed < len(r.events); r.placed++ {
		m.places++
		m.feed = append(m.feed, memoryPlaced{m.places, r, r.placed})
	}
}

// Last implements Feed.
func (m *Memory) Last(ctx context.Context) (Placed, error) {
	if err := m.begin(ctx, "read the last event"); err != nil {
		return Placed{}, err
	}
	defer m.mu.Unlock()
	if len(m.feed) == 0 {
		return Placed{}, nil
	}
	return m.feed[len(m.feed)-1].event(), nil
}

// From implements Feed.
func (m *Memory) From(ctx context.Context, place int64, limit int) ([]Placed, error) {
	if err := m.begin(ctx, "read events"); err != nil {
		return nil, err
	}
	defer m.mu.Unlock()
	found := m.from(place)
	events := make([]Placed, min(len(found), limit))
	for i := range events {
		events[i] = found[i].event()
	}
	return events, nil
}

// Changed implements Feed.
func (m *Memory) Changed(ctx context.Context, place int64) ([]Changed, error) {
	if err := m.begin(ctx, "read which runs changed"); err != nil {
		return nil, err
	}
	defer m.mu.Unlock()
	of := map[pawl.RunID]*Changed{}
	for _, p := range m.from(place + 1) {
		ev := p.run.events[p.at]
		c := of[ev.Run]
		if c == nil {
			c = &Changed{Run: ev.Run}
			of[ev.Run] = c
		}
		if c.Place, c.Seq = p.place, ev.Seq; !slices.Contains(c.Types, ev.Type) {
			c.Types = append(c.Types, ev.Type)
		}
	}
	all := make([]Changed, 0, len(of))
	for _, c := range of {
		all = append(all, *c)
	}
	slices.SortFunc(all, func(a, b Changed) int { return cmp.Compare(a.Place, b.Place) })
	return all, nil
}

// from is what is at a place and behind it. It is called with mu held.
func (m *Memory) from(place int64) []memoryPlaced {
	i, _ := slices.BinarySearchFunc(m.feed, place, func(p memoryPlaced, place int64) int { return cmp.Compare(p.place, place) })
	return m.feed[i:]
}

func (p memoryPlaced) event() Placed {
	return Placed{p.place, copyEvents([]pawl.Event{p.run.events[p.at]})[0]}
}
