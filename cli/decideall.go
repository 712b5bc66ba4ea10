package cli

import (
	"context"
	"errors"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/cli/internal/form"
)

// decideAll decides alike on all steps of a run that stand still, where it may: to retry or
// to skip them. What comes to stand still meanwhile is left.
func (a *app) decideAll(ctx context.Context, d *deciding) error {
	if d.Key != "" || d.Digest != "" || d.only {
		return badInput("--all is for all that stands still: it takes no key, no --seen and no --record-only")
	}
	if err := form.CheckOutput(d.out.output); err != nil {
		return err
	}
	s, err := a.openExisting(ctx)
	if err != nil {
		return err
	}
	run, err := a.findSurely(ctx, s, d.name)
	if err != nil {
		return closing(ctx, s, err)
	}
	rec, err := a.get(ctx, s, run.ID)
	if err != nil {
		return closing(ctx, s, err)
	}
	var all []pawl.Decision
	for _, b := range rec.Blockers {
		if b.Key != "" && takes(b, d.What) {
			all = append(all, pawl.Decision{Key: b.Key, What: d.What, Who: a.who(), Comment: d.Comment, Digest: b.Digest})
		}
	}
	if len(all) == 0 {
		_, err := a.openBlocker(ctx, s, d.name, d.Decision)
		if err == nil {
			err = badInput("no step of run %s stands still that takes %s", rec.ID, d.What)
		}
		return closing(ctx, s, err)
	}
	d.Decision = all[len(all)-1]
	b, err := a.openBlocker(ctx, s, string(run.ID), d.Decision)
	if err != nil {
		return closing(ctx, s, err)
	}
	signals, stop := a.catchSignals()
	defer stop()
	for i, one := range all {
		err := a.settle(ctx, s, run.ID, one, signals)
		if i > 0 && i < len(all)-1 && errors.Is(err, pawl.ErrConflict) {
			continue // the run went on without it
		}
		if err != nil {
			return closing(ctx, s, err)
		}
	}
	return a.afterDecision(ctx, s, b, d, signals)
}
