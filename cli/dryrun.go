package cli

import (
	"context"
	"encoding/json"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/cli/internal/page"
	"github.com/pawlrun/pawl/cli/internal/term"
)

// checkDryRun refuses what a dry run has no use for.
func checkDryRun(o runOptions) error {
	switch {
	case o.detach:
		return badInput("--dry-run starts nothing, so there is nothing to --detach; give one of them")
	case o.output != "":
		return badInput("--dry-run has no result to write to --output; give one of them")
	}
	return nil
}

// planned asks an engine what a run would do, and returns that as it may be shown.
func (a *app) planned(ctx context.Context, s *store, f pawl.Flow, input json.RawMessage, start *pawl.StartOptions) ([]pawl.PlannedStep, error) {
	e, ok := s.engine.(interface {
		Plan(context.Context, pawl.Flow, json.RawMessage, *pawl.StartOptions) ([]pawl.PlannedStep, error)
	})
	if !ok {
		return nil, unable("plan a run")
	}
	steps, err := e.Plan(ctx, f, input, start)
	if err != nil {
		return nil, err
	}
	base := pawl.RunID("")
	if start.Base != nil {
		base = start.Base.Run
	}
	return s.view.Planned(ctx, f, input, base, steps)
}

// dryRun prints what a run would ask before it needs an answer. Nothing is asked and
// nothing stored.
func (a *app) dryRun(ctx context.Context, f pawl.Flow, input json.RawMessage, start *pawl.StartOptions) error {
	s, err := a.openInMemory(ctx)
	if err != nil {
		return err
	}
	steps, err := a.planned(ctx, s, f, input, start)
	if err := closing(ctx, s, err); err != nil {
		return err
	}
	if a.json {
		return a.printJSON(steps)
	}
	p := &page.Page{Out: a.out, Width: a.width(), Ink: a.ink(a.stdout), Zone: a.zone}
	p.Planned(steps)
	if !a.quiet {
		a.say("%s", dryRunSum(len(steps)))
	}
	return nil
}

func dryRunSum(n int) string {
	if n == 0 {
		return "the flow comes to its end without a step; nothing was stored"
	}
	return term.Count(int64(n), "step") + " would begin first; nothing was asked and nothing stored"
}
