package cli

import (
	"context"
	"errors"
	"slices"

	"github.com/spf13/cobra"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/cli/internal/form"
	"github.com/pawlrun/pawl/cli/internal/page"
)

func (a *app) raiseCommand() *cobra.Command {
	var by pawl.Budget
	d := pawl.Decision{What: pawl.DecideRaise}
	var out delivery
	c := &cobra.Command{
		Use:   "raise RUN",
		Short: "Set a run's budget anew, and let it go on",
		Long: "Set limits of a run's budget anew, and let the run go on if it waits for that: here,\n" +
			"as with `resume`, unless another process executes it. A paused run stays paused. Where a\n" +
			"run stands at a limit on many runs (`limit`) it needs --seen, and they are what that run\n" +
			"may take beyond that; `inbox` and `show` print the whole command. RUN is an id, the\n" +
			"beginning of one, or last.",
		Example: a.example("raise", "last", "--budget-usd", "2.50") + "\n" + a.example("raise", "3f2a", "--budget-calls", "40"),
		Args:    oneRun,
	}
	flags := c.Flags()
	flags.SortFlags = false
	budgetFlags(flags, &by)
	flags.StringVarP(&d.Comment, "comment", "m", "", "say why, in a `TEXT` that is kept with the decision")
	flags.StringVar(&d.Digest, "seen", "", "raise only at what was shown with this `DIGEST`")
	a.goOnFlags(flags, &out)
	c.RunE = func(c *cobra.Command, args []string) error {
		if given(by) == nil {
			return a.raiseWhat(c.Context(), args[0])
		}
		d.Budget = &by
		return a.raise(c.Context(), args[0], d, out)
	}
	return c
}

// raiseWhat refuses a raise that names no limit, with the command that names those which a
// run's budget blocker proposes, and what they stand on.
func (a *app) raiseWhat(ctx context.Context, name string) error {
	refusal := &pawl.Error{Kind: pawl.ErrInput, Message: "raise what? give --budget-usd, --budget-tokens or --budget-calls"}
	s, err := a.openToRead(ctx)
	if err != nil || s == nil {
		return refusal
	}
	rec, err := a.record(ctx, s, name)
	if err := closing(ctx, s, err); err != nil {
		return err
	}
	for _, b := range rec.Blockers {
		for _, act := range b.Actions {
			if act.Name == pawl.DecideRaise && act.Budget != nil {
				refusal.Run, refusal.Hint = rec.ID, a.budgetHint(b)
				return &ending{err: refusal, next: act.Command}
			}
		}
	}
	return refusal
}

func (a *app) raise(ctx context.Context, name string, d pawl.Decision, out delivery) error {
	if err := form.CheckOutput(out.output); err != nil {
		return err
	}
	s, err := a.openExisting(ctx)
	if err != nil {
		return err
	}
	rec, err := a.record(ctx, s, name)
	if err != nil {
		return closing(ctx, s, err)
	}
	atLimit := slices.IndexFunc(rec.Blockers, func(b pawl.Blocker) bool { return b.Limit != nil })
	signals, stop := a.catchSignals()
	defer stop()
	d.Who = a.who()
	if err := a.settle(ctx, s, rec.ID, d, signals); err != nil {
		if atLimit >= 0 && d.Digest == "" && errors.Is(err, pawl.ErrInput) {
			err = &ending{err: pawl.AsError(err, pawl.ErrInput), next: a.raiseAgain(rec.ID, rec.Blockers[atLimit], d)}
		}
		return closing(ctx, s, err)
	}
	if !a.quiet {
		beyond := ""
		if atLimit >= 0 && d.Digest != "" {
			beyond = " beyond limits on many runs"
		}
		a.say("run %s %s may take %s%s now", rec.ID, rec.Flow, page.Limits(*d.Budget), beyond)
	}
	if rec.Status == pawl.StatusPaused { // it stays so
		if err := s.engine.Close(ctx); err != nil {
			return closing(ctx, s, err)
		}
		now, err := a.get(ctx, s, rec.ID)
		if err := closing(ctx, s, err); err != nil {
			return err
		}
		return a.printSteered(now)
	}
	by, err := s.view.Claimant(ctx, rec)
	if err != nil {
		return closing(ctx, s, err)
	}
	return a.followOn(ctx, s, rec, by, out, signals)
}

// raiseAgain is the command of a raise that says which blocker it is about.
func (a *app) raiseAgain(run pawl.RunID, b pawl.Blocker, d pawl.Decision) string {
	words := append([]string{"raise", string(run)}, raiseWords(b, d.Budget)...)
	if d.Comment != "" {
		words = append(words, "-m", d.Comment)
	}
	return a.command(words...)
}
