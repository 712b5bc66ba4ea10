package cli

import (
	"context"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/cli/internal/form"
	"github.com/pawlrun/pawl/internal/view"
)

func (a *app) guideCommand() *cobra.Command {
	var file string
	c := &cobra.Command{
		Use:   "guide RUN TEXT",
		Short: "Give a run an instruction that its later asks carry",
		Long: "Give a run an instruction that its later asks carry, wherever it is executed; what\n" +
			"is in flight does not. `show` says which steps carried it. RUN is an id, the\n" +
			"beginning of one, or last.",
		Example: a.example("guide", "last", "Write for sailors.") + "\n" + a.example("guide", "3f2a", "--file", "house-style.md"),
		Args: func(c *cobra.Command, args []string) error {
			switch {
			case len(args) == 1 && file == "":
				return badInput("guidance needs a text: give it, or --file")
			case len(args) == 2 && file != "":
				return badInput("%q and --file are two texts; give one of them", args[1])
			case len(args) > 2:
				return badInput("unexpected argument %q; wants a run and a text, which is one word for the shell: \"...\"", args[2])
			}
			return oneRun(c, args[:min(len(args), 1)])
		},
		RunE: func(c *cobra.Command, args []string) error {
			text, err := a.guidance(args[1:], file)
			if err != nil {
				return err
			}
			return a.guide(c.Context(), args[0], text)
		},
	}
	c.Flags().StringVar(&file, "file", "", "read the text from `FILE`; - is standard input")
	return c
}

func (a *app) guide(ctx context.Context, name, text string) error {
	s, err := a.openExisting(ctx)
	if err != nil {
		return err
	}
	rec, err := a.record(ctx, s, name)
	if err != nil {
		return closing(ctx, s, err)
	}
	signals, stop := a.catchSignals()
	defer stop()
	sig, err := s.direct(ctx, rec.ID, pawl.Directive{What: pawl.DirectGuide, Who: a.who(), Text: text}, signals)
	if err == nil && sig == nil {
		err = s.engine.Close(ctx) // this process may have taken the run up to write it down
	}
	if err == nil && sig == nil {
		rec, err = a.get(ctx, s, rec.ID)
	}
	if err := closing(ctx, s, err); err != nil {
		return err
	}
	if sig != nil {
		return &ending{
			bare: true,
			err:  &pawl.Error{Kind: pawl.ErrInterrupt, Run: rec.ID, Message: fmt.Sprintf("run %s has not heard yet; whoever executes it may still hear", rec.ID)},
			code: signalExit(sig), next: a.command("show", string(rec.ID)),
		}
	}
	if err := a.printSteered(rec); err != nil || a.quiet {
		return err
	}
	a.say("run %s %s; its later asks carry the guidance", rec.ID, view.Standing(rec.Status))
	if rec.Status.AtRest() && a.stderr.Terminal {
		a.say("go on with it: %s", a.liftCommand(rec))
	}
	return nil
}

// guidance is the text of a guidance: the one that is given, or what a file holds.
func (a *app) guidance(given []string, file string) (text string, err error) {
	if file != "" {
		if text, err = (&form.Reader{Stdin: a.stdin}).Read(file, "--file"); err != nil {
			return "", badInput("--file: %v", err)
		}
	} else {
		text = given[0]
	}
	if !utf8.ValidString(text) {
		return "", badInput("guidance: it is not UTF-8 text")
	}
	if text = strings.TrimSpace(text); text == "" {
		return "", badInput("guidance needs a text; this one is blank")
	}
	return text, nil
}
