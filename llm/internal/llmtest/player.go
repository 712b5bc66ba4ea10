package llmtest

import "github.com/pawlrun/pawl/internal/responsestest"

// Player is a Server that plays exchanges on a responsestest.Server, whichever of
// its APIs the model speaks.
func Player(srv *responsestest.Server) Server { return player{srv} }

type player struct{ *responsestest.Server }

func (p player) Calls() int { return len(p.Server.Calls()) }

func (p player) Play(x Exchange) {
	r := x.reply()
	for key, values := range x.Header {
		r = r.Header(key, values[0])
	}
	p.On(func(responsestest.Call) responsestest.Reply { return r })
}

func (x Exchange) reply() responsestest.Reply {
	switch x.Break {
	case BreakHang:
		return responsestest.Hang(x.Text)
	case BreakReset:
		return responsestest.Reset()
	case BreakCut:
		return responsestest.Cut(x.Text)
	case BreakAbort:
		return responsestest.Abort(x.Text)
	case BreakEmpty:
		return responsestest.Empty()
	}
	switch {
	case x.MadeUp:
		return responsestest.Reply{}
	case x.ContentType != "":
		return responsestest.Raw(x.Status, x.ContentType, x.Body)
	case x.Status != 0 && x.Type != "":
		return responsestest.StatusType(x.Status, x.Type, x.Code, x.Message)
	case x.Status != 0:
		return responsestest.Status(x.Status, x.Code, x.Message)
	case x.Refusal != "":
		return responsestest.Refusal(x.Refusal)
	case x.End == EndLength:
		return responsestest.Incomplete("max_output_tokens", x.Text)
	case x.End == EndFilter:
		return responsestest.Incomplete("content_filter", x.Text)
	}
	return responsestest.Text(x.Text)
}
