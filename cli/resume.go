package cli

import (
	"context"
	"errors"
	"os/user"

	"github.com/spf13/cobra"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/cli/internal/form"
	"github.com/pawlrun/pawl/cli/internal/page"
	"github.com/pawlrun/pawl/journal"
)

func (a *app) resumeCommandTree() *cobra.Command {
	var d pawl.Directive
	var out delivery
	var prompts string
	c := &cobra.Command{
		Use:   "resume RUN",
		Short: "Go on with a run after a pause, a crash or a failure",
		Long: "Go on with a run where it stopped: finished steps stay finished, a failed step\n" +
			"is tried again. RUN is an id, the beginning of one, or last. A run that is done\n" +
			"prints its result again. What is left is asked with the prompts that the run was\n" +
			"started with, or with those of --prompts, which the run then keeps.",
		Example: a.example("resume", "last") + "\n" +
			a.example("resume", "3f2a", "--model", a.exampleModel()),
		Args: oneRun,
	}
	flags := c.Flags()
	flags.SortFlags = false
	flags.StringVar(&d.Model, "model", "", "ask `MODEL` from now on, above what prompts say")
	fallbackFlag(flags, &d.Fallback)
	flags.BoolVar(&d.Take, "take", false, "take the run from the process that holds it; that one can then write no more")
	a.changeFlags(flags)
	promptsFlag(flags, &prompts)
	a.goOnFlags(flags, &out)
	c.RunE = func(c *cobra.Command, args []string) error {
		return a.resume(c.Context(), args[0], d, prompts, out)
	}
	return c
}

// oneRun checks that one run is named.
func oneRun(_ *cobra.Command, args []string) error {
	switch {
	case len(args) == 0:
		return badInput("which run? give an id, the beginning of one, or last")
	case len(args) > 1:
		return badInput("unexpected argument %q; wants one run", args[1])
	}
	return nil
}

func (a *app) resume(ctx context.Context, name string, d pawl.Directive, prompts string, out delivery) error {
	if err := a.checkModels(d.Model, d.Fallback); err != nil {
		return err
	}
	if err := form.CheckOutput(out.output); err != nil {
		return err
	}
	s, err := a.openExisting(ctx)
	if err != nil {
		return err
	}
	run, err := a.find(ctx, s, name)
	if err != nil {
		return closing(ctx, s, err)
	}
	// A follower now: who goes on with the run takes what was read of it.
	rec, follower, err := s.view.RunToFollow(ctx, run.ID)
	if err != nil {
		return closing(ctx, s, err)
	}
	rec = a.withCommands(rec)
	if d.Prompts, err = a.otherPrompts(rec.Flow, prompts); err != nil {
		return closing(ctx, s, err)
	}
	if rec.Ended() {
		out.why, out.took = "was done already", page.Took(s.times(ctx, rec.ID))
		a.leaveState(rec)
		return closing(ctx, s, a.report(rec, nil, out))
	}
	if a.flow(rec.Flow) == nil {
		return closing(ctx, s, badInput("run %s is of flow %q, which this program does not have; %s", rec.ID, rec.Flow, a.flowList()))
	}
	signals, stop := a.catchSignals()
	defer stop()
	heard := a.listen(s, rec.ID) // from the first piece on
	d.What, d.Who = pawl.DirectResume, a.who()
	if err := s.engine.Direct(ctx, rec.ID, d); err != nil {
		return closing(ctx, s, a.notResumed(s.view.Error(ctx, rec.ID, err), rec.ID))
	}
	if !a.quiet && !a.hasTree() { // its first line says so
		model := rec.Model
		if d.Model != "" {
			model = d.Model
		}
		a.say("run %s %s goes on with %s", rec.ID, rec.Flow, model)
	}
	a.sayMissing(a.flow(rec.Flow), prompts)
	f := a.followingAs(ctx, s, follower, rec, rec.LastSeq, signals)
	f.hear(heard)
	return a.execute(ctx, s, f, out)
}

// notResumed says of a run that is held how to take it.
func (a *app) notResumed(err error, id pawl.RunID) error {
	if !errors.Is(err, journal.ErrHeld) {
		return err
	}
	e := *pawl.AsError(err, pawl.ErrConflict)
	e.Hint, e.Run = "if that process stands still, take the run from it", id
	return &ending{err: &e, next: a.again("resume", string(id), "--take")}
}

// who names the person at this terminal, for the history.
func (a *app) who() string {
	for _, name := range []string{"USER", "LOGNAME", "USERNAME"} {
		if who := a.getenv(name); who != "" {
			return who
		}
	}
	if u, err := user.Current(); err == nil && u.Username != "" {
		return u.Username
	}
	return "someone"
}

// closing closes the store, if there is one, at the end of a command that ends
// with err.
func closing(ctx context.Context, s *store, err error) error {
	if s == nil {
		return err
	}
	if cerr := s.close(ctx); err == nil && cerr != nil {
		return pawl.AsError(errors.Join(cerr), pawl.ErrStorage)
	}
	return err
}
