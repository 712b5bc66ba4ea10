package batch_test

import (
	"testing"

	"github.com/pawlrun/pawl/llm"
	"github.com/pawlrun/pawl/llm/internal/llmtest"
)

// What an answer says is read from a batch as it is read alone: the scenarios of all adapters.
func TestScenarios(t *testing.T) {
	each(t, func(t *testing.T, v vendor) {
		names := llmtest.Names{APIKey: "Options.APIKey", BaseURL: "Options.BaseURL"}
		var statuses []int
		if v.name == "anthropic" { // whose items say a type
			statuses = []int{400, 401, 402, 403, 404, 413, 429, 500, 504, 529}
		}
		llmtest.RunInBatches(t, names, statuses, func(t *testing.T) (llmtest.Server, llm.Model) {
			d := newDesk(t, v)
			_, m := d.open(nil)
			return llmtest.Player(d.backend), m
		})
	})
}
