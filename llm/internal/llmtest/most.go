package llmtest

import (
	"fmt"
	"testing"

	"github.com/pawlrun/pawl/internal/responsestest"
	"github.com/pawlrun/pawl/llm"
)

// RunMost holds a model against a server that takes limits of up to 8,192 tokens and says
// so when it refuses a larger one: it is asked again within the attempt, and from then on
// with no more.
func RunMost(t *testing.T, srv *responsestest.Server, m llm.Model, stream func(llm.Delta)) {
	const most = 8192
	srv.On(func(c responsestest.Call) responsestest.Reply {
		if c.MaxTokens > most {
			return responsestest.Status(400, "invalid_value", fmt.Sprintf("max_tokens is too large: %d. This model supports at most %d completion tokens, whereas you provided %d.", c.MaxTokens, most, c.MaxTokens))
		}
		return responsestest.Reply{}.Usage(10, most, 0)
	})
	req := question()
	for i, tt := range []struct {
		limit, sent, requests int
		full                  bool
	}{{20_000, most, 2, true}, {20_000, most, 0, true}, {100_000, most, 0, true}, {100, 100, 0, true}, {0, 0, 0, false}} {
		req.MaxTokens = tt.limit
		resp, err := m.Generate(t.Context(), req, stream)
		got, requests := resp.MostTokens, resp.Requests
		if e, ok := err.(*llm.Error); ok {
			got, requests = e.MostTokens, e.Requests
		}
		// The answer has as many tokens as the server takes: with them it is cut short.
		if full := llm.KindOf(err) == llm.Truncated; full != tt.full || !full && err != nil {
			t.Errorf("call %d: %v, wants one that is cut short: %t", i+1, err, tt.full)
		}
		all := srv.Calls()
		if sent := all[len(all)-1].MaxTokens; sent != tt.sent || got != most || requests != tt.requests {
			t.Errorf("call %d: sent %d in %d requests, the most is %d; wants %d in %d", i+1, sent, requests, got, tt.sent, tt.requests)
		}
	}
	if b, ok := m.(llm.Bounded); !ok || b.MostTokens(req.Model) != most || b.MostTokens("other") != 0 {
		t.Error("the model does not say what it has learned")
	}
	if n := len(srv.Calls()); n != 6 {
		t.Errorf("%d requests for five calls", n)
	}
}
