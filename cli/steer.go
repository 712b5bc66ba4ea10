package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/cli/internal/page"
	"github.com/pawlrun/pawl/cli/internal/term"
	"github.com/pawlrun/pawl/internal/view"
)

// steering is what `pause` and `cancel` ask of a run, and where that leads.
type steering struct {
	pawl.Directive
	name   string      // of the run
	goal   pawl.Status // where it is to stand then
	noWait bool
	yes    bool
}

func (a *app) pauseCommand() *cobra.Command {
	st := steering{Directive: pawl.Directive{What: pawl.DirectPause}, goal: pawl.StatusPaused}
	c := &cobra.Command{
		Use:   "pause RUN",
		Short: "Have a run begin nothing more until it is resumed",
		Long: "Have a run begin nothing more until it is resumed, wherever it is executed. Calls\n" +
			"in flight end and count; the command waits for that. RUN is an id, the beginning\n" +
			"of one, or last.",
		Example: a.example("pause", "last") + "\n" + a.example("pause", "3f2a", "--no-wait"),
		Args:    oneRun,
	}
	c.Flags().BoolVar(&st.noWait, "no-wait", false, "ask for it, and do not wait until it is so")
	c.RunE = func(c *cobra.Command, args []string) error {
		st.name = args[0]
		return a.steer(c.Context(), st)
	}
	return c
}

func (a *app) cancelCommand() *cobra.Command {
	sel := &selection{}
	st := steering{Directive: pawl.Directive{What: pawl.DirectCancel}, goal: pawl.StatusCanceled}
	c := &cobra.Command{
		Use:   "cancel RUN",
		Short: "End a run for good, without a result",
		Long: "End a run for good, wherever it is executed. Calls in flight end, and what they\n" +
			"bring is kept and not used; the command waits for that. Finished steps stay in\n" +
			"the run's history, but it cannot go on. RUN is an id, the beginning of one, or\n" +
			"last. Many are ended at once with --flow, --question, --status, --runs or --all: it is\n" +
			"shown how many and which, and asked once.",
		Example: a.example("cancel", "last", "-m", "wrong topic") + "\n" + a.example("cancel", "3f2a", "--yes") + "\n" + a.example("cancel", "--flow", "blog", "--status", "failed"),
		Args:    sel.args(oneRun),
	}
	flags := c.Flags()
	flags.SortFlags = false
	flags.StringVarP(&st.Text, "comment", "m", "", "say why, in a `TEXT` that is kept with the run")
	flags.BoolVar(&st.yes, "yes", false, "do not ask first")
	flags.BoolVar(&st.noWait, "no-wait", false, "ask for it, and do not wait until it is so")
	sel.flags(flags, "cancel")
	c.RunE = func(c *cobra.Command, args []string) error {
		if sel.isGiven() {
			if err := a.checkSelection(sel, args); err != nil {
				return err
			}
			return a.cancelMany(c.Context(), st, sel)
		}
		st.name = args[0]
		return a.steer(c.Context(), st)
	}
	return c
}

// steer asks something of a run, says what it waits for, and follows the run
// until it is so.
func (a *app) steer(ctx context.Context, st steering) error {
	s, err := a.openExisting(ctx)
	if err != nil {
		return err
	}
	find := a.find
	if st.What == pawl.DirectCancel {
		find = a.findSurely
	}
	run, err := find(ctx, s, st.name)
	if err != nil {
		return closing(ctx, s, err)
	}
	rec, err := a.get(ctx, s, run.ID)
	if err != nil {
		return closing(ctx, s, err)
	}
	if rec.Status == st.goal {
		return closing(ctx, s, a.steered(rec, st, "already"))
	}
	if st.What == pawl.DirectCancel && !st.yes && !rec.Ended() {
		if err := a.confirm(fmt.Sprintf("end run %s, %s, which %s, for good", rec.ID, rec.Flow, view.Standing(rec.Status))); err != nil {
			return closing(ctx, s, err)
		}
	}
	signals, stop := a.catchSignals()
	defer stop()
	rec, sig, err := a.direct(ctx, s, rec, st, signals)
	if err := closing(ctx, s, err); err != nil {
		return err
	}
	if sig != nil {
		return &ending{
			bare: true,
			err:  &pawl.Error{Kind: pawl.ErrInterrupt, Run: rec.ID, Message: fmt.Sprintf("run %s %s; %s stays asked for", rec.ID, view.Standing(rec.Status), st.What)},
			code: signalExit(sig), next: a.command("watch", string(rec.ID)),
		}
	}
	return a.steered(rec, st, "")
}

// direct has a run do what is asked, and returns it as it stands when it has come
// to that, or when it is not to be waited for.
func (a *app) direct(ctx context.Context, s *store, rec pawl.RunRecord, st steering, signals <-chan os.Signal) (pawl.RunRecord, os.Signal, error) {
	st.Who = a.who()
	for {
		executed := executing(rec.Status)
		sig, err := s.direct(ctx, rec.ID, st.Directive, signals)
		if sig != nil {
			return rec, sig, nil
		}
		now, gone := a.get(ctx, s, rec.ID)
		if gone != nil {
			return rec, nil, gone
		}
		rec = now
		if err != nil {
			if rec.Status == st.goal && errors.Is(err, pawl.ErrConflict) { // somebody was faster
				err = nil
			}
			return rec, nil, err
		}
		if rec.Status.AtRest() {
			return rec, nil, nil
		}
		if executed && !a.quiet {
			a.stamped("%s asked for; %s", st.What, waitsFor(s.view.InFlight(ctx, rec.ID)))
		}
		if executed && st.noWait {
			return rec, nil, nil
		}
		if sig, rec, err = a.toRest(ctx, s, rec, signals); err != nil || sig != nil || rec.Status != pawl.StatusQueued {
			return rec, sig, err
		}
		// Its process died: what it was asked is now asked of this one.
	}
}

// executing reports whether a live process executes a run of that status.
func executing(s pawl.Status) bool {
	return s == pawl.StatusRunning || s == pawl.StatusPausing || s == pawl.StatusCanceling
}

// direct is Direct, whose waiting a signal ends: a process that stands still may
// be to carry it out.
func (s *store) direct(ctx context.Context, id pawl.RunID, d pawl.Directive, signals <-chan os.Signal) (os.Signal, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- s.engine.Direct(ctx, id, d) }()
	select {
	case err := <-done:
		return nil, s.view.Error(ctx, id, err)
	case sig := <-signals:
		cancel()
		<-done
		return sig, nil
	}
}

// toRest waits until a run rests, and shows what happens to it meanwhile.
func (a *app) toRest(ctx context.Context, s *store, rec pawl.RunRecord, signals <-chan os.Signal) (os.Signal, pawl.RunRecord, error) {
	f, err := a.following(ctx, s, rec, rec.LastSeq, signals)
	if err != nil {
		return nil, rec, err
	}
	f.guest, f.live, f.lines.NoBegins = &guest{to: a.err}, nil, false
	sig, now, err := f.toRest(ctx)
	if err != nil || sig != nil {
		return sig, rec, err
	}
	return nil, now, nil
}

// steered says how a run stands that was steered: as was asked, or not.
func (a *app) steered(rec pawl.RunRecord, st steering, already string) error {
	if err := a.printSteered(rec); err != nil {
		return err
	}
	switch {
	case rec.Status == st.goal:
		if !a.quiet {
			a.say("%s", strings.TrimSpace(fmt.Sprintf("run %s %s %s", rec.ID, view.Standing(rec.Status), already)))
			if st.goal == pawl.StatusPaused && a.stderr.Terminal {
				a.say("go on with it: %s", a.command("resume", string(rec.ID)))
			}
		}
		return nil
	case st.noWait && !rec.Status.AtRest():
		return nil
	}
	e := &ending{bare: true, err: &pawl.Error{Kind: pawl.ErrConflict, Run: rec.ID, Message: page.Sentence("run %s "+view.Standing(rec.Status), rec.ID, rec.Reason)}}
	e.err.Message += fmt.Sprintf("; %s came too late", st.What)
	if rec.Status != pawl.StatusCanceled {
		e.next = a.resumeCommand(rec.ID)
	}
	return e
}

// printSteered prints a steered run for programs.
func (a *app) printSteered(rec pawl.RunRecord) error {
	switch {
	case a.json:
		return a.printJSON(rec)
	case a.quiet:
		fmt.Fprintln(a.out, rec.Status)
	}
	return nil
}

// waitsFor says which steps have to end before a run rests.
func waitsFor(steps []pawl.Key) string {
	keys := make([]string, len(steps))
	for i, k := range steps {
		keys[i] = string(k)
	}
	const most = 3
	switch n := len(keys); {
	case n == 0:
		return "nothing is in flight"
	case n == 1:
		return "waiting for step " + keys[0]
	case n > most:
		return fmt.Sprintf("waiting for %s: %s and %d more", term.Count(int64(n), "step"), strings.Join(keys[:most], ", "), n-most)
	}
	return fmt.Sprintf("waiting for %s: %s", term.Count(int64(len(keys)), "step"), strings.Join(keys, ", "))
}
