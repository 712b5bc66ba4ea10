package cli

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/pawlrun/pawl/cli/internal/term"
	"github.com/pawlrun/pawl/llm"
)

// probeTimeout is how long a server is waited for at a prompt.
const probeTimeout = 500 * time.Millisecond

// completeModel completes the full name of a model. A server is asked for its
// models only when its provider has been typed.
func (a *app) completeModel(c *cobra.Command, _ []string, begun string) ([]cobra.Completion, cobra.ShellCompDirective) {
	const directive = cobra.ShellCompDirectiveNoFileComp
	var list []cobra.Completion
	offer := func(name, about string) {
		if strings.HasPrefix(name, begun) {
			list = append(list, cobra.CompletionWithDesc(name, about))
		}
	}
	for _, p := range a.providers {
		if p.Probe == nil || !strings.HasPrefix(begun, p.Name+"/") || p.Check(a.getenv) != nil {
			continue
		}
		for _, m := range a.probe(c.Context(), p) {
			offer(p.FullName(m), a.placeOf(p))
		}
		return list, directive
	}
	for _, p := range a.providers {
		for _, m := range p.Models {
			offer(p.FullName(m), requirement(p))
		}
		if p.Probe != nil {
			offer(p.Name+"/", requirement(p))
		}
	}
	if len(list) == 1 && strings.Contains(string(list[0]), "/\t") {
		return list, directive | cobra.ShellCompDirectiveNoSpace // the model's name follows
	}
	return list, directive
}

// probe returns the models of a provider whose names a shell can take as they are.
// Without an answer these are the known ones.
func (a *app) probe(ctx context.Context, p llm.Provider) []string {
	ctx, cancel := context.WithTimeout(ctx, cmp.Or(a.patience, probeTimeout))
	defer cancel()
	listed, _ := p.Probe(ctx, a.getenv)
	models := slices.Clone(p.Models)
	for _, m := range listed {
		if m == term.Plain(m) && !strings.Contains(m, " ") && !slices.Contains(models, m) {
			models = append(models, m)
		}
	}
	return models
}

// requirement says what a provider cannot do without, or else what it is.
func requirement(p llm.Provider) string {
	if names := required(p); len(names) > 0 {
		return "needs " + strings.Join(names, " and ")
	}
	return p.About
}

// required are the names of the settings that a provider requires.
func required(p llm.Provider) []string {
	var names []string
	for _, s := range p.Settings {
		if s.Required {
			names = append(names, s.Name)
		}
	}
	return names
}

// placeOf says which setting says where a provider's server is, if one does.
func (a *app) placeOf(p llm.Provider) string {
	for _, s := range p.Settings {
		if s.Address && a.getenv(s.Name) != "" {
			return "at " + s.Name
		}
	}
	return ""
}
