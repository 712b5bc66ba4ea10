package cli

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/cli/internal/term"
	"github.com/pawlrun/pawl/llm"
)

// models are the models of all providers. One without a key is there too: its
// calls fail with what to do.
func (a *app) models() llm.Catalog { return a.later.catalog(a.providers, a.getenv) }

// knownModels are the full names of a model of each provider that names one.
func (a *app) knownModels() []string {
	var names []string
	for _, p := range a.providers {
		if len(p.Models) > 0 {
			names = append(names, p.FullName(p.Models[0]))
		}
	}
	return names
}

// exampleModel is a model for examples of commands.
func (a *app) exampleModel() string {
	if known := a.knownModels(); len(known) > 0 {
		return known[0]
	}
	return "PROVIDER/NAME"
}

// freeModel is a model for examples that anyone can run: the stand-in, if there is
// one.
func (a *app) freeModel() string {
	if i := slices.IndexFunc(a.providers, func(p llm.Provider) bool { return p.StandIn }); i >= 0 {
		return a.providers[i].Name
	}
	return a.exampleModel()
}

// isStandIn reports whether no language model answers by that full name.
func (a *app) isStandIn(model string) bool {
	name, _ := llm.Split(model)
	return slices.ContainsFunc(a.providers, func(p llm.Provider) bool { return p.StandIn && p.Name == name })
}

// checkModels refuses a --model and what is to stand in for it if there is no such
// model. An empty --model is no choice.
func (a *app) checkModels(model string, fallback []string) error {
	if model != "" {
		if err := a.checkModel("--model", model); err != nil {
			return err
		}
	}
	for _, name := range fallback {
		if err := a.checkModel("--fallback", name); err != nil {
			return err
		}
	}
	return nil
}

// checkModel refuses a model that there is not, or that cannot be asked. flag names it.
func (a *app) checkModel(flag, name string) error {
	_, _, err := a.models().Lookup(name)
	if known := (*llm.Error)(nil); errors.As(err, &known) {
		if known.Kind == llm.Invalid { // a setting that no server has seen
			return &pawl.Error{Kind: pawl.ErrInput, Message: fmt.Sprintf("%s %s: %s", flag, term.Plain(name), known.Message), Hint: known.Hint}
		}
		return known // no usable key, say
	}
	if err != nil {
		return badInput("%s: %v", flag, err)
	}
	return nil
}

// oneOf is a choice of words, as in "a, b or c".
func oneOf(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " or " + words[last]
}
