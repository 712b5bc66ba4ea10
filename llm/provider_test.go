package llm_test

import (
	"context"
	"testing"

	"github.com/pawlrun/pawl/llm"
)

// choosy answers for one model alone, if it has a key.
type choosy struct {
	llm.Model
	key string
}

func (c choosy) CheckModel(name string) error {
	switch {
	case name != "one":
		return errUnknown
	case c.key == "":
		return &llm.Error{Kind: llm.Auth, Message: "no key"}
	}
	return nil
}

var errUnknown = context.Canceled // any that is no *llm.Error

func choosyProvider(models ...string) llm.Provider {
	return llm.Provider{
		Name:     "choosy",
		Models:   models,
		Settings: []llm.Setting{{Name: "CHOOSY_KEY", Required: true}, {Name: "CHOOSY_COLOR"}},
		New:      func(getenv func(string) string) llm.Model { return choosy{key: getenv("CHOOSY_KEY")} },
	}
}

func TestProviderSettings(t *testing.T) {
	for _, tt := range []struct {
		name, key, color string
		provider         llm.Provider
		ready, fails     bool
	}{
		{"nothing set", "", "", choosyProvider("one"), false, true},
		{"what is required", "k", "", choosyProvider("one"), true, false},
		{"something else", "", "red", choosyProvider("one"), false, true},
		{"no model named", "", "", choosyProvider(), false, false}, // it finds fault with the name alone
		{"no checker", "", "", llm.Provider{New: func(func(string) string) llm.Model { return llm.Func(nil) }}, true, false},
	} {
		getenv := func(name string) string {
			return map[string]string{"CHOOSY_KEY": tt.key, "CHOOSY_COLOR": tt.color}[name]
		}
		if ready, err := tt.provider.Ready(getenv), tt.provider.Check(getenv); ready != tt.ready || (err != nil) != tt.fails {
			t.Errorf("%s: ready %v, error %v, wants %v, %v", tt.name, ready, err, tt.ready, tt.fails)
		}
	}
}

func TestProviderFullName(t *testing.T) {
	for model, want := range map[string]string{"": "choosy", "one": "choosy/one", "?x=1": "choosy?x=1", "a/b": "choosy/a/b"} {
		full := choosyProvider().FullName(model)
		if provider, name := llm.Split(full); full != want || provider != "choosy" || name != model {
			t.Errorf("%q is %q, of which %q and %q come back; wants %q", model, full, provider, name, want)
		}
	}
}

func TestTwoProvidersOfOneName(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("no panic")
		}
	}()
	llm.NewCatalog([]llm.Provider{choosyProvider(), choosyProvider()}, func(string) string { return "" })
}
