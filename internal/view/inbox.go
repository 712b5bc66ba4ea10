package view

import (
	"context"
	"encoding/json"
	"slices"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/replay"
)

// Inbox returns the open blockers of the runs that the filter lets through, the
// oldest first. What is to be hidden may stand anywhere in a run's history: of one
// that cannot be read nothing is shown.
func (v *View) Inbox(ctx context.Context, f pawl.RunFilter) ([]pawl.InboxItem, error) {
	open, err := v.engine.Inbox(ctx, f)
	if err != nil {
		return nil, err
	}
	items := []pawl.InboxItem{}
	known := forecasts{}
	var rec pawl.RunRecord // of the last item: a run's are often together
	for _, item := range open {
		if rec.ID != item.Run {
			rec, err = v.run(ctx, item.Run, known)
			switch {
			case err != nil && isDamaged(err):
				rec = pawl.RunRecord{ID: item.Run}
			case err != nil:
				return nil, err
			}
		}
		for _, b := range rec.Blockers {
			if b.Key == item.Key && b.Digest == item.Digest { // it may just have been lifted
				item.Blocker = b
				items = append(items, item)
			}
		}
	}
	return items, nil
}

// Decided returns up to limit runs that nobody has to decide on any more and nobody has
// gone on with: they are queued, nothing of them is open, and a decision waits to be asked.
// One that cannot be read is left out.
func (v *View) Decided(ctx context.Context, f pawl.RunFilter, limit int) ([]pawl.RunRecord, error) {
	f.Limit = 0
	runs, err := v.engine.List(ctx, f)
	if err != nil {
		return nil, err
	}
	var all []pawl.RunRecord
	for _, r := range runs {
		if r.Status != pawl.StatusQueued || r.Reason == replay.NotBegun || len(all) == limit {
			continue
		}
		rec, err := v.Run(ctx, r.ID)
		waits := func(d pawl.Decision) bool { return d.Waits }
		if err == nil && len(rec.Blockers) == 0 && slices.ContainsFunc(rec.Decisions, waits) {
			all = append(all, rec)
		}
	}
	return all, ctx.Err()
}

// Waiting is Inbox without what would have to be masked: of each item the run, its
// flow and the blocker's key, kind, digest, time and actions. It reads no history.
func (v *View) Waiting(ctx context.Context, f pawl.RunFilter) ([]pawl.InboxItem, error) {
	open, err := v.engine.Inbox(ctx, f)
	for i, item := range open {
		b := item.Blocker
		open[i].Blocker = pawl.Blocker{Key: b.Key, Kind: b.Kind, Digest: b.Digest, Since: b.Since, Deadline: b.Deadline, Actions: b.Actions, Limit: b.Limit,
			Proposal: json.RawMessage("null"), Reasons: []string{}, Sensitive: b.Sensitive}
	}
	return open, err
}
