package cli

import (
	"context"
	"errors"
	"net/url"
	"strings"
	"time"

	"github.com/pawlrun/pawl/cli/internal/term"
	"github.com/pawlrun/pawl/llm"
)

// provider is what doctor has to know of one.
type provider struct {
	name      string
	key, base setting

	// model names one that is cheap to ask, without the provider's name. Empty:
	// there is none.
	model func(ctx context.Context, d *doctor, p provider) (string, error)
}

// setting is an environment variable, and what it means if it is not set.
type setting struct {
	name   string
	absent verdict
	means  string // may be empty: the name says it
}

// providers are those that answer over a network.
func providers() []provider {
	return []provider{
		{
			name:  "openai",
			key:   setting{"OPENAI_API_KEY", doubt, ""},
			base:  setting{"OPENAI_BASE_URL", sound, "the provider's own address"},
			model: usualModel,
		},
		{
			name:  "openai-chat",
			key:   setting{"OPENAI_CHAT_API_KEY", sound, "most servers want none"},
			base:  setting{"OPENAI_CHAT_BASE_URL", sound, "no server is asked, or with a key OpenAI's own"},
			model: listedModel,
		},
	}
}

// providers looks at keys and addresses without a call.
func (d *doctor) providers() {
	for _, p := range providers() {
		address := d.address(p)
		d.key(p, address)
	}
}

// key says whether there is one, and whether it could be one. Nothing of it is
// shown.
func (d *doctor) key(p provider, address bool) {
	switch err := d.usable(p); {
	case d.getenv(p.key.name) == "":
		d.absent(p, p.key)
	case address && err != nil:
		d.failModel(p.key.name, err)
	default:
		d.ok(p.key.name, "is set")
	}
}

// usable returns why no call to the provider could leave.
func (d *doctor) usable(p provider) error {
	_, _, err := d.models().Lookup(p.name + "/any")
	return err
}

func (d *doctor) absent(p provider, s setting) {
	remedy := ""
	if s.absent != sound {
		remedy = "set it to ask " + p.name + "; " + d.command("help", "models") + " says more"
	}
	d.add(s.name, s.absent, remedy, "%s", strings.TrimSuffix("is not set: "+s.means, ": "))
}

// address reports whether the one that is set could be one. A user and a query
// in it are not shown: they may be secrets.
func (d *doctor) address(p provider) bool {
	base := d.getenv(p.base.name)
	if base == "" {
		d.absent(p, p.base)
		return true
	}
	u, err := url.Parse(base)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		d.add(p.base.name, broken, "set it to an address such as http://localhost:11434/v1", "%s is not an http or https address", p.base.name)
		return false
	}
	d.ok(p.base.name, "%s", (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}).String())
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

// online makes one small call to each provider that can be asked, or was meant to
// be: it has a key.
func (d *doctor) online(ctx context.Context) {
	asked := 0
	for _, p := range providers() {
		if d.getenv(p.key.name) != "" || d.usable(p) == nil {
			asked++
			d.ask(ctx, p)
		}
	}
	if asked == 0 {
		d.add("online", doubt, "", "no provider has a key or an address, so none was asked")
	}
}

func (d *doctor) ask(ctx context.Context, p provider) {
	check := "online " + p.name
	if err := d.usable(p); err != nil {
		d.failModel(check, err)
		return
	}
	ctx, cancel := context.WithTimeout(ctx, onlineTimeout)
	defer cancel()
	name, err := p.model(ctx, d, p)
	switch {
	case err != nil:
		d.add(check, broken, "check "+p.base.name+" and "+p.key.name, "list of models: %v", err)
		return
	case name == "":
		d.add(check, doubt, "load a model there", "the server answers, and has no model yet")
		return
	}
	model, name, err := d.models().Lookup(p.name + "/" + name)
	if err != nil {
		d.failModel(check, err)
		return
	}
	begun := d.now()
	_, err = model.Generate(ctx, llm.Request{
		Model: name, Messages: []llm.Message{llm.User("Answer with one word: ok.")}, MaxTokens: onlineTokens,
	}, nil)
	// A model that thinks first may not come to its answer; it was reached.
	if err != nil && llm.KindOf(err) != llm.Truncated {
		d.failModel(check, err)
		return
	}
	d.ok(check, "%s answers, after %s", term.Cut(term.Plain(p.name+"/"+name), 80), term.Brief(d.now().Sub(begun)))
}

// usualModel is OpenAI's model of those who name none.
func usualModel(context.Context, *doctor, provider) (string, error) {
	_, name := llm.Split(defaultOpenAI)
	return name, nil
}

// listedModel is the first that the server lists. OpenAI's own lists models of
// every sort, and some of them are dear.
func listedModel(ctx context.Context, d *doctor, p provider) (string, error) {
	if d.getenv(p.base.name) == "" {
		return usualModel(ctx, d, p)
	}
	models, err := listModels(ctx, newLister(), d.getenv(p.base.name), d.getenv(p.key.name))
	if err != nil || len(models) == 0 {
		return "", err
	}
	return models[0], nil
}
