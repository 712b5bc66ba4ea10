package doctor

import (
	"cmp"
	"context"
	"errors"
	"time"

	"github.com/pawlrun/pawl/cli/internal/term"
	"github.com/pawlrun/pawl/llm"
	"github.com/pawlrun/pawl/schema"
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
	req := llm.Request{Model: name, Messages: []llm.Message{llm.User("Answer with one word: ok.")}, MaxTokens: onlineTokens, Schema: onlineSchema()}
	resp, err := model.Generate(ctx, req, nil)
	if known := (*llm.Error)(nil); errors.As(err, &known) && known.Requests > 1 { // it was asked in ways that it does not take, and by now there is another
		resp, err = model.Generate(ctx, req, nil)
	}
	// A model that thinks first may not come to its answer; it was reached.
	if err != nil && llm.KindOf(err) != llm.Truncated {
		r.addModelError(check, err)
		return
	}
	as := ""
	if !llm.IsModel(full, resp.Model) {
		as = " as " + modelName(resp.Model)
	}
	took := term.Brief(r.Now().Sub(begun))
	if err == nil && !keepsTo(onlineSchema(), resp.Text) {
		remedy := cmp.Or(resp.Advice, "it is told a schema in words, and answers that do not fit are asked for again")
		r.add(check, Warn, term.Plain(remedy), "%s answers%s, after %s, and does not keep to the schema that it is sent", modelName(full), as, took)
		return
	}
	r.AddOK(check, "%s answers%s, after %s", modelName(full), as, took)
}

// onlineSchema is that of the answer, which shows whether a server keeps to one: the
// question alone has none write so.
func onlineSchema() *schema.Schema {
	s, err := schema.For[struct {
		OK bool `json:"ok"`
	}]()
	if err != nil {
		panic("doctor: " + err.Error()) // it is one of ours
	}
	return s
}

func keepsTo(s *schema.Schema, text string) bool {
	_, err := s.Check([]byte(text))
	return err == nil
}

// modelName is a model's name for people, not endless.
func modelName(s string) string { return term.Cut(term.Plain(s), 80) }
