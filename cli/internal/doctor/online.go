package doctor

import (
	"context"
	"time"

	"github.com/pawlrun/pawl/cli/internal/term"
	"github.com/pawlrun/pawl/llm"
)

const (
	onlineTokens  = 16 // the least that providers take
	onlineTimeout = 30 * time.Second
)

// AskProviders makes one small call to each provider that can be asked, or was
// meant to be: it has a key.
func (r *Report) AskProviders(ctx context.Context) {
	asked := 0
	for _, p := range r.Providers {
		if !p.StandIn && (r.hasSecret(p) || p.Ready(r.Getenv) && p.Check(r.Getenv) == nil) {
			asked++
			r.askProvider(ctx, p)
		}
	}
	if asked == 0 {
		r.add("online", Warn, "", "no provider has a key or an address, so none was asked")
	}
}

func (r *Report) hasSecret(p llm.Provider) bool {
	for _, s := range p.Settings {
		if s.Secret && r.Getenv(s.Name) != "" {
			return true
		}
	}
	return false
}

func (r *Report) askProvider(ctx context.Context, p llm.Provider) {
	check := "online " + p.Name
	if err := p.Check(r.Getenv); err != nil {
		r.addModelError(check, err)
		return
	}
	ctx, cancel := context.WithTimeout(ctx, onlineTimeout)
	defer cancel()
	models := p.Models
	if p.Probe != nil {
		var err error
		if models, err = p.Probe(ctx, r.Getenv); err != nil {
			r.addModelError(check, err)
			return
		}
	}
	if len(models) == 0 {
		r.add(check, Warn, "load a model there", "the server answers, and has no model yet")
		return
	}
	full := p.FullName(models[0])
	model, name, err := llm.NewCatalog([]llm.Provider{p}, r.Getenv).Lookup(full)
	if err != nil {
		r.addModelError(check, err)
		return
	}
	begun := r.Now()
	resp, err := model.Generate(ctx, llm.Request{
		Model: name, Messages: []llm.Message{llm.User("Answer with one word: ok.")}, MaxTokens: onlineTokens,
	}, nil)
	// A model that thinks first may not come to its answer; it was reached.
	if err != nil && llm.KindOf(err) != llm.Truncated {
		r.addModelError(check, err)
		return
	}
	as := ""
	if !llm.IsModel(full, resp.Model) {
		as = " as " + modelName(resp.Model)
	}
	r.AddOK(check, "%s answers%s, after %s", modelName(full), as, term.Brief(r.Now().Sub(begun)))
}

// modelName is a model's name for people, not endless.
func modelName(s string) string { return term.Cut(term.Plain(s), 80) }
