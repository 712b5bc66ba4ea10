package local

import (
	"context"
	"iter"
	"math"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/internal/exec"
	"github.com/pawlrun/pawl/internal/replay"
	"github.com/pawlrun/pawl/journal"
)

// Events implements pawl.Engine.
func (e *Engine) Events(ctx context.Context, id pawl.RunID, after pawl.Seq) iter.Seq2[pawl.Event, error] {
	return func(yield func(pawl.Event, error) bool) {
		f := follower{e: e, id: id, run: e.run(id)}
		if err := f.follow(ctx, after, yield); err != nil {
			yield(pawl.Event{}, err)
		}
	}
}

// follow yields the events behind one, until no more will come or nobody wants them.
func (f *follower) follow(ctx context.Context, after pawl.Seq, yield func(pawl.Event, error) bool) error {
	wait, cancel := context.WithCancel(ctx)
	defer cancel()
	if f.run != nil {
		defer context.AfterFunc(f.run.Dropped(), cancel)()
	}
	for {
		// How far the history goes, or the mark, is taken before reading, so
		// that no change is missed.
		last, err := f.change(ctx, wait, after)
		if err != nil {
			return err
		}
		var row journal.Row
		if last <= after { // something else has changed
			if f.sawEnd(after) {
				return nil
			}
			if row, err = f.e.row(ctx, f.id); err != nil {
				return err
			}
			last = row.LastSeq
		}
		for after < last {
			const page = 256
			events, err := f.e.journal.Read(ctx, f.id, after, page)
			if err != nil {
				return asStorage(err)
			}
			for _, ev := range events {
				if after = ev.Seq; !yield(ev, nil) {
					return nil
				}
			}
		}
		if row.ID == "" {
			continue
		}
		if done, err := f.isDone(ctx, row); done {
			return err
		}
	}
}

// Wait implements pawl.Engine.
func (e *Engine) Wait(ctx context.Context, id pawl.RunID) (pawl.RunRecord, error) {
	here := e.run(id)
	for _, err := range e.Events(ctx, id, endOfTime) {
		if err != nil {
			return pawl.RunRecord{}, err
		}
	}
	if st := e.endedHere(here); st != nil {
		return st.Record(), nil
	}
	return e.Get(ctx, id)
}

// endedHere returns the state of a run that came to its end in this process, unless it is
// not kept any more.
func (e *Engine) endedHere(r *exec.Run) *replay.State {
	if r == nil {
		return nil
	}
	select {
	case <-r.Done():
	default:
		return nil
	}
	end := r.State()
	if r.Err() != nil || !end.Ended() {
		return nil
	}
	st := e.cache.take(r.ID())
	if st.Seq == end.Seq && st.Hash == end.Hash {
		return st
	}
	if st.Seq > 0 { // it is of another run that has this id since
		e.cache.put(st)
	}
	return nil
}

// follower is someone who follows a run's events.
type follower struct {
	e    *Engine
	id   pawl.RunID
	run  *exec.Run // the run as it is executed in this process, or nil
	left bool      // run is done
	mark journal.Mark
}

// endOfTime is a place behind which there is nothing to wait for but the end.
const endOfTime = math.MaxInt64

// lookAgain is how often a run that another process holds is looked at: its
// death changes nothing in the journal.
const lookAgain = time.Second

// change waits until the journal may have changed, and returns the run's last
// event if that is known to be behind after. wait ends with ctx, and when the run
// is dropped by this engine.
func (f *follower) change(ctx, wait context.Context, after pawl.Seq) (pawl.Seq, error) {
	if f.run == nil || f.left {
		return 0, f.elsewhere(ctx, wait)
	}
	again, stop := elapsed(lookAgain) // the run may have been taken
	defer stop()
	for {
		var more <-chan struct{}
		if after < endOfTime {
			var last pawl.Seq
			if last, more = f.run.Tail(); last > after {
				return last, nil
			}
		}
		select {
		case <-more:
		case <-f.run.Done():
			f.left = true
			return 0, nil
		case <-again:
			return 0, nil
		case <-wait.Done():
			if ctx.Err() != nil {
				return 0, exec.Stopped(ctx)
			}
			return 0, f.run.Err()
		}
	}
}

// sawEnd reports whether the run has come to its end in this process with the event
// after, so that nothing is left to ask the journal.
func (f *follower) sawEnd(after pawl.Seq) bool {
	return f.left && f.run != nil && f.run.Err() == nil && f.run.State().Ended() && f.run.State().Seq <= after
}

// elsewhere waits until the journal may have changed by another's hand.
func (f *follower) elsewhere(ctx, wait context.Context) error {
	if f.run == nil {
		wait = ctx
	}
	mark, err := f.e.change(wait, f.mark)
	if err != nil && f.run != nil && ctx.Err() == nil && wait.Err() != nil {
		return f.run.Err() // it was dropped
	}
	f.mark = mark
	return err
}

// isDone reports whether nothing more will come, and why if that is an error.
func (f *follower) isDone(ctx context.Context, row journal.Row) (bool, error) {
	if f.run != nil && f.left && f.run.Err() == nil && row.Held {
		f.run, f.left = nil, false // it was taken up since, here or elsewhere
	}
	if f.run == nil {
		f.e.mu.Lock()
		why, here := f.e.dropped[f.id], f.e.running[f.id]
		f.e.mu.Unlock()
		if here != nil { // it goes on here
			f.run, f.left = here, false
			return false, nil
		}
		ended := row.Summary.Ended()
		if why != nil && !ended {
			return true, why
		}
		switch {
		case row.Imported:
			return true, nil
		case row.Held:
			return false, nil
		}
		if row.Summary.Sleeps() { // or did, when its row was read
			st, err := f.e.fold(ctx, f.id)
			if err != nil {
				return true, err
			}
			blocked := st.AsksPerson()
			f.e.cache.put(st)
			if !blocked && f.e.timers.has(f.id) {
				return false, nil
			}
			if now, err := f.e.row(ctx, f.id); err != nil || now != row { // woken since
				return err != nil, err
			}
			if blocked {
				return true, nil
			}
		}
		awaited, err := f.e.awaited(ctx, row)
		return err != nil || !awaited, err
	}
	if f.left && f.run.Err() != nil { // perhaps it holds the claim still
		return true, f.run.Err()
	}
	if row.Held {
		return false, nil
	}
	// If the run was taken, this engine learns of that with its next commit,
	// which may come after the run's end elsewhere.
	if err := wait(ctx, f.run.Done()); err != nil {
		return true, err
	}
	if f.run.Err() == nil && !f.run.State().WakeAt.IsZero() && !f.run.State().AsksPerson() {
		f.run = nil // it goes on here, executed anew
		return false, nil
	}
	return true, f.run.Err()
}
