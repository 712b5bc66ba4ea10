package cli

import (
	"context"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/pawlrun/pawl/cli/internal/form"
	"github.com/pawlrun/pawl/cli/internal/term"
)

// valuesOf completes the value of a flag; nil: with files.
func (a *app) valuesOf(f *pflag.Flag) cobra.CompletionFunc {
	if in, ok := f.Value.(*form.Field); ok {
		return completeField(in)
	}
	switch f.Value.Type() {
	case "string":
	case "stringArray":
		switch f.Name {
		case "fallback":
			return a.completeModel
		case "revisions":
			return a.completeSteps
		}
		return cobra.NoFileCompletions
	case "choice":
		return cobra.FixedCompletions(onChanges, cobra.ShellCompDirectiveNoFileComp|cobra.ShellCompDirectiveKeepOrder)
	case "format":
		return cobra.FixedCompletions([]cobra.Completion{"text", "json"}, cobra.ShellCompDirectiveNoFileComp|cobra.ShellCompDirectiveKeepOrder)
	case "calls":
		return a.completeMaxCalls
	case "period":
		return cobra.FixedCompletions(periods(), cobra.ShellCompDirectiveNoFileComp|cobra.ShellCompDirectiveKeepOrder)
	case "by":
		return cobra.FixedCompletions([]cobra.Completion{"flow", "model", "day"}, cobra.ShellCompDirectiveNoFileComp|cobra.ShellCompDirectiveKeepOrder)
	case "zone":
		return cobra.NoFileCompletions
	case "statuses":
		return completeStatuses
	case "missed":
		return cobra.FixedCompletions((*missedFlag)(nil).all(), cobra.ShellCompDirectiveNoFileComp|cobra.ShellCompDirectiveKeepOrder)
	case "overlap":
		return cobra.FixedCompletions((*overlapFlag)(nil).all(), cobra.ShellCompDirectiveNoFileComp|cobra.ShellCompDirectiveKeepOrder)
	case "bool", "int", "dollars", "count", "time", "since":
		return cobra.NoFileCompletions
	default: // it says for itself
		return nil
	}
	switch f.Name {
	case "model":
		return a.completeModel
	case "flow":
		return a.completeFlow
	case "step":
		return a.completeStep
	case "reason":
		return a.completeReason
	case "schedule":
		return a.completeSchedule
	case "value", "comment", "seen", "cron", "tz", "name", "search", "question", "since", "metrics", "notify":
		return cobra.NoFileCompletions
	case "data", "prompts", "write-prompts", "save-state", "replace":
		return filter(cobra.ShellCompDirectiveFilterDirs)
	case "input":
		return filter(cobra.ShellCompDirectiveFilterFileExt, "json")
	case "output":
		if strings.Contains(f.Usage, ".jsonl") { // of batch
			return filter(cobra.ShellCompDirectiveFilterFileExt, "jsonl")
		}
		return filter(cobra.ShellCompDirectiveFilterFileExt, "md", "json")
	}
	return nil
}

// filter leaves it to the shell which files or directories there are.
func filter(directive cobra.ShellCompDirective, endings ...cobra.Completion) cobra.CompletionFunc {
	return cobra.FixedCompletions(endings, directive)
}

// completeField completes the value of a field of an input, if it is one of few.
func completeField(f *form.Field) cobra.CompletionFunc {
	return func(_ *cobra.Command, _ []string, begun string) ([]cobra.Completion, cobra.ShellCompDirective) {
		list := slices.DeleteFunc(f.Choices(), func(v string) bool { return !strings.HasPrefix(v, begun) })
		return list, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveKeepOrder
	}
}

// completeStep completes the key of a step of the run that is named. As with
// completeRun nothing is made, and whatever error is silent.
func (a *app) completeStep(c *cobra.Command, args []string, begun string) ([]cobra.Completion, cobra.ShellCompDirective) {
	const directive = cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveKeepOrder
	if len(args) != 1 {
		return nil, directive
	}
	ctx, cancel := context.WithTimeout(c.Context(), completeTimeout)
	defer cancel()
	s, err := a.openToRead(ctx)
	if err != nil || s == nil {
		return nil, directive
	}
	rec, err := a.record(ctx, s, args[0])
	if closing(ctx, s, err) != nil {
		return nil, directive
	}
	var list []cobra.Completion
	for _, step := range rec.Steps {
		if strings.HasPrefix(string(step.Key), begun) {
			list = append(list, cobra.CompletionWithDesc(string(step.Key), term.Plain(step.Purpose+", "+string(step.Status))))
		}
	}
	return list, directive
}

// completeSteps completes the last of several keys, with commas between them.
func (a *app) completeSteps(c *cobra.Command, args []string, begun string) ([]cobra.Completion, cobra.ShellCompDirective) {
	at := strings.LastIndex(begun, ",") + 1
	list, directive := a.completeStep(c, args, begun[at:])
	for i := range list {
		list[i] = begun[:at] + list[i]
	}
	return list, directive | cobra.ShellCompDirectiveNoSpace
}

// completeDiff completes two runs, and the key of a step of the second.
func (a *app) completeDiff(c *cobra.Command, args []string, begun string) ([]cobra.Completion, cobra.ShellCompDirective) {
	if len(args) < 2 {
		return a.completeRuns(c, "diff", begun), runDirective
	}
	return a.completeStep(c, args[1:], begun)
}
