package llm

import (
	"context"
	"errors"
	"net/http"
	"strings"
)

// Provider is a way to ask models that describes itself. Whoever offers it to
// people makes its settings, checks, completions and help of this value, and need
// know nothing else of it: another provider is another value in a list. New and
// Probe may be called concurrently, and read no environment but what they are
// handed.
type Provider struct {
	// Name stands before the slash in the full names of the models.
	Name string

	// About says in a sentence what models these are and what they need.
	About string

	// Help is what else there is to know, in lines without a line break at the
	// end. Lines that are not indented may be folded. May be empty.
	Help string

	// Settings are the environment variables that New and Probe read.
	Settings []Setting

	// Models are names within the provider that are known without asking anyone.
	// The first is cheap, and is the choice of those who make none. The name ""
	// is that of a provider with a single model. None: only the server knows.
	Models []string

	// Servers are programs that serve such models on this machine, at the
	// addresses where they usually do. Probe finds out whether one is there.
	Servers []Server

	// StandIn says that no language model answers: people are told so, and calls
	// cost nothing.
	StandIn bool

	// New builds the Model. It does no I/O, and never returns nil: where a
	// setting is missing or wrong, CheckModel and every call fail with an *Error
	// whose hint names it.
	New func(getenv func(string) string) Model

	// Over is New with a client that the Model's requests go over. Nil: there is no way to
	// say so, and the provider's batches (see llm/batch) cannot be had.
	Over func(getenv func(string) string, client *http.Client) Model

	// Probe asks the server which models it has, and blocks until it has answered
	// or ctx ends. The first is the one to try; none is no error. The names are
	// the server's words: they may hold anything. Every error is an *Error. Nil:
	// there is none to ask, or Models is enough.
	Probe func(ctx context.Context, getenv func(string) string) ([]string, error)
}

// Setting is an environment variable of a provider.
type Setting struct {
	Name  string
	About string // what it is, in a few words

	// Default says what holds if it is not set, in a few words. Empty: there is
	// nothing to say of that.
	Default string

	Required bool // without it no call can be made
	Secret   bool // it is never shown
	Address  bool // it is an http or https URL, which is shown without user and query
}

// Server is a program that serves models on this machine.
type Server struct {
	Name    string // as people call it
	Address string // for the provider's Setting that is an Address
}

// FullName returns the full name of a model of the provider's; see Split.
func (p Provider) FullName(model string) string {
	if model == "" || strings.HasPrefix(model, "?") {
		return p.Name + model
	}
	return p.Name + "/" + model
}

// Ready reports whether all settings are there that the provider requires. They
// may be wrong all the same.
func (p Provider) Ready(getenv func(string) string) bool {
	for _, s := range p.Settings {
		if s.Required && getenv(s.Name) == "" {
			return false
		}
	}
	return true
}

// Check returns why no call could be made with these settings, or nil. It makes
// none.
func (p Provider) Check(getenv func(string) string) *Error {
	name := "any"
	if len(p.Models) > 0 {
		name = p.Models[0]
	}
	checker, ok := p.New(getenv).(Checker)
	if !ok {
		return nil
	}
	var known *Error
	errors.As(checker.CheckModel(name), &known) // any other finds fault with the name
	return known
}

// NewCatalog builds the models of all providers. It panics if two have the same
// name.
func NewCatalog(providers []Provider, getenv func(string) string) Catalog {
	c := make(Catalog, len(providers))
	for _, p := range providers {
		if c[p.Name] != nil {
			panic("llm: two providers named " + p.Name)
		}
		c[p.Name] = p.New(getenv)
	}
	return c
}
