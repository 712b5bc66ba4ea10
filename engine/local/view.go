package local

import (
	"context"
	"fmt"
	"slices"

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
		row, err := e.row(ctx, id)
		if err != nil {
			return pawl.RunRecord{}, err
		}
		if says := (journal.Summary{Status: st.Status, Reason: st.Reason}); replay.Unheld(says) != says {
			switch {
			case row.Held, row.Imported:
			case st.Seq != row.LastSeq: // it has gone on since it was read
				e.cache.put(st)
				continue
			default:
				is := replay.Unheld(row.Summary)
				st.LoseOpen()
				st.Status, st.Reason = is.Status, is.Reason
			}
		}
		record := st.Record()
		if record.Imported = row.Imported; row.Imported { // nobody can lift them here
			for i := range record.Blockers {
				record.Blockers[i].Actions = []pawl.Action{}
			}
		}
		if !st.Ended() { // or nothing more will come
			e.cache.put(st)
		}
		return record, nil
	}
}

// List implements pawl.Engine.
func (e *Engine) List(ctx context.Context, f pawl.RunFilter) ([]pawl.RunSummary, error) {
	wanted := f.Statuses
	f.Statuses = storedAs(wanted)
	list := []pawl.RunSummary{}
	for {
		rows, err := e.journal.Runs(ctx, f)
		if err != nil {
			return nil, pawl.AsError(err, pawl.ErrStorage)
		}
		for _, row := range rows {
			if r := summaryOf(row); len(wanted) == 0 || slices.Contains(wanted, r.Status) {
				list = append(list, r)
			}
		}
		switch {
		case f.Limit > 0 && len(list) > f.Limit:
			return list[:f.Limit], nil
		case f.Limit <= 0 || len(list) == f.Limit || len(rows) < f.Limit:
			return list, nil
		}
		f.After = rows[len(rows)-1].ID // some stand otherwise than it is stored
	}
}

// storedAs returns the statuses under which runs are stored that stand at one of these.
func storedAs(wanted []pawl.Status) (stored []pawl.Status) {
	for _, s := range pawl.Status("").All() {
		if slices.Contains(wanted, s) || slices.Contains(wanted, replay.Unheld(journal.Summary{Status: s}).Status) {
			stored = append(stored, s)
		}
	}
	return stored
}

// summaryOf returns how a run stands.
func summaryOf(r journal.Row) pawl.RunSummary {
	if !r.Held && !r.Imported {
		r.Summary = replay.Unheld(r.Summary)
	}
	return pawl.RunSummary{ID: r.ID, Flow: r.Flow, Status: r.Summary.Status, Reason: r.Summary.Reason,
		Model: r.Model, Imported: r.Imported, CreatedAt: r.CreatedAt, UpdatedAt: r.UpdatedAt, LastSeq: r.LastSeq,
		Program: r.Program, Schedule: r.Schedule, Base: runOrNull(r.Base), SupersededBy: runOrNull(r.SupersededBy)}
}

func runOrNull(id pawl.RunID) *pawl.RunID {
	if id == "" {
		return nil
	}
	return &id
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
