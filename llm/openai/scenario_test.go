package openai_test

import (
	"testing"

	"github.com/pawlrun/pawl/internal/responsestest"
	"github.com/pawlrun/pawl/llm"
	"github.com/pawlrun/pawl/llm/internal/llmtest"
)

func TestScenarios(t *testing.T) {
	llmtest.Run(t, func(t *testing.T) (llmtest.Server, llm.Model) {
		srv, model := start(t)
		return player{srv}, model
	})
}

// player puts a scenario's exchange into the words of the Responses API.
type player struct{ *responsestest.Server }

func (p player) Calls() int { return len(p.Server.Calls()) }

func (p player) Play(x llmtest.Exchange) {
	r := playReply(x)
	for key, values := range x.Header {
		r = r.Header(key, values[0])
	}
	reply(p.Server, r)
}

func playReply(x llmtest.Exchange) responsestest.Reply {
	switch x.Break {
	case llmtest.BreakHang:
		return responsestest.Hang(x.Text)
	case llmtest.BreakReset:
		return responsestest.Reset()
	case llmtest.BreakCut:
		return responsestest.Cut(x.Text)
	case llmtest.BreakAbort:
		return responsestest.Abort(x.Text)
	case llmtest.BreakEmpty:
		return responsestest.Empty()
	}
	switch {
	case x.ContentType != "":
		return responsestest.Raw(x.Status, x.ContentType, x.Body)
	case x.Status != 0 && x.Type != "":
		return responsestest.StatusType(x.Status, x.Type, x.Code, x.Message)
	case x.Status != 0:
		return responsestest.Status(x.Status, x.Code, x.Message)
	case x.Refusal != "":
		return responsestest.Refusal(x.Refusal)
	case x.End == llmtest.EndLength:
		return responsestest.Incomplete("max_output_tokens", x.Text)
	case x.End == llmtest.EndFilter:
		return responsestest.Incomplete("content_filter", x.Text)
	}
	return responsestest.Text(x.Text)
}
