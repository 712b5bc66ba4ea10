package view

import (
	"context"
	"iter"
	"sync"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/mask"
)

// Event is an event as it may be shown.
type Event struct {
	pawl.Event

	// Recorded is the event as it is, with its values: to be folded, and not to
	// be shown.
	Recorded pawl.Event
}

// Follower follows one run. It is safe for concurrent use.
type Follower struct {
	view *View
	id   pawl.RunID

	mu      sync.Mutex // guards what is below
	mask    *mask.Mask // learns from every event
	answers answers
}

// Follow returns a follower of a run. What is known of the run by now is hidden in
// the first events too.
func (v *View) Follow(ctx context.Context, id pawl.RunID) (*Follower, error) {
	rec, err := v.engine.Get(ctx, id)
	if err != nil {
		return nil, err
	}
	m := v.mask(rec)
	m.Record(rec) // learns from it
	return v.follower(id, m), nil
}

// RunToFollow is Run and Follow, for which the run is read once.
func (v *View) RunToFollow(ctx context.Context, id pawl.RunID) (pawl.RunRecord, *Follower, error) {
	rec, m, err := v.masked(ctx, id, forecasts{})
	if err == nil {
		err = v.addNotices(ctx, &rec)
	}
	return rec, v.follower(id, m), err
}

func (v *View) follower(id pawl.RunID, m *mask.Mask) *Follower {
	return &Follower{view: v, id: id, mask: m, answers: newAnswers()}
}

// Events yields the run's events after a place, first what is recorded, then what
// is being added, until the run is at rest and all has been yielded, or ctx ends
// (the last pair then carries the error).
func (f *Follower) Events(ctx context.Context, after pawl.Seq) iter.Seq2[Event, error] {
	return func(yield func(Event, error) bool) {
		for ev, err := range f.view.engine.Events(ctx, f.id, after) {
			if err != nil {
				yield(Event{}, err)
				return
			}
			if !yield(f.shown(ev), nil) {
				return
			}
		}
	}
}

func (f *Follower) shown(ev pawl.Event) Event {
	f.mu.Lock()
	defer f.mu.Unlock()
	return Event{f.mask.Event(ev), ev}
}

// Before returns the run's events up to a place as they are recorded: to be folded,
// and not to be shown.
func (f *Follower) Before(ctx context.Context, upTo pawl.Seq) ([]pawl.Event, error) {
	if upTo == 0 {
		return nil, nil
	}
	events, err := f.view.journal.Read(ctx, f.id, 0, 0)
	if err != nil {
		return nil, err
	}
	for i, ev := range events {
		if ev.Seq > upTo {
			return events[:i], nil
		}
	}
	return events, nil
}

// Text returns a text about the run as it may be shown, by what is known of it: the
// record that it began with and the events so far.
func (f *Follower) Text(s string) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.mask.Line(s)
}

// Events returns up to limit events of a run after a place that are recorded by now.
func (v *View) Events(ctx context.Context, id pawl.RunID, after pawl.Seq, limit int) ([]pawl.Event, error) {
	f, err := v.Follow(ctx, id)
	if err != nil {
		return nil, err
	}
	return f.Read(ctx, after, limit)
}

// Read returns up to limit of the run's events after a place that are recorded by now.
func (f *Follower) Read(ctx context.Context, after pawl.Seq, limit int) ([]pawl.Event, error) {
	recorded, err := f.view.journal.Read(ctx, f.id, after, limit)
	events := make([]pawl.Event, len(recorded))
	for i, ev := range recorded {
		events[i] = f.Shown(ev)
	}
	return events, err
}

// Shown returns one of the run's events, here as it is recorded, as it may be shown. It
// wants them in order.
func (f *Follower) Shown(ev pawl.Event) pawl.Event { return f.shown(ev).Event }
