package local

import (
	"context"
	"fmt"
	"iter"
	"math"
	"slices"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/replay"
	"github.com/pawlrun/pawl/journal"
)

// Get implements pawl.Engine.
func (e *Engine) Get(ctx context.Context, id pawl.RunID) (pawl.RunRecord, error) {
	for {
		st, err := e.fold(ctx, id)
		if err != nil {
			return pawl.RunRecord{}, err
		}
		if says := (journal.Summary{Status: st.Status, Reason: st.Reason}); abandoned(says) != says {
			row, err := e.row(ctx, id)
			switch {
			case err != nil:
				return pawl.RunRecord{}, err
			case row.Held:
			case st.Seq != row.LastSeq: // it has gone on since it was read
				e.recall.put(st)
				continue
			default:
				is := abandoned(row.Summary)
				st.LoseOpen()
				st.Status, st.Reason = is.Status, is.Reason
			}
		}
		record := st.Record()
		if !st.Ended() { // or nothing more will come
			e.recall.put(st)
		}
		return record, nil
	}
}

// List implements pawl.Engine.
func (e *Engine) List(ctx context.Context, f pawl.RunFilter) ([]pawl.RunSummary, error) {
	rows, err := e.journal.Runs(ctx, f)
	if err != nil {
		return nil, pawl.AsError(err, pawl.ErrStorage)
	}
	list := make([]pawl.RunSummary, len(rows))
	for i, r := range rows {
		if !r.Held {
			r.Summary = abandoned(r.Summary)
		}
		list[i] = pawl.RunSummary{ID: r.ID, Flow: r.Flow, Status: r.Summary.Status, Reason: r.Summary.Reason,
			Model: r.Model, CreatedAt: r.CreatedAt, UpdatedAt: r.UpdatedAt}
	}
	return list, nil
}

const orphanReason = "the process that executed it ended"

// abandoned is how a run stands that nobody holds: if its summary says that it
// is being executed, its process died. What was to be paused is paused then.
func abandoned(s journal.Summary) journal.Summary {
	switch s.Status {
	case pawl.StatusRunning, pawl.StatusCanceling:
		return journal.Summary{Status: pawl.StatusQueued, Reason: orphanReason}
	case pawl.StatusPausing:
		return journal.Summary{Status: pawl.StatusPaused, Reason: orphanReason}
	}
	return s
}

func (e *Engine) row(ctx context.Context, id pawl.RunID) (journal.Row, error) {
	rows, err := e.journal.Runs(ctx, pawl.RunFilter{Prefix: id, Limit: 1})
	if err != nil {
		return journal.Row{}, pawl.AsError(err, pawl.ErrStorage)
	}
	if len(rows) == 0 || rows[0].ID != id {
		return journal.Row{}, &pawl.Error{Kind: pawl.ErrNotFound, Message: fmt.Sprintf("no run %q", id), Run: id}
	}
	return rows[0], nil
}

// Events implements pawl.Engine.
func (e *Engine) Events(ctx context.Context, id pawl.RunID, after pawl.Seq) iter.Seq2[pawl.Event, error] {
	return func(yield func(pawl.Event, error) bool) {
		f := follower{e: e, id: id, a: e.activation(id)}
		wait, cancel := context.WithCancel(ctx)
		defer cancel()
		if f.a != nil {
			defer context.AfterFunc(f.a.dropped, cancel)()
		}
		for {
			// How far the history goes, or the mark, is taken before reading, so
			// that no change is missed.
			last, err := f.change(ctx, wait, after)
			if err != nil {
				yield(pawl.Event{}, err)
				return
			}
			var row journal.Row
			if last <= after { // something else has changed
				if f.saw(after) {
					return
				}
				if row, err = e.row(ctx, id); err != nil {
					yield(pawl.Event{}, err)
					return
				}
				last = row.LastSeq
			}
			for after < last {
				const page = 256
				events, err := e.journal.Read(ctx, id, after, page)
				if err != nil {
					yield(pawl.Event{}, pawl.AsError(err, pawl.ErrStorage))
					return
				}
				for _, ev := range events {
					if after = ev.Seq; !yield(ev, nil) {
						return
					}
				}
			}
			if row.ID == "" {
				continue
			}
			if over, err := f.over(ctx, row); over {
				if err != nil {
					yield(pawl.Event{}, err)
				}
				return
			}
		}
	}
}

// Wait implements pawl.Engine.
func (e *Engine) Wait(ctx context.Context, id pawl.RunID) (pawl.RunRecord, error) {
	for _, err := range e.Events(ctx, id, endOfTime) {
		if err != nil {
			return pawl.RunRecord{}, err
		}
	}
	return e.Get(ctx, id)
}

// follower is someone who follows a run's events.
type follower struct {
	e    *Engine
	id   pawl.RunID
	a    *activation // the run's in this process when following began, or nil
	left bool        // a is over
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
	if f.a == nil || f.left {
		return 0, f.elsewhere(ctx, wait)
	}
	again := time.NewTimer(lookAgain) // the run may have been taken
	defer again.Stop()
	for {
		var more <-chan struct{}
		if after < endOfTime {
			var last pawl.Seq
			if last, more = f.a.news.now(); last > after {
				return last, nil
			}
		}
		select {
		case <-more:
		case <-f.a.over:
			f.left = true
			return 0, nil
		case <-again.C:
			return 0, nil
		case <-wait.Done():
			if ctx.Err() != nil {
				return 0, ended(ctx)
			}
			return 0, f.a.err
		}
	}
}

// saw reports whether the run has come to its end in this process with the event
// after, so that nothing is left to ask the journal.
func (f *follower) saw(after pawl.Seq) bool {
	return f.left && f.a != nil && f.a.err == nil && f.a.st.Ended() && f.a.st.Seq <= after
}

// elsewhere waits until the journal may have changed by another's hand.
func (f *follower) elsewhere(ctx, wait context.Context) error {
	if f.a == nil {
		wait = ctx
	}
	wait, cancel := context.WithTimeout(wait, lookAgain)
	defer cancel()
	mark, err := f.e.journal.Changes(wait, f.mark)
	switch {
	case err == nil:
		f.mark = mark
	case ctx.Err() != nil:
		return ended(ctx)
	case f.a != nil && f.a.dropped.Err() != nil:
		return f.a.err
	case wait.Err() == nil:
		return pawl.AsError(err, pawl.ErrStorage)
	}
	return nil // perhaps only time to look again
}

// over reports whether nothing more will come, and why if that is an error.
func (f *follower) over(ctx context.Context, row journal.Row) (bool, error) {
	if f.a == nil {
		f.e.mu.Lock()
		why, live := f.e.stopped[f.id], f.e.live[f.id]
		f.e.mu.Unlock()
		if live != nil { // it goes on here
			f.a, f.left = live, false
			return false, nil
		}
		ended := row.Summary.Status == pawl.StatusDone || row.Summary.Status == pawl.StatusCanceled
		if why != nil && !ended {
			return true, why
		}
		if row.Held {
			return false, nil
		}
		if row.Summary.Sleeps() { // or did, when its row was read
			st, err := f.e.fold(ctx, f.id)
			if err != nil {
				return true, err
			}
			blocked := asksPerson(st)
			f.e.recall.put(st)
			if blocked {
				return true, nil
			}
			if f.e.sleepers.has(f.id) {
				return false, nil
			}
			if now, err := f.e.row(ctx, f.id); err != nil || now != row { // woken since
				return err != nil, err
			}
		}
		awaited, err := f.e.awaited(ctx, row)
		return err != nil || !awaited, err
	}
	if f.left && f.a.err != nil { // perhaps it holds the claim still
		return true, f.a.err
	}
	if row.Held {
		return false, nil
	}
	// If the run was taken, this engine hears of that with its next outcome,
	// which may come after the run's end elsewhere.
	if err := wait(ctx, f.a.over); err != nil {
		return true, err
	}
	if f.a.err == nil && !f.a.st.WakeAt.IsZero() && !asksPerson(f.a.st) {
		f.a = nil // it goes on here, in another activation
		return false, nil
	}
	return true, f.a.err
}

// asksPerson reports whether a person is asked something, so that a run at rest is
// not followed for its timers' sake. After a failure beside a timer it is: what
// else there is to do is done first.
func asksPerson(st *replay.State) bool {
	return slices.ContainsFunc(st.Blockers(), func(b pawl.Blocker) bool {
		return !fails(b)
	})
}
