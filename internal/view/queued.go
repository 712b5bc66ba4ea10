package view

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/journal"
)

// explained returns a record that says of a queued run why nobody takes it up.
func (v *View) explained(ctx context.Context, rec pawl.RunRecord) (pawl.RunRecord, error) {
	if rec.Status != pawl.StatusQueued {
		return rec, nil
	}
	r := pawl.RunSummary{ID: rec.ID, Flow: rec.Flow, Status: rec.Status, Reason: rec.Reason}
	offers, err := v.offers(ctx, []pawl.RunSummary{r})
	if err != nil {
		return rec, err
	}
	created, err := v.created(ctx, []pawl.RunID{rec.ID})
	rec.Reason = v.standing(r, created[rec.ID].Program, offers)
	return rec, err
}

// offers are the processes that take up runs, if one of these is queued and the journal
// can tell; nil: it cannot.
func (v *View) offers(ctx context.Context, runs []pawl.RunSummary) ([]journal.Offer, error) {
	q, ok := v.journal.(journal.Queue)
	if !ok || !slices.ContainsFunc(runs, func(r pawl.RunSummary) bool { return r.Status == pawl.StatusQueued }) {
		return nil, nil
	}
	return q.Offers(ctx)
}

// standing is a run's reason; of one that is queued also why nobody takes it up, if that
// is so.
func (v *View) standing(r pawl.RunSummary, program string, offers []journal.Offer) string {
	if r.Status != pawl.StatusQueued || offers == nil {
		return r.Reason
	}
	why := "no worker is there"
	if len(offers) > 0 {
		why += " that has its flow"
	}
	for _, o := range offers {
		if !o.Has(r.Flow, program) {
			continue
		}
		left := o.Left[r.ID]
		if left == "" {
			return r.Reason // that one takes it up
		}
		why = fmt.Sprintf("the worker in %s leaves it: %s", cmp.Or(o.Process, "another process"), left)
	}
	if r.Reason == "" {
		return why
	}
	return r.Reason + "; " + why
}
