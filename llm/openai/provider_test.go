package openai_test

import (
	"strings"
	"testing"

	"github.com/pawlrun/pawl/internal/responsestest"
	"github.com/pawlrun/pawl/llm"
	"github.com/pawlrun/pawl/llm/internal/llmtest"
	"github.com/pawlrun/pawl/llm/openai"
)

// Whoever was told a setting's name reads it again in hints.
func TestProviderNamesItsSettings(t *testing.T) {
	p := openai.Provider()
	for _, tt := range []struct{ key, address, hint string }{
		{"", "", "set OPENAI_API_KEY"},
		{"a b", "", "set OPENAI_API_KEY"},
		{llmtest.Key, "localhost:1/v1", "set OPENAI_BASE_URL"},
	} {
		err := p.Check(func(name string) string {
			return map[string]string{"OPENAI_API_KEY": tt.key, "OPENAI_BASE_URL": tt.address}[name]
		})
		if err == nil || !strings.HasPrefix(err.Hint, tt.hint) {
			t.Errorf("%+v: %+v", tt, err)
		}
	}
}

func TestProviderTakesItsSettings(t *testing.T) {
	srv := responsestest.New(t)
	model := openai.Provider().New(func(name string) string {
		return map[string]string{
			"OPENAI_API_KEY": llmtest.Key, "OPENAI_BASE_URL": srv.URL(), "OPENAI_ORG_ID": "org-1", "OPENAI_PROJECT_ID": "proj-1",
		}[name]
	})
	if _, err := model.Generate(t.Context(), llm.Request{Model: openai.Provider().Models[0], Messages: []llm.Message{llm.User("Hello.")}}, nil); err != nil {
		t.Fatal(err)
	}
	if c := srv.Calls()[0]; c.APIKey != llmtest.Key || c.Header.Get("OpenAI-Organization") != "org-1" || c.Header.Get("OpenAI-Project") != "proj-1" {
		t.Errorf("key %q, headers %v", c.APIKey, c.Header)
	}
}
