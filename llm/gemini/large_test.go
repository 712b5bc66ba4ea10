package gemini_test

import (
	"strings"
	"testing"

	"github.com/pawlrun/pawl/llm"
	"github.com/pawlrun/pawl/llm/internal/llmtest"
)

// The work that an answer makes grows with its size, not with its square: this many parts
// would take minutes.
func TestManyParts(t *testing.T) {
	const parts = 400_000
	body := `{"candidates":[{"content":{"parts":[` + strings.Repeat(`{"text":"0123456789"},`, parts) + `{"text":"."}]},"finishReason":"STOP"}],` + counted + `}`
	llmtest.Modes(t, func(t *testing.T, stream func(llm.Delta)) {
		srv, model := start(t)
		raw(srv, body)
		resp, err := model.Generate(t.Context(), ask("Hello"), stream)
		if err != nil || len(resp.Text) != 10*parts+1 {
			t.Errorf("got %d bytes, %v", len(resp.Text), err)
		}
	})
}
