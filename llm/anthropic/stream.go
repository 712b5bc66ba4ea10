package anthropic

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/pawlrun/pawl/llm"
	"github.com/pawlrun/pawl/llm/internal/wire"
)

// event is one of a stream. Its type stands in the data, and in a field of its own that
// some servers leave out.
type event struct {
	Type    string  `json:"type"`
	Message message `json:"message"`       // message_start
	Block   block   `json:"content_block"` // content_block_start
	Delta   struct {
		block         // content_block_delta
		ending        // message_delta
		Type   string `json:"type"`
	} `json:"delta"`
	Usage map[string]json.RawMessage `json:"usage"` // message_delta
	Error json.RawMessage            `json:"error"`
}

// ReadStream reads events up to message_stop.
func (c *call) ReadStream(ctx context.Context, res *http.Response, stream func(llm.Delta)) (llm.Response, error) {
	var s said
	thoughts := c.endpoint.Thoughts(c.req.Model)
	tell := func(text string) {
		if text != "" {
			stream(llm.Delta{Text: text})
		}
	}
	err := c.endpoint.Events(ctx, res, func(raw wire.Event) (bool, error) {
		if raw.Done() {
			return true, wire.CutShort() // a gateway's end, before message_stop
		}
		var ev event
		if wire.Unmarshal(raw.Data, &ev) != nil {
			return false, wire.BrokenEvent(raw)
		}
		if ev.Type == "" {
			ev.Type = raw.Type
		}
		switch {
		case ev.Type == "error" || wire.IsError(ev.Error):
			e := wire.ProviderError(string(raw.Data))
			return false, &e
		case ev.Type == "message_start":
			s.begin(&ev.Message)
		case ev.Type == "content_block_start" && ev.Block.thinks(), ev.Type == "content_block_delta" && ev.Delta.Type == "thinking_delta":
			s.thought = true
			tell(thoughts.Clear())
		case ev.Type == "content_block_start" && ev.Block.Type == "text":
			s.text.WriteString(ev.Block.Text)
			tell(thoughts.Add(ev.Block.Text))
		case ev.Type == "content_block_delta" && ev.Delta.Type == "text_delta":
			s.text.WriteString(ev.Delta.Text)
			tell(thoughts.Add(ev.Delta.Text))
		case ev.Type == "message_delta":
			s.count(ev.Usage)
			s.counted = s.counted || ev.Usage != nil
			if ev.Delta.Stop != "" {
				s.ending = ev.Delta.ending
			}
		case ev.Type == "message_stop":
			tell(thoughts.End())
			return true, nil
		}
		return false, nil
	})
	if e, ok := err.(*llm.Error); ok {
		return c.fail(res, &s, *e)
	}
	return c.judge(res, &s)
}
