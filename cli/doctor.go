package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/cli/internal/doctor"
	"github.com/pawlrun/pawl/cli/internal/term"
	"github.com/pawlrun/pawl/internal/notifier"
	"github.com/pawlrun/pawl/journal/sqlite"
)

func (a *app) doctorCommand() *cobra.Command {
	online := false
	c := &cobra.Command{
		Use:   "doctor",
		Short: "Check all that runs need",
		Long: "Check all that runs need: data directory, database, prices, keys, local model\n" +
			"servers, who is told of runs (" + notifyVariable + "), terminal. It makes no directory and\n" +
			"no database. The exit code is 1 if a check fails.",
		Example: a.example("doctor") + "\n" + a.example("doctor", "--online", "--json"),
		Args:    noArguments,
		RunE:    func(c *cobra.Command, _ []string) error { return a.doctor(c.Context(), online) },
	}
	c.Flags().BoolVar(&online, "online", false, "also make one small call to each provider that can be asked, which may cost a little, and connect to who is told of runs, sending nothing")
	return c
}

func (a *app) doctor(ctx context.Context, online bool) error {
	r := doctor.New(doctor.Options{Providers: a.providers, Getenv: a.getenv, Now: a.now, Command: a.command, Patience: a.patience})
	v := buildVersion()
	r.AddOK("version", "%s %s, %s %s, schema %d", a.program, v.Version, v.Go, v.Platform, v.Schema)
	switch dir, from, err := a.dataPlace(); {
	case err != nil:
		r.AddError("data directory", err)
	case a.openStore != nil: // what it keeps there is its own
		a.checkStore(ctx, r)
	default:
		r.CheckData(ctx, doctor.Data{Dir: dir, From: from, File: databaseFile, Schema: sqlite.SchemaVersion(), Open: func(ctx context.Context) (doctor.Database, error) {
			return sqlite.Open(ctx, dir, &sqlite.Options{ReadOnly: true})
		}})
	}
	own, path, from, err := a.ownPrices()
	r.CheckPrices(doctor.Prices{Own: own, Path: path, From: from, Err: err})
	a.checkLimits(r)
	a.checkNotify(ctx, r, online)
	r.CheckSettings(online)
	r.FindServers(ctx)
	if online {
		r.AskProviders(ctx)
	}
	r.AddOK("terminal", "%s", a.terminalFacts())
	return a.reportFindings(r.Findings)
}

// checkStore says where the program's own store keeps runs, and as what it executes them.
func (a *app) checkStore(ctx context.Context, r *doctor.Report) {
	s, err := a.openToRead(ctx)
	var said []string
	if err == nil && s != nil {
		said, err = s.standing(ctx)
	}
	if err = closing(ctx, s, err); err != nil {
		r.AddError("runs", err)
		return
	}
	place, err := a.runsPlace()
	if err != nil {
		r.AddError("runs", err)
		return
	}
	r.AddOK("runs", "%s", place)
	for _, line := range said {
		r.AddOK("worker", "%s", line)
	}
}

// checkLimits says how calls of models are bounded, if the environment says so.
func (a *app) checkLimits(r *doctor.Report) {
	l, err := a.limits()
	switch words := l.words(); {
	case err != nil:
		r.AddError("calls", err)
	case len(words) > 0:
		r.AddOK("calls", "as with %s", strings.Join(words, " "))
	}
}

// checkNotify says who is told when runs come to rest, if the environment names somebody.
func (a *app) checkNotify(ctx context.Context, r *doctor.Report, online bool) {
	const check = "notify"
	if err := a.readNotify(); err != nil {
		r.AddError(check, err)
		return
	}
	n := &a.notifying
	if !n.tells {
		return
	}
	if !online {
		r.AddOK(check, "%s is told when runs come to rest, signed with %s", n.target, term.Count(int64(len(n.secrets)), "secret"))
		return
	}
	switch err := n.target.Reach(ctx); {
	case errors.Is(err, notifier.ErrByProxy):
		r.AddWarning(check, "", "%s: %v", n.target, err)
	case err != nil:
		r.AddWarning(check, "notices wait until it can be reached", "%s is not reached: %v", n.target, err)
	default:
		r.AddOK(check, "%s takes connections; nothing was sent", n.target)
	}
}

// terminalFacts say what decides how results look.
func (a *app) terminalFacts() string {
	what := "standard output is not a terminal"
	if a.stdout.Terminal {
		what = "standard output is a terminal"
	}
	if width := a.width(); width > 0 {
		what += fmt.Sprintf(", %d columns", width)
	}
	for _, name := range []string{"TERM", "NO_COLOR", "CLICOLOR_FORCE"} {
		if value := a.getenv(name); value != "" {
			what += fmt.Sprintf(", %s=%s", name, value)
		}
	}
	return what
}

// reportFindings prints what was found. It returns an error if a check failed.
func (a *app) reportFindings(findings []doctor.Finding) error {
	var failed []doctor.Finding
	for _, f := range findings {
		if f.Status == doctor.Fail {
			failed = append(failed, f)
		}
	}
	if a.json {
		if err := a.printJSON(findings); err != nil {
			return err
		}
	} else {
		a.printFindings(findings)
	}
	if len(failed) == 0 {
		return nil
	}
	return &ending{code: 1, err: &pawl.Error{
		Kind:    pawl.ErrStorage,
		Message: fmt.Sprintf("%d of %s failed, the first is %s", len(failed), term.Count(int64(len(findings)), "check"), failed[0].Check),
		Hint:    failed[0].Remedy,
	}}
}

// printFindings prints a line each; with --quiet only those that are not ok.
func (a *app) printFindings(findings []doctor.Finding) {
	ink, inkOf := a.ink(a.stdout), map[doctor.Verdict]string{doctor.OK: term.Green, doctor.Warn: term.Magenta, doctor.Fail: term.Bold + term.Red}
	width := 0
	for _, f := range findings {
		width = max(width, len(f.Check))
	}
	for _, f := range findings {
		if a.quiet && f.Status == doctor.OK {
			continue
		}
		text := f.Detail
		if f.Remedy != "" {
			text += "; " + f.Remedy
		}
		text = term.Hang(text, 4+2+width+2, a.width())
		status := ink.Paint(inkOf[f.Status], string(f.Status))
		fmt.Fprintf(a.out, "%s  %s  %s\n", term.Pad(status, 4), term.Pad(f.Check, width), text)
	}
}
