package cli

import (
	"context"
	"errors"
	"net/url"
	"time"

	"github.com/pawlrun/pawl/llm"
)

// provider is what doctor has to know of one: the variables of its key and
// address, and a model that is cheap to ask.
type provider struct{ name, key, base, model string }

// providers are those that take a key.
var providers = [...]provider{
	{name: "openai", key: "OPENAI_API_KEY", base: "OPENAI_BASE_URL", model: defaultOpenAI},
}

// providers looks at keys and addresses without a call.
func (d *doctor) providers() {
	for _, p := range providers {
		address := d.address(p)
		d.key(p, address)
	}
}

// key says whether there is one. Nothing of it is shown.
func (d *doctor) key(p provider, address bool) {
	if d.getenv(p.key) == "" {
		d.add(p.key, doubt, "set it to ask "+p.name+"; "+d.command("help", "models")+" says more", "%s is not set", p.key)
		return
	}
	if _, _, err := d.models().Lookup(p.model); address && err != nil {
		d.failModel(p.key, err)
		return
	}
	d.ok(p.key, "%s is set", p.key)
}

// address reports whether the one that is set could be one. A user and a query
// in it are not shown: they may be secrets.
func (d *doctor) address(p provider) bool {
	base := d.getenv(p.base)
	if base == "" {
		d.ok(p.base, "%s is not set: the provider's own address", p.base)
		return true
	}
	u, err := url.Parse(base)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		d.add(p.base, broken, "set it to an address such as http://localhost:11434/v1", "%s is not an http or https address", p.base)
		return false
	}
	d.ok(p.base, "%s", (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}).String())
	return true
}

// failModel notes an error of a provider with its hint.
func (d *doctor) failModel(check string, err error) {
	e := &llm.Error{Message: err.Error()}
	errors.As(err, &e)
	d.add(check, broken, e.Hint, "%s", e.Message)
}

const (
	onlineTokens  = 16 // the least that providers take
	onlineTimeout = 30 * time.Second
)

// online makes one small call to each provider that has a key.
func (d *doctor) online(ctx context.Context) {
	asked := 0
	for _, p := range providers {
		if d.getenv(p.key) == "" {
			continue
		}
		asked++
		d.ask(ctx, p)
	}
	if asked == 0 {
		d.add("online", doubt, "", "no provider has a key, so none was asked")
	}
}

func (d *doctor) ask(ctx context.Context, p provider) {
	check := "online " + p.name
	model, name, err := d.models().Lookup(p.model)
	if err != nil {
		d.failModel(check, err)
		return
	}
	ctx, cancel := context.WithTimeout(ctx, onlineTimeout)
	defer cancel()
	begun := d.now()
	_, err = model.Generate(ctx, llm.Request{
		Model: name, Messages: []llm.Message{llm.User("Answer with one word: ok.")}, MaxTokens: onlineTokens,
	}, nil)
	// A model that thinks first may not come to its answer; it was reached.
	if err != nil && llm.KindOf(err) != llm.Truncated {
		d.failModel(check, err)
		return
	}
	d.ok(check, "%s answers, after %s", p.model, brief(d.now().Sub(begun)))
}
