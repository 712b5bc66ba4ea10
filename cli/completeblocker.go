package cli

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/cli/internal/term"
)

// completeBlocked completes a run and the key of a step that wait for such a
// decision. As with completeRun nothing is made, and whatever error is silent.
func (a *app) completeBlocked(what pawl.DecisionKind) cobra.CompletionFunc {
	return func(c *cobra.Command, args []string, begun string) ([]cobra.Completion, cobra.ShellCompDirective) {
		switch len(args) {
		case 0:
			return a.completeWaiting(c, what, begun)
		case 1:
			return a.completeKey(c, what, args[0], begun)
		}
		return nil, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveKeepOrder
	}
}

// completeWaiting completes the id of a run: first those that wait for such a
// decision, then others.
func (a *app) completeWaiting(c *cobra.Command, what pawl.DecisionKind, begun string) ([]cobra.Completion, cobra.ShellCompDirective) {
	ctx, cancel := context.WithTimeout(c.Context(), completeTimeout)
	defer cancel()
	list, directive := a.completeRun(c, nil, begun)
	s, err := a.openToRead(ctx)
	if err != nil || s == nil {
		return list, directive
	}
	open, err := a.waitingItems(ctx, s, pawl.RunFilter{Prefix: pawl.RunID(begun), Limit: maxCompletions})
	if closing(ctx, s, err) != nil {
		return list, directive
	}
	var first []cobra.Completion
	for _, i := range open {
		if !takes(i.Blocker, what) || slices.ContainsFunc(first, isRun(i.Run)) {
			continue
		}
		list = slices.DeleteFunc(list, isRun(i.Run))
		about := fmt.Sprintf("%s, %s, %s ago: %s", i.Flow, i.Kind, term.Ago(a.now().Sub(i.Since.Time)), i.Question)
		first = append(first, cobra.CompletionWithDesc(string(i.Run), term.Plain(about)))
	}
	return append(first, list...), directive
}

// isRun reports whether a completion is of that run.
func isRun(id pawl.RunID) func(cobra.Completion) bool {
	return func(c cobra.Completion) bool {
		before, _, _ := strings.Cut(string(c), "\t")
		return before == string(id)
	}
}

// completeKey completes the key of a step that waits for such a decision.
func (a *app) completeKey(c *cobra.Command, what pawl.DecisionKind, run, begun string) ([]cobra.Completion, cobra.ShellCompDirective) {
	const directive = cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveKeepOrder
	var list []cobra.Completion
	for _, b := range a.blockersOf(c, run) {
		if takes(b, what) && b.Key != "" && strings.HasPrefix(string(b.Key), begun) {
			list = append(list, cobra.CompletionWithDesc(string(b.Key), term.Plain(string(b.Kind)+": "+b.Question)))
		}
	}
	return list, directive
}

// completeReason completes a reason to reject with.
func (a *app) completeReason(c *cobra.Command, args []string, begun string) ([]cobra.Completion, cobra.ShellCompDirective) {
	const directive = cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveKeepOrder
	if len(args) == 0 {
		return nil, directive
	}
	var list []cobra.Completion
	for _, b := range a.blockersOf(c, args[0]) {
		for _, r := range b.Reasons {
			if (len(args) < 2 || args[1] == string(b.Key)) && strings.HasPrefix(r, begun) && !slices.Contains(list, r) {
				list = append(list, r)
			}
		}
	}
	return list, directive
}

// blockersOf are the open blockers of a run as they may be shown; of one that
// cannot be read none.
func (a *app) blockersOf(c *cobra.Command, run string) []pawl.Blocker {
	ctx, cancel := context.WithTimeout(c.Context(), completeTimeout)
	defer cancel()
	s, err := a.openToRead(ctx)
	if err != nil || s == nil {
		return nil
	}
	rec, err := a.record(ctx, s, run)
	if closing(ctx, s, err) != nil {
		return nil
	}
	return rec.Blockers
}
