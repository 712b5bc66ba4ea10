package cli

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/cli/internal/term"
)

// complete gives every command what its words can be: those whose usage begins
// with RUN take runs, with FLOW flows (and INPUTS.jsonl behind it such files), with FILE
// files, and others nothing. A command that says for itself what it takes is left alone. It is called when the tree is whole.
func (a *app) complete(c *cobra.Command) {
	for _, sub := range c.Commands() {
		a.complete(sub)
	}
	if c.ValidArgsFunction == nil && c.ValidArgs == nil {
		c.ValidArgsFunction = a.completerOf(c)
	}
	asked := a.completes()
	c.LocalFlags().VisitAll(func(f *pflag.Flag) {
		if asked { // no help is printed, whose quotes mark the name of the value
			f.Usage = strings.ReplaceAll(f.Usage, "`", "")
		}
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
		return a.completeRun
	case words[1] == "FILE":
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
	completeTimeout = 2 * time.Second
)

// completeRun completes the id of a run as the first argument. It makes nothing,
// and in whatever error it is silent.
func (a *app) completeRun(c *cobra.Command, args []string, begun string) ([]cobra.Completion, cobra.ShellCompDirective) {
	const directive = cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveKeepOrder
	if len(args) > 0 {
		return nil, directive
	}
	ctx, cancel := context.WithTimeout(c.Context(), completeTimeout)
	defer cancel()
	s, err := a.openToRead(ctx)
	if err != nil || s == nil {
		return nil, directive
	}
	runs, err := s.view.Summaries(ctx, pawl.RunFilter{Prefix: pawl.RunID(begun), Limit: maxCompletions})
	if closing(ctx, s, err) != nil {
		return nil, directive
	}
	var list []cobra.Completion
	for _, r := range runs {
		about := fmt.Sprintf("%s, %s, %s ago", r.Flow, r.Status, term.Ago(a.now().Sub(r.CreatedAt.Time)))
		list = append(list, cobra.CompletionWithDesc(string(r.ID), about))
	}
	return list, directive
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
