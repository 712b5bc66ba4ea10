package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/cli/internal/form"
)

// selection is what a command that takes many runs at once is about. Without any of it
// the command is about the one run that its arguments name.
type selection struct {
	flow     string
	question string // the key of the step that asks, or the last part of it
	statuses statusesFlag
	runs     string // a file that names them
	all      bool
	yes      bool
}

// flags adds the flags of a selection. verb is what the command does: "approve".
func (sel *selection) flags(flags *pflag.FlagSet, verb string) {
	flags.StringVar(&sel.flow, "flow", "", verb+" many at once: in all runs of this `FLOW`")
	flags.StringVar(&sel.question, "question", "", verb+" many at once: what the steps of this `KEY` ask, as in publish or items[2]/rate; rate is that of all items")
	flags.Var(&sel.statuses, "status", verb+" many at once: in runs that stand at `STATUS`, or at one of several with commas between")
	flags.StringVar(&sel.runs, "runs", "", verb+" many at once: in the runs that `FILE` names, one a line with the key of a step behind it if need be, as inbox --quiet prints them; - is standard input")
	if flags.Lookup("all") == nil {
		flags.BoolVar(&sel.all, "all", false, verb+" many at once: all there is")
	}
	if flags.Lookup("yes") == nil {
		flags.BoolVar(&sel.yes, "yes", false, "of many, do not ask first")
	}
}

// isGiven reports whether many are meant.
func (sel *selection) isGiven() bool {
	return sel.flow != "" || sel.question != "" || len(sel.statuses) > 0 || sel.runs != "" || sel.all
}

// checkSelection refuses a selection that cannot be meant. args are the command's arguments.
func (a *app) checkSelection(sel *selection, args []string) error {
	switch {
	case len(args) > 0:
		return badInput("%q names a run, and --flow, --question, --status, --runs and --all select many; give one or the other", args[0])
	case sel.flow != "" && a.flow(sel.flow) == nil:
		return a.unknownFlow(sel.flow)
	case sel.runs != "" && (sel.flow != "" || sel.all):
		return badInput("--runs names the runs already: give no --flow or --all with it")
	}
	return nil
}

// args checks the arguments of a command that takes one run, or a selection.
func (sel *selection) args(one cobra.PositionalArgs) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		if sel.isGiven() || c.Flags().Changed("all") && len(args) == 0 {
			return nil
		}
		if err := one(c, args); err != nil || len(args) == 0 {
			return err
		}
		if sel.yes && c.Name() != "cancel" {
			return badInput("--yes is for many at once; select them with --flow, --question, --status, --runs or --all")
		}
		return nil
	}
}

// picks reports whether a step is one of those that the selection is about. In a
// question of several parts, publish is the last of sections[2]/publish.
func (sel *selection) picks(key pawl.Key) bool {
	return sel.question == "" || string(key) == sel.question || strings.HasSuffix(string(key), "/"+sel.question)
}

// stands reports whether a run that stands so is one of those that the selection is about.
func (sel *selection) stands(s pawl.Status) bool {
	return len(sel.statuses) == 0 || slices.Contains(sel.statuses, s)
}

// namedRun is a line of --runs.
type namedRun struct {
	line int
	run  string
	key  pawl.Key // empty: what there is
}

// named reads the lines of --runs.
func (sel *selection) named(files *form.Reader) ([]namedRun, error) {
	text, err := files.Read(sel.runs, "--runs")
	if err != nil {
		return nil, badInput("--runs: %v", err)
	}
	var all []namedRun
	n := 0
	for line := range strings.Lines(strings.TrimPrefix(text, "\ufeff")) {
		n++
		words := strings.Fields(line)
		switch {
		case len(words) == 0:
			continue
		case len(words) > 2:
			return nil, badInput("--runs %s: line %d has %d words, wants a run, and behind it the key of a step if need be", form.FileName(sel.runs), n, len(words))
		}
		one := namedRun{line: n, run: words[0]}
		if len(words) == 2 {
			one.key = pawl.Key(words[1])
		}
		if !slices.ContainsFunc(all, func(was namedRun) bool { return was.run == one.run && was.key == one.key }) {
			all = append(all, one)
		}
	}
	if len(all) == 0 {
		return nil, badInput("--runs %s: names no runs", form.FileName(sel.runs))
	}
	return all, nil
}

// words say the selection as one types it.
func (sel *selection) String() string {
	var s []string
	for _, one := range []struct{ flag, value string }{{"--flow", sel.flow}, {"--question", sel.question}, {"--status", sel.statuses.String()}, {"--runs", sel.runs}} {
		if one.value != "" {
			s = append(s, fmt.Sprintf("%s %s", one.flag, one.value))
		}
	}
	return strings.Join(s, " ")
}
