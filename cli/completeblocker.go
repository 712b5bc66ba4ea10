package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/cli/internal/term"
	"github.com/pawlrun/pawl/internal/view"
)

// completeBlocked completes a run and the key of a step that wait for such a
// decision. As with completeRun nothing is made, and whatever error is silent.
func (a *app) completeBlocked(what pawl.DecisionKind) cobra.CompletionFunc {
	return func(c *cobra.Command, args []string, begun string) ([]cobra.Completion, cobra.ShellCompDirective) {
		switch len(args) {
		case 0:
			return a.completeWaiting(c, what, begun), runDirective
		case 1:
			return a.completeKey(c, what, args[0], begun)
		}
		return nil, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveKeepOrder
	}
}

// completeWaiting completes the id of a run that waits for such a decision, the one that
// has waited longest first, and "last" if that is one.
func (a *app) completeWaiting(c *cobra.Command, what pawl.DecisionKind, begun string) []cobra.Completion {
	ctx, cancel := context.WithTimeout(c.Context(), completeTimeout)
	defer cancel()
	s, err := a.openToRead(ctx)
	if err != nil || s == nil {
		return nil
	}
	filter := pawl.RunFilter{Limit: maxCompletions}
	if !strings.HasPrefix(view.Last, begun) {
		filter.Prefix = pawl.RunID(begun)
	}
	open, err := a.waitingItems(ctx, s, filter)
	last := pawl.RunSummary{}
	if err == nil && strings.HasPrefix(view.Last, begun) {
		if last, err = s.view.Find(ctx, view.Last, a.ownProgram()); errors.Is(err, pawl.ErrNotFound) {
			err = nil
		}
	}
	if closing(ctx, s, err) != nil {
		return nil
	}
	var list []cobra.Completion
	isLast := false
	for _, i := range open {
		if !takes(i.Blocker, what) {
			continue
		}
		isLast = isLast || i.Run == last.ID
		if !strings.HasPrefix(string(i.Run), begun) || slices.ContainsFunc(list, isRun(i.Run)) {
			continue
		}
		about := fmt.Sprintf("%s, %s, %s ago: %s", i.Flow, i.Kind, term.Ago(a.now().Sub(i.Since.Time)), i.Question)
		list = append(list, cobra.CompletionWithDesc(string(i.Run), term.Plain(about)))
	}
	if isLast {
		list = append(list, cobra.CompletionWithDesc(view.Last, "the newest: "+last.Flow))
	}
	return list
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
