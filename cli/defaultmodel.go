package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/cli/internal/term"
	"github.com/pawlrun/pawl/llm"
)

// modelVariable names the model of runs that name none.
const modelVariable = "PAWL_MODEL"

// defaultModel answers for runs that name no model, as far as that is known without
// asking a server: the one of PAWL_MODEL, else that of the first provider that is set up.
// A stand-in is one only where nothing is set up and a person can see that it answers.
// Empty: there is none, or a server has to be asked, see needModel.
func (a *app) defaultModel() string {
	if a.found != "" {
		return a.found
	}
	if name := a.getenv(modelVariable); name != "" {
		return name
	}
	p := a.setUp()
	switch {
	case p != nil && len(p.Models) > 0 && p.Ready(a.getenv):
		return p.FullName(p.Models[0])
	case p != nil || !a.isSeen():
		return ""
	}
	return a.standIn()
}

// setUp is the first provider of language models of which a setting is there that says
// where or for whom it answers; nil: there is none. One that requires nothing answers
// without.
func (a *app) setUp() *llm.Provider {
	for i, p := range a.providers {
		if p.StandIn {
			continue
		}
		required := slices.ContainsFunc(p.Settings, func(s llm.Setting) bool { return s.Required })
		if len(p.Models) > 0 && !required {
			return &a.providers[i]
		}
		for _, s := range p.Settings {
			if (s.Required || s.Address || s.Secret) && a.getenv(s.Name) != "" {
				return &a.providers[i]
			}
		}
	}
	return nil
}

// standIn is the name of the model that is none; empty: this program has none.
func (a *app) standIn() string {
	for _, p := range a.providers {
		if p.StandIn && len(p.Models) > 0 {
			return p.FullName(p.Models[0])
		}
	}
	return ""
}

// standIns are the providers that no language model is behind.
func (a *app) standIns() (names []string) {
	for _, p := range a.providers {
		if p.StandIn {
			names = append(names, p.Name)
		}
	}
	return names
}

// isSeen reports whether a person can see what is said on standard error.
func (a *app) isSeen() bool { return !a.quiet || a.stderr.Terminal }

// listTime is how long a server may take to say which models it has.
const listTime = 10 * time.Second

// needModel settles which model answers for runs that name none. If there is none it
// refuses, with the ways out.
func (a *app) needModel(ctx context.Context) error {
	if name := a.getenv(modelVariable); name != "" {
		return a.checkModel(modelVariable, name)
	}
	if a.defaultModel() != "" {
		return nil
	}
	p := a.setUp()
	switch {
	case p == nil:
		return a.noModel("no model is given, and none is set up")
	case !p.Ready(a.getenv):
		return a.noModel(fmt.Sprintf("no model is given, and provider %s lacks %s", p.Name, strings.Join(lacking(*p, a.getenv), " and ")))
	case p.Probe == nil:
		return a.noModel("no model is given, and provider " + p.Name + " names none")
	}
	ctx, cancel := context.WithTimeout(ctx, listTime)
	defer cancel()
	models, err := p.Probe(ctx, a.getenv)
	if err != nil {
		return a.noModel(fmt.Sprintf("no model is given, and provider %s does not say which it has: %v", p.Name, message(err)))
	}
	switch len(models) {
	case 0:
		return a.noModel("no model is given, and the server of provider " + p.Name + " has none")
	case 1:
		a.found = p.FullName(models[0])
		return a.checkModel("the model of provider "+p.Name, a.found)
	}
	const most = 5
	names := slices.Clone(models[:min(len(models), most)])
	for i, name := range names {
		names[i] = term.Cut(term.Plain(p.FullName(name)), 80)
	}
	if more := len(models) - most; more > 0 {
		names = append(names, fmt.Sprintf("%d more", more))
	}
	return a.noModel("no model is given, and provider " + p.Name + " has several: " + strings.Join(names, ", "))
}

func message(err error) string {
	if e := (*llm.Error)(nil); errors.As(err, &e) && e.Message != "" {
		return e.Message
	}
	return err.Error()
}

// lacking are the settings that a provider requires and that are not there.
func lacking(p llm.Provider, getenv func(string) string) (names []string) {
	for _, s := range p.Settings {
		if s.Required && getenv(s.Name) == "" {
			names = append(names, s.Name)
		}
	}
	return names
}

// noModel refuses a run without a model, and says how it gets one.
func (a *app) noModel(why string) error {
	hint := "name one with --model or " + modelVariable
	for _, p := range a.providers {
		if needed := required(p); !p.StandIn && len(needed) > 0 {
			hint += ", or set " + strings.Join(needed, " and ")
			break
		}
	}
	if name := a.standIn(); name != "" {
		hint += ", or have the stand-in answer: --model " + name
	}
	return &pawl.Error{Kind: pawl.ErrInput, Message: why, Hint: hint}
}

// warnStandIn says that the answers are not a language model's, if they are not: with
// --quiet only if nobody has asked for that by name.
func (a *app) warnStandIn(model string, named bool) {
	if a.isStandIn(model) && (!a.quiet || !named && a.isSeen()) {
		name, _ := llm.Split(model)
		text := fmt.Sprintf("%s is not a language model; how to ask one: %s", name, a.command("help", "models"))
		if a.logsJSON() {
			a.stamped("%s", text)
			return
		}
		a.say("%s", text)
	}
}
