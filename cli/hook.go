package cli

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/cli/internal/term"
	"github.com/pawlrun/pawl/server"
)

// shownHook is where a program answers a step, as `hook --json` shows it.
type shownHook struct {
	Run  pawl.RunID       `json:"run"`  // the run that waits
	Step pawl.Key         `json:"step"` // the step that it waits at
	Kind pawl.BlockerKind `json:"kind"` // event or input
	Path string           `json:"path"` // of a server on this data directory: a secret
}

func (a *app) hookCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "hook RUN [STEP]",
		Short: "Print where a program answers what a run waits for",
		Long: "Print the path at which a program answers an event or an input that a run waits for,\n" +
			"with a POST to a server that `serve` starts. STEP may be left out if there is one alone.\n" +
			"Whoever has the path can answer, once: it is a secret. Where `serve` knows secrets of\n" +
			"webhooks, the call must be signed with one, too.",
		Example: a.example("hook", "last") + "\n" + a.example("hook", "3f2a", "paid", "--json"),
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) < 1 || len(args) > 2 {
				return badInput("wants RUN [STEP], got %d arguments", len(args))
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error { return a.hook(c.Context(), args[0], args[1:]) },
	}
	runs := a.completeRun("hook")
	c.ValidArgsFunction = func(c *cobra.Command, args []string, begun string) ([]cobra.Completion, cobra.ShellCompDirective) {
		if len(args) == 1 {
			return a.completeKey(c, pawl.DecideAnswer, args[0], begun)
		}
		return runs(c, args, begun)
	}
	return c
}

func (a *app) hook(ctx context.Context, name string, step []string) error {
	s, err := a.openToRead(ctx)
	if err != nil {
		return err
	}
	var hook shownHook
	run, err := a.find(ctx, s, name)
	if err == nil {
		hook, err = a.findHook(ctx, s, run.ID, step)
	}
	if err := closing(ctx, s, err); err != nil {
		return err
	}
	if a.json {
		return a.printJSON(hook)
	}
	if !a.quiet {
		a.say("whoever has this can answer step %s of run %s, with a POST to where `serve` listens:", term.Plain(string(hook.Step)), hook.Run)
	}
	fmt.Fprintln(a.out, hook.Path)
	return nil
}

// findHook returns where a program answers a step of a run, or the only one that waits for
// such an answer.
func (a *app) findHook(ctx context.Context, s *store, id pawl.RunID, step []string) (hook shownHook, err error) {
	rec, err := s.view.Run(ctx, id)
	if err != nil {
		return hook, err
	}
	var keys []string
	for _, b := range rec.Blockers {
		if len(step) > 0 && step[0] != string(b.Key) {
			continue
		}
		open, err := s.view.Open(ctx, id, b.Key)
		if err != nil {
			return hook, err
		}
		address, err := s.view.Hook(ctx, open)
		if err != nil {
			return hook, err
		}
		if address != "" {
			hook = shownHook{Run: id, Step: b.Key, Kind: b.Kind, Path: server.Hooks + address}
			keys = append(keys, string(b.Key))
		}
	}
	isStep := func(s pawl.StepRecord) bool { return string(s.Key) == step[0] }
	switch {
	case len(step) > 0 && len(keys) == 0 && !slices.ContainsFunc(rec.Steps, isStep):
		return hook, unknownStep(rec, pawl.Key(step[0]))
	case len(keys) == 0:
		return hook, &pawl.Error{Kind: pawl.ErrConflict, Run: id, Message: fmt.Sprintf("run %s waits for nothing there that a program can answer", id), Hint: a.command("show", string(id)) + " says how it stands"}
	case len(keys) > 1:
		return hook, badInput("which step? run %s waits for %d answers that a program can give, as at %s", id, len(keys), strings.Join(keys[:min(len(keys), 5)], ", "))
	}
	return hook, nil
}
