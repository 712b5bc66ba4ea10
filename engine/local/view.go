package local

import (
	"context"
	"fmt"
	"iter"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/replay"
	"github.com/pawlrun/pawl/journal"
)

// Get implements pawl.Engine.
func (e *Engine) Get(ctx context.Context, id pawl.RunID) (pawl.RunRecord, error) {
	row, err := e.row(ctx, id)
	if err != nil {
		return pawl.RunRecord{}, err
	}
	events, err := e.journal.Read(ctx, id, 0, 0)
	if err != nil {
		return pawl.RunRecord{}, pawl.AsError(err, pawl.ErrStorage)
	}
	st, err := replay.Fold(events)
	if err != nil {
		return pawl.RunRecord{}, pawl.AsError(err, pawl.ErrStorage)
	}
	if orphaned(st.Status, row.Held) {
		st.LoseOpen()
		st.Status, st.Reason = pawl.StatusQueued, orphanReason
	}
	return st.Record(), nil
}

// List implements pawl.Engine.
func (e *Engine) List(ctx context.Context, f pawl.RunFilter) ([]pawl.RunSummary, error) {
	rows, err := e.journal.Runs(ctx, f)
	if err != nil {
		return nil, pawl.AsError(err, pawl.ErrStorage)
	}
	list := make([]pawl.RunSummary, len(rows))
	for i, r := range rows {
		if orphaned(r.Summary.Status, r.Held) {
			r.Summary = journal.Summary{Status: pawl.StatusQueued, Reason: orphanReason}
		}
		list[i] = pawl.RunSummary{ID: r.ID, Flow: r.Flow, Status: r.Summary.Status, Reason: r.Summary.Reason,
			Model: r.Model, CreatedAt: r.CreatedAt, UpdatedAt: r.UpdatedAt}
	}
	return list, nil
}

const orphanReason = "the process that executed it ended"

// orphaned reports whether a run's process died: it says that it is being
// executed, and nobody holds it.
func orphaned(s pawl.Status, held bool) bool {
	return !held && (s == pawl.StatusRunning || s == pawl.StatusPausing || s == pawl.StatusCanceling)
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
		wait, cancel := context.WithCancel(ctx)
		defer cancel()
		a := e.activation(id)
		if a != nil {
			defer context.AfterFunc(a.dropped, cancel)()
		}
		var mark journal.Mark
		for {
			// The mark is taken before reading, so that no change is missed.
			m, err := e.journal.Changes(wait, mark)
			if err != nil {
				yield(pawl.Event{}, e.whyNoMore(ctx, id, err))
				return
			}
			mark = m
			row, err := e.row(ctx, id)
			if err != nil {
				yield(pawl.Event{}, err)
				return
			}
			for after < row.LastSeq {
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
			if after > row.LastSeq {
				continue // more came than the row knew
			}
			if !row.Held { // at rest, or its process died
				// If the run was taken, this engine hears of that with its next
				// outcome, which may come after the run's end elsewhere.
				if a != nil {
					select {
					case <-a.over:
					case <-ctx.Done():
						yield(pawl.Event{}, pawl.AsError(ctx.Err(), pawl.ErrStorage))
						return
					}
				}
				if err := e.whyStopped(id); err != nil {
					yield(pawl.Event{}, err)
				}
				return
			}
		}
	}
}

// whyNoMore says why waiting for changes ended: ctx did, the run was dropped by
// this engine, or the journal fails.
func (e *Engine) whyNoMore(ctx context.Context, id pawl.RunID, err error) error {
	if why := e.whyStopped(id); why != nil && ctx.Err() == nil {
		return why
	}
	return pawl.AsError(err, pawl.ErrStorage)
}

func (e *Engine) whyStopped(id pawl.RunID) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.stopped[id]
}
