package journal

import (
	"cmp"
	"context"
	"maps"
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
	return holding(ctx, m, "read the last event", func() (Placed, error) {
		if len(m.feed) == 0 {
			return Placed{}, nil
		}
		return m.feed[len(m.feed)-1].event(), nil
	})
}

// From implements Feed.
func (m *Memory) From(ctx context.Context, place int64, limit int) ([]Placed, error) {
	return holding(ctx, m, "read events", func() ([]Placed, error) {
		found := m.from(place)
		events := make([]Placed, min(len(found), limit))
		for i := range events {
			events[i] = found[i].event()
		}
		return events, nil
	})
}

// Changed implements Feed.
func (m *Memory) Changed(ctx context.Context, place int64) ([]Placed, error) {
	return holding(ctx, m, "read which runs changed", func() ([]Placed, error) {
		type kind struct {
			run pawl.RunID
			is  pawl.EventType
		}
		last := map[kind]Placed{}
		for _, p := range m.from(place + 1) {
			ev := p.run.events[p.at]
			last[kind{ev.Run, ev.Type}] = Placed{p.place, pawl.Event{Run: ev.Run, Seq: ev.Seq, Type: ev.Type}}
		}
		return slices.SortedFunc(maps.Values(last), func(a, b Placed) int { return cmp.Compare(a.Place, b.Place) }), nil
	})
}

// from is what is at a place and behind it. It is called with mu held.
func (m *Memory) from(place int64) []memoryPlaced {
	i, _ := slices.BinarySearchFunc(m.feed, place, func(p memoryPlaced, place int64) int { return cmp.Compare(p.place, place) })
	return m.feed[i:]
}

func (p memoryPlaced) event() Placed {
	return Placed{p.place, copyEvents([]pawl.Event{p.run.events[p.at]})[0]}
}
