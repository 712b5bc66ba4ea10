package view

import (
	"context"
	"fmt"

	"github.com/pawlrun/pawl"
)

// atOnce is how many runs are read at a time to find those of a selection, where those that
// were read first do not suffice.
const atOnce = 500

// Part returns the runs of a selection in parts, the newest first, and where the next
// part begins: that is its After; empty: nothing comes behind. Runs that are added
// meanwhile move nothing. A run to go on from that is not there any more is ErrNotFound.
// The selection's limit is at least 1.
func (v *View) Part(ctx context.Context, s Selection) (list []Listed, next pawl.RunID, err error) {
	if s.After != "" {
		if err := v.isThere(ctx, s.After); err != nil {
			return nil, "", err
		}
	}
	list, want := []Listed{}, s.Limit
	s.Limit = 0
	for limit := want + 1; ; limit = max(atOnce, want+1) {
		f := s.RunFilter
		f.Limit = limit
		runs, err := v.engine.List(ctx, f)
		if err != nil {
			return nil, "", err
		}
		more := len(runs) == f.Limit
		if more {
			s.After = runs[len(runs)-1].ID
		}
		found, err := v.among(ctx, s, runs)
		if err != nil {
			return nil, "", err
		}
		if list = append(list, found...); len(list) > want {
			return list[:want], list[want-1].ID, nil
		}
		if !more {
			return list, "", nil
		}
	}
}

// among returns those of some runs that a selection lets through.
func (v *View) among(ctx context.Context, s Selection, runs []pawl.RunSummary) ([]Listed, error) {
	found, err := v.listed(ctx, runs)
	if err != nil || s.Text == "" {
		return found, err
	}
	var has []Listed
	for _, r := range found {
		if r.has(s.Text) {
			has = append(has, r)
		}
	}
	return has, nil
}

// isThere returns ErrNotFound if there is no such run.
func (v *View) isThere(ctx context.Context, id pawl.RunID) error {
	runs, err := v.engine.List(ctx, pawl.RunFilter{Prefix: id, Limit: 1})
	if err == nil && (len(runs) == 0 || runs[0].ID != id) {
		err = &pawl.Error{Kind: pawl.ErrNotFound, Message: fmt.Sprintf("there is no run %q to go on from; it may have been removed: begin the list anew", id)}
	}
	return err
}
