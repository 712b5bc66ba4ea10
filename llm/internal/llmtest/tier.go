package llmtest

import (
	"testing"

	"github.com/pawlrun/pawl/internal/responsestest"
	"github.com/pawlrun/pawl/llm"
)

// RunTiers holds a model against a server that names service tiers: they are in the usage of
// answers, and of failures that were billed, in the form that llm.Usage has them in.
func RunTiers(t *testing.T, srv *responsestest.Server, m llm.Model, stream func(llm.Delta)) {
	for sent, want := range map[string]string{
		"flex": "flex", "PRIORITY": "priority", " Scale ": "scale", "SERVICE_TIER_FLEX": "flex",
		"auto": "", "unspecified": "", "default": "default", "standard": "standard", "a tier of its own": "a tier of its own",
		Key: "[api key]", "of-" + Key: "of-[api key]",
	} {
		srv.On(func(responsestest.Call) responsestest.Reply {
			return responsestest.Text("some words").Usage(10, 5, 2).Tier(sent)
		})
		resp, err := m.Generate(t.Context(), question(), stream)
		if err != nil || resp.Usage == nil || resp.Usage.ServiceTier != want || resp.Usage.InputTokens != 10 {
			t.Errorf("tier %q: usage %+v, %v; wants %q", sent, resp.Usage, err, want)
		}
		srv.On(func(responsestest.Call) responsestest.Reply {
			return responsestest.Incomplete("max_output_tokens", "some").Usage(10, 5, 2).Tier(sent)
		})
		_, err = m.Generate(t.Context(), question(), stream)
		if e := WantKind(t, err, llm.Truncated); e.Usage == nil || e.Usage.ServiceTier != want {
			t.Errorf("tier %q, cut short: usage %+v, wants %q", sent, e.Usage, want)
		}
	}
}
