package anthropic_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/pawlrun/pawl/internal/responsestest"
	"github.com/pawlrun/pawl/llm"
	"github.com/pawlrun/pawl/llm/anthropic"
	"github.com/pawlrun/pawl/llm/internal/llmtest"
)

func settings(key, address string) func(string) string {
	return func(name string) string {
		return map[string]string{"ANTHROPIC_API_KEY": key, "ANTHROPIC_BASE_URL": address}[name]
	}
}

// Whoever was told a setting's name reads it again in hints.
func TestProviderNamesItsSettings(t *testing.T) {
	for _, tt := range []struct{ key, address, hint string }{
		{"", "", "set ANTHROPIC_API_KEY"},
		{"a b", "", "set ANTHROPIC_API_KEY"},
		{llmtest.Key, "localhost:1/v1", "set ANTHROPIC_BASE_URL to an address such as http://localhost:8080"},
	} {
		err := anthropic.Provider().Check(settings(tt.key, tt.address))
		if err == nil || !strings.HasPrefix(err.Hint, tt.hint) {
			t.Errorf("%+v: %+v", tt, err)
		}
	}
}

func TestProviderTakesItsSettings(t *testing.T) {
	srv := responsestest.New(t)
	p := anthropic.Provider()
	req := llm.Request{Model: p.Models[0], Messages: []llm.Message{llm.User("Hello.")}}
	if _, err := p.New(settings(llmtest.Key, srv.URL())).Generate(t.Context(), req, nil); err != nil {
		t.Fatal(err)
	}
	if c := srv.Calls()[0]; c.APIKey != llmtest.Key || c.API != responsestest.Messages {
		t.Errorf("key %q, API %s", c.APIKey, c.API)
	}
}

// The first of the models that are listed is the one to try: not the newest, which is dear.
func TestProbe(t *testing.T) {
	srv := responsestest.New(t)
	srv.Lists("claude-fable-5-1", "claude-haiku-5-5", "claude-opus-5-5")
	models, err := anthropic.Provider().Probe(t.Context(), settings(llmtest.Key, srv.URL()))
	if want := []string{"claude-haiku-5-5", "claude-fable-5-1", "claude-opus-5-5"}; err != nil || !slices.Equal(models, want) {
		t.Errorf("%q and %v, wants %q", models, err, want)
	}
	closed := srv.URL()
	srv.Close()
	for _, tt := range []struct {
		name, key, address string
		kind               llm.ErrorKind
		hint               string
	}{
		{"no key", "", closed, llm.Auth, "set ANTHROPIC_API_KEY"},
		{"no address", llmtest.Key, "%", llm.Invalid, "check ANTHROPIC_BASE_URL and ANTHROPIC_API_KEY"},
		{"nobody listens", llmtest.Key, closed, llm.Network, "check ANTHROPIC_BASE_URL and ANTHROPIC_API_KEY"},
	} {
		_, err := anthropic.Provider().Probe(t.Context(), settings(tt.key, tt.address))
		if e := llmtest.WantKind(t, err, tt.kind); e.Hint != tt.hint {
			t.Errorf("%s: %+v", tt.name, e)
		}
	}
}
