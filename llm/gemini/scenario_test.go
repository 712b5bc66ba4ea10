package gemini_test

import (
	"testing"

	"github.com/pawlrun/pawl/internal/responsestest"
	"github.com/pawlrun/pawl/llm"
	"github.com/pawlrun/pawl/llm/gemini"
	"github.com/pawlrun/pawl/llm/internal/llmtest"
)

// start makes a server and a model that uses it over connections of its own.
func start(t *testing.T) (*responsestest.Server, *gemini.Model) {
	t.Helper()
	srv := responsestest.New(t)
	return srv, gemini.New(&gemini.Options{APIKey: llmtest.Key, BaseURL: srv.GeminiURL(), HTTPClient: llmtest.Client(t)})
}

func TestScenarios(t *testing.T) {
	names := llmtest.Names{APIKey: "Options.APIKey", BaseURL: "Options.BaseURL", Declined: llm.Filtered}
	llmtest.Run(t, names, func(t *testing.T) (llmtest.Server, llm.Model) {
		srv, model := start(t)
		return llmtest.Player(srv), model
	})
}
