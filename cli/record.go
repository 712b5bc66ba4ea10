package cli

import (
	"context"
	"slices"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/mask"
)

// mask hides what must not be shown of a flow's runs.
func (a *app) mask(flow string) *mask.Mask { return mask.Of(a.flow(flow)) }

// shown returns a record as this program shows it: without what must not be
// seen, and with commands that name this program and its data.
func (a *app) shown(rec pawl.RunRecord) pawl.RunRecord {
	rec = a.mask(rec.Flow).Record(rec)
	for i := range rec.Blockers { // Record has copied them
		b := &rec.Blockers[i]
		b.Actions = slices.Clone(b.Actions)
		for j := range b.Actions {
			b.Actions[j].Command = a.actionCommand(rec.ID, *b, b.Actions[j])
		}
	}
	return rec
}

// reason is a run's reason as it may be shown. What is to be hidden may stand
// anywhere in its history: if that cannot be read, nothing is shown.
func (a *app) reason(ctx context.Context, s *store, r pawl.RunSummary) string {
	if r.Reason == "" {
		return ""
	}
	rec, err := s.engine.Get(ctx, r.ID)
	if err != nil {
		return ""
	}
	rec.Reason = r.Reason
	return a.shown(rec).Reason
}
