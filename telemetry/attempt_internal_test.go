package telemetry

import (
	"testing"

	"github.com/pawlrun/pawl/engine/observe"
	"github.com/pawlrun/pawl/llm"
)

// The conventions name the service tier of OpenAI's answers alone.
func TestServiceTierAttribute(t *testing.T) {
	for model, want := range map[string]string{
		"openai/gpt-5.4": "openai.response.service_tier", "anthropic/claude-opus-5": "pawl.service_tier", "gemini/gemini-2.5-pro": "pawl.service_tier", "openai-chat/x": "pawl.service_tier",
	} {
		for _, tier := range []string{"", "flex"} {
			got := map[string]string{}
			for _, a := range new(Observer).answered(observe.AttemptEnded{Model: model, Usage: &llm.Usage{InputTokens: 1, ServiceTier: tier}}) {
				got[string(a.Key)] = a.Value.Emit()
			}
			if _, named := got[want]; got[want] != tier || named != (tier != "") {
				t.Errorf("%s, tier %q: %v", model, tier, got)
			}
		}
	}
}
