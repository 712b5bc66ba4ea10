package view

import (
	"context"

	"github.com/pawlrun/pawl"
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
	var rec pawl.RunRecord // of the last item: a run's are often together
	for _, item := range open {
		if rec.ID != item.Run {
			if rec, err = v.Run(ctx, item.Run); err != nil {
				rec = pawl.RunRecord{ID: item.Run}
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
