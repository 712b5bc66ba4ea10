package anthropic_test

import (
	"testing"

	"github.com/pawlrun/pawl/llm"
	"github.com/pawlrun/pawl/llm/internal/llmtest"
)

func TestScenarios(t *testing.T) {
	names := llmtest.Names{APIKey: "Options.APIKey", BaseURL: "Options.BaseURL"}
	llmtest.Run(t, names, func(t *testing.T) (llmtest.Server, llm.Model) {
		srv, model := start(t)
		return llmtest.Player(srv), model
	})
}
