package server

import (
	"context"
	"math"
	"sync"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/view"
)

// mostShown is how many runs' masks are kept.
const mostShown = 1024

// shown is what a run's events are masked by.
type shown struct {
	run pawl.RunID

	mu             sync.Mutex // guards what follows; locked before the hub's
	*view.Follower            // nil: the run's history is still to be read
	first          string     // hash of the run's first event
	begun          bool       // it was told the events up to passed beforehand
	passed         pawl.Seq
}

// follower returns what a run's events are masked by, read or not.
func (h *hub) follower(run pawl.RunID) *shown {
	h.mu.Lock()
	defer h.mu.Unlock()
	f := h.shown[run]
	if f != nil {
		return f
	}
	if len(h.shown) >= mostShown {
		h.forgetOne()
	}
	f = &shown{run: run}
	h.shown[run] = f
	return f
}

// forgetOne forgets what some run's events are masked by, of whose answers nobody hears the
// pieces: it is read again when the run goes on. Which one is left to chance, since of runs
// that go on in turn the oldest is the next. It is called with the hub's mu held.
func (h *hub) forgetOne() {
	for run := range h.shown {
		if h.pieces[run] == nil {
			delete(h.shown, run)
			return
		}
	}
}

// load reads the run's history if that was not done. It is called with the shown's mu held.
func (h *hub) load(ctx context.Context, f *shown) (err error) {
	if f.Follower != nil {
		return nil
	}
	if f.first, err = h.s.first(ctx, f.run); err == nil { // first, so that no older run is taken for it
		f.Follower, err = h.s.view.Follow(ctx, f.run)
	}
	return err
}

// renew forgets what was known of a run if this is the first event of another one under its
// id. It is called with the shown's mu held.
func (f *shown) renew(ev pawl.Event) {
	if ev.Seq == 1 && ev.Hash != f.first {
		f.Follower, f.begun, f.passed = nil, false, 0
	}
}

// begin tells what masks a run's answers which of them have begun: nothing of the others is
// shown. It is called with the shown's mu held.
func (h *hub) begin(ctx context.Context, f *shown) error {
	if err := h.load(ctx, f); err != nil || f.begun {
		return err
	}
	recorded, err := f.Before(ctx, math.MaxInt64)
	if err != nil {
		return err
	}
	for _, ev := range recorded {
		f.Passed(ev)
		f.passed = ev.Seq
	}
	f.begun = true
	return nil
}

// first returns the hash of a run's first event. It tells a run from another one that was
// begun under its id after it was removed. Where there is none it is ErrNotFound.
func (s *Server) first(ctx context.Context, id pawl.RunID) (string, error) {
	events, err := s.o.Journal.Read(ctx, id, 0, 1)
	if err == nil && len(events) == 0 {
		err = noRun(id)
	}
	if err != nil {
		return "", err
	}
	return events[0].Hash, nil
}

// still is ErrNotFound if an event is not there any more.
func (s *Server) still(ctx context.Context, ev pawl.Event) error {
	events, err := s.o.Journal.Read(ctx, ev.Run, ev.Seq-1, 1)
	if err == nil && (len(events) == 0 || events[0].Hash != ev.Hash) {
		err = noRun(ev.Run)
	}
	return err
}
