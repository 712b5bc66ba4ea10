package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/cli/internal/term"
)

// verdict is what doctor says of one thing.
type verdict string

const (
	sound  verdict = "ok"
	doubt  verdict = "warn" // works, but a person should know
	broken verdict = "fail" // runs will not work
)

// finding is one thing that doctor has looked at.
type finding struct {
	Check  string  `json:"check"`
	Status verdict `json:"status"`
	Detail string  `json:"detail"`
	Remedy string  `json:"remedy"` // empty: nothing is to be done
}

// doctor looks at all that runs need and collects what it finds.
type doctor struct {
	*app
	findings []finding
}

func (a *app) doctorCommand() *cobra.Command {
	online := false
	c := &cobra.Command{
		Use:   "doctor",
		Short: "Check all that runs need",
		Long: "Check all that runs need: data directory, database, prices, keys, local model\n" +
			"servers, terminal. It makes no directory and no database. The exit code is 1 if\n" +
			"a check fails.",
		Example: a.example("doctor") + "\n" + a.example("doctor", "--online", "--json"),
		Args:    noArguments,
		RunE:    func(c *cobra.Command, _ []string) error { return a.doctor(c.Context(), online) },
	}
	c.Flags().BoolVar(&online, "online", false, "also make one small call to each provider that can be asked; it may cost a little")
	return c
}

func (a *app) doctor(ctx context.Context, online bool) error {
	d := &doctor{app: a}
	d.version()
	d.data(ctx)
	d.prices()
	d.providers()
	d.local(ctx)
	if online {
		d.online(ctx)
	}
	d.terminal()
	return d.report()
}

func (d *doctor) ok(check, format string, args ...any) {
	d.add(check, sound, "", format, args...)
}

// add notes a finding without any secret in it.
func (d *doctor) add(check string, status verdict, remedy, format string, args ...any) {
	hide := func(s string) string {
		for _, p := range providers() {
			// Shorter ones are placeholders for servers that want none.
			if key := d.getenv(p.key.name); len(key) >= 8 {
				s = strings.ReplaceAll(s, key, "***")
			}
		}
		return term.Plain(s)
	}
	d.findings = append(d.findings, finding{check, status, hide(fmt.Sprintf(format, args...)), hide(remedy)})
}

// fail notes an error of ours with its hint.
func (d *doctor) fail(check string, err error) {
	e := pawl.AsError(err, pawl.ErrStorage)
	d.add(check, broken, e.Hint, "%s", e.Message)
}

func (d *doctor) report() error {
	failed := []finding{}
	for _, f := range d.findings {
		if f.Status == broken {
			failed = append(failed, f)
		}
	}
	if d.json {
		if err := d.printJSON(d.findings); err != nil {
			return err
		}
	} else {
		d.printFindings()
	}
	if len(failed) == 0 {
		return nil
	}
	return &ending{code: 1, err: &pawl.Error{
		Kind:    pawl.ErrStorage,
		Message: fmt.Sprintf("%d of %s failed, the first is %s", len(failed), term.Count(int64(len(d.findings)), "check"), failed[0].Check),
		Hint:    failed[0].Remedy,
	}}
}

// printFindings prints a line each; with --quiet only those that are not ok.
func (d *doctor) printFindings() {
	ink, inkOf := d.ink(d.stdout), map[verdict]string{sound: term.Green, doubt: term.Magenta, broken: term.Bold + term.Red}
	width := 0
	for _, f := range d.findings {
		width = max(width, len(f.Check))
	}
	for _, f := range d.findings {
		if d.quiet && f.Status == sound {
			continue
		}
		text := f.Detail
		if f.Remedy != "" {
			text += "; " + f.Remedy
		}
		text = term.Hang(text, 4+2+width+2, d.width())
		status := ink.Paint(inkOf[f.Status], string(f.Status))
		fmt.Fprintf(d.out, "%s  %s  %s\n", term.Pad(status, 4), term.Pad(f.Check, width), text)
	}
}

func (d *doctor) version() {
	v := buildVersion()
	d.ok("version", "%s %s, %s %s, schema %d", d.program, v.Version, v.Go, v.Platform, v.Schema)
}

// terminal says what decides how results look.
func (d *doctor) terminal() {
	what := "standard output is not a terminal"
	if d.stdout.Terminal {
		what = "standard output is a terminal"
	}
	if width := d.width(); width > 0 {
		what += fmt.Sprintf(", %d columns", width)
	}
	for _, name := range []string{"TERM", "NO_COLOR", "CLICOLOR_FORCE"} {
		if value := d.getenv(name); value != "" {
			what += fmt.Sprintf(", %s=%s", name, value)
		}
	}
	d.ok("terminal", "%s", what)
}
