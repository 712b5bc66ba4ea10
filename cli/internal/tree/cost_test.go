package tree

import (
	"strings"
	"testing"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/llm"
)

// The live tree shows what a step and the run have cost so far, and no more than
// there is to say.
func TestTreeShowsCosts(t *testing.T) {
	for _, c := range []struct {
		usd        *float64
		step, sums string
	}{
		{new(0.0123), "1,200+34 tokens, $0.0123  Drafting", "1,200 tokens in, 34 out, $0.0123, "},
		{new(0.0), "1,200+34 tokens  Drafting", "1,200 tokens in, 34 out, "},
		{nil, "1,200+34 tokens  Drafting", "1,200 tokens in, 34 out, "},
	} {
		h := newHistory(t)
		h.begin("draft", "Drafting")
		h.attempt("draft", journal.Attempt{Outcome: pawl.OutcomeRejected, Raw: new("x"), Usage: &llm.Usage{InputTokens: 1200, OutputTokens: 34}, CostUSD: c.usd})
		h.begin("draft", "Drafting")
		text := strings.Join(h.frame(120, 20), "\n")
		if !strings.Contains(text, c.step) || !strings.Contains(text, c.sums) || c.usd != nil && *c.usd == 0 && strings.Contains(text, "$") {
			t.Errorf("cost %v:\n%s", c.usd, text)
		}
	}
}
