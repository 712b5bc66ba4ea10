package openaichat_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/pawlrun/pawl/internal/responsestest"
	"github.com/pawlrun/pawl/llm"
	"github.com/pawlrun/pawl/llm/internal/llmtest"
	"github.com/pawlrun/pawl/llm/openaichat"
)

func settings(key, address string) func(string) string {
	return func(name string) string {
		return map[string]string{"OPENAI_CHAT_API_KEY": key, "OPENAI_CHAT_BASE_URL": address}[name]
	}
}

// Whoever was told a setting's name reads it again in hints.
func TestProviderNamesItsSettings(t *testing.T) {
	for _, tt := range []struct{ key, address, hint string }{
		{"", "", "set OPENAI_CHAT_BASE_URL to the server's address, as in http://localhost:11434/v1, or OPENAI_CHAT_API_KEY for"},
		{"a b", "", "set OPENAI_CHAT_API_KEY"},
		{"", "localhost:1/v1", "set OPENAI_CHAT_BASE_URL"},
	} {
		err := openaichat.Provider().Check(settings(tt.key, tt.address))
		if err == nil || !strings.HasPrefix(err.Hint, tt.hint) {
			t.Errorf("%+v: %+v", tt, err)
		}
	}
}

func TestProbeListsModels(t *testing.T) {
	srv := responsestest.New(t)
	srv.Lists("qwen3:8b", "other")
	for _, tt := range []struct {
		name, address string
		want          []string
	}{
		{"a server", srv.URL(), []string{"qwen3:8b", "other"}},
		{"OpenAI's own is not asked", "", []string{"gpt-5.4-mini"}},
	} {
		models, err := openaichat.Provider().Probe(t.Context(), settings("", tt.address))
		if err != nil || !slices.Equal(models, tt.want) {
			t.Errorf("%s: %q and %v, wants %q", tt.name, models, err, tt.want)
		}
	}
}

func TestProbeErrors(t *testing.T) {
	srv := responsestest.New(t)
	closed := srv.URL()
	srv.Close()
	for _, tt := range []struct {
		name, address string
		kind          llm.ErrorKind
	}{
		{"no address", "%", llm.Invalid},
		{"nobody listens", closed, llm.Network},
	} {
		_, err := openaichat.Provider().Probe(t.Context(), settings(llmtest.Key, tt.address))
		if e := wantKind(t, err, tt.kind); !strings.HasPrefix(e.Message, "list of models: ") || e.Hint != "check OPENAI_CHAT_BASE_URL and OPENAI_CHAT_API_KEY" {
			t.Errorf("%s: %+v", tt.name, e)
		}
	}
}
