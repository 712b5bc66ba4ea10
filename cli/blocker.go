package cli

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/cli/internal/form"
	"github.com/pawlrun/pawl/cli/internal/page"
	"github.com/pawlrun/pawl/internal/view"
)

// openBlocker returns the blocker that a decision is about, if it may be decided
// so. Without a key it is the only one that such a decision lifts. name is a run as
// a.find takes it; s may be nil: no runs.
func (a *app) openBlocker(ctx context.Context, s *store, name string, d pawl.Decision) (*view.Blocker, error) {
	run, err := a.findSurely(ctx, s, name)
	if err != nil {
		return nil, err
	}
	b, err := s.view.Blocker(ctx, run.ID, d)
	var r *view.Refusal
	if errors.As(err, &r) {
		return nil, a.refused(r)
	}
	return b, err
}

// refused says why a decision is refused, and with which commands one may decide
// instead.
func (a *app) refused(r *view.Refusal) error {
	e := *r.Err
	if r.Last != nil {
		e.Message += "; the last decision was " + page.Decision(a.zone, *r.Last)
	}
	var lines []string
	for _, i := range r.Instead {
		lines = append(lines, a.actionCommand(r.Run.ID, i.Blocker, i.Action))
	}
	if len(lines) > 0 {
		return &ending{err: &e, next: strings.Join(lines, "\n")}
	}
	if e.Hint == "" {
		e.Hint = a.command("show", string(r.Run.ID)) + " says how it stands"
	}
	return &e
}

// wanted is the value that a decision on a blocker may carry.
func wanted(b *view.Blocker) form.Wanted {
	return form.Wanted{Key: b.Key, Shape: b.Root(), Proposal: b.Original(), Last: b.Rejected()}
}

// takes reports whether a blocker may be lifted so.
func takes(b pawl.Blocker, what pawl.DecisionKind) bool {
	return slices.ContainsFunc(b.Actions, func(act pawl.Action) bool { return act.Name == what })
}
