package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/cli/internal/term"
	"github.com/pawlrun/pawl/internal/view"
)

// complete gives every command what its words can be: those whose usage begins
// with RUN take runs (RUN... several), with FLOW flows (and INPUTS.jsonl behind it such
// files), with FILE or DIR files, and others nothing. A command that says for itself what
// it takes is left alone. It is called when the tree is whole.
func (a *app) complete(c *cobra.Command) {
	for _, sub := range c.Commands() {
		a.complete(sub)
	}
	if c.ValidArgsFunction == nil && c.ValidArgs == nil {
		c.ValidArgsFunction = a.completerOf(c)
	}
	c.LocalFlags().VisitAll(func(f *pflag.Flag) {
		f.Usage = strings.ReplaceAll(f.Usage, "`", "") // no help is printed, whose quotes mark the name of the value
		if values := a.valuesOf(f); values != nil {
			_ = c.RegisterFlagCompletionFunc(f.Name, values) // that it has some is no harm
		}
	})
}

// completes reports whether a shell asks how a line can go on.
func (a *app) completes() bool {
	return len(a.args) > 0 && (a.args[0] == cobra.ShellCompRequestCmd || a.args[0] == cobra.ShellCompNoDescRequestCmd)
}

func (a *app) completerOf(c *cobra.Command) cobra.CompletionFunc {
	words := strings.Fields(c.Use)
	switch {
	case c.HasSubCommands() || len(words) < 2:
	case words[1] == "RUN":
		return a.completeRun(c.Name())
	case words[1] == "RUN...":
		return a.completeEachRun(c.Name())
	case words[1] == "FILE" || words[1] == "DIR":
		return func(_ *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
			if len(args) == 0 {
				return nil, cobra.ShellCompDirectiveDefault
			}
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
	case words[1] == "FLOW":
		return func(c *cobra.Command, args []string, begun string) ([]cobra.Completion, cobra.ShellCompDirective) {
			switch {
			case len(args) == 0:
				return a.completeFlow(c, args, begun)
			case len(args) == 1 && len(words) > 2 && words[2] == "INPUTS.jsonl":
				return []cobra.Completion{"jsonl"}, cobra.ShellCompDirectiveFilterFileExt
			}
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
	}
	return cobra.NoFileCompletions
}

const (
	maxCompletions  = 50
	mostLookedAt    = 1000 // of which those come with which the command can do something
	completeTimeout = 2 * time.Second
)

// completeRun completes the id of a run as the first argument of the command of that name,
// if that can do something with it, and "last". It makes nothing, and in whatever error it
// is silent.
func (a *app) completeRun(command string) cobra.CompletionFunc {
	return func(c *cobra.Command, args []string, begun string) ([]cobra.Completion, cobra.ShellCompDirective) {
		if len(args) > 0 {
			return nil, runDirective
		}
		return a.completeRuns(c, command, begun), runDirective
	}
}

// completeEachRun completes the ids of runs, as completeRun does, as often as they are
// asked for: each comes once.
func (a *app) completeEachRun(command string) cobra.CompletionFunc {
	return func(c *cobra.Command, args []string, begun string) ([]cobra.Completion, cobra.ShellCompDirective) {
		list := slices.DeleteFunc(a.completeRuns(c, command, begun), func(run cobra.Completion) bool {
			id, _, _ := strings.Cut(run, "\t")
			return slices.Contains(args, id)
		})
		return list, runDirective
	}
}

const runDirective = cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveKeepOrder

func (a *app) completeRuns(c *cobra.Command, command, begun string) []cobra.Completion {
	ctx, cancel := context.WithTimeout(c.Context(), completeTimeout)
	defer cancel()
	s, err := a.openToRead(ctx)
	if err != nil || s == nil {
		return nil
	}
	runs, err := s.view.Summaries(ctx, pawl.RunFilter{Prefix: pawl.RunID(begun), Limit: mostLookedAt})
	var last pawl.RunSummary
	if err == nil && strings.HasPrefix(view.Last, begun) {
		if last, err = s.view.Find(ctx, view.Last, a.ownProgram()); errors.Is(err, pawl.ErrNotFound) {
			err = nil
		}
	}
	if closing(ctx, s, err) != nil {
		return nil
	}
	var list []cobra.Completion
	about := func(r pawl.RunSummary) string {
		return fmt.Sprintf("%s, %s, %s ago", r.Flow, r.Status, term.Ago(a.now().Sub(r.CreatedAt.Time)))
	}
	for _, r := range runs {
		if len(list) < maxCompletions && actsOn(command, r.Status) {
			list = append(list, cobra.CompletionWithDesc(string(r.ID), about(r)))
		}
	}
	if last.ID != "" && command != "rm" && actsOn(command, last.Status) { // which rm does not take
		list = append(list, cobra.CompletionWithDesc(view.Last, "the newest: "+about(last)))
	}
	return list
}

// actsOn reports whether a command can do something with a run that stands so.
func actsOn(command string, s pawl.Status) bool {
	over := s == pawl.StatusDone || s == pawl.StatusCanceled
	switch command {
	case "pause":
		return !s.AtRest() || s == pawl.StatusWaiting
	case "cancel", "guide", "raise", "resume":
		return !over
	case "result":
		return s == pawl.StatusDone
	case "rm":
		return !executing(s)
	}
	return true
}

// completeFlow completes the name of a flow.
func (a *app) completeFlow(_ *cobra.Command, _ []string, begun string) ([]cobra.Completion, cobra.ShellCompDirective) {
	var list []cobra.Completion
	for _, f := range a.flows {
		if strings.HasPrefix(f.Name(), begun) {
			list = append(list, cobra.CompletionWithDesc(f.Name(), f.Describe().Purpose))
		}
	}
	return list, cobra.ShellCompDirectiveNoFileComp
}

// completeColor completes the value of --color.
func (a *app) completeColor(_ *cobra.Command, _ []string, begun string) ([]cobra.Completion, cobra.ShellCompDirective) {
	list := slices.DeleteFunc(a.color.Values(), func(s string) bool { return !strings.HasPrefix(s, begun) })
	return list, cobra.ShellCompDirectiveNoFileComp
}
