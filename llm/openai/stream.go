package openai

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"

	"github.com/pawlrun/pawl/llm"
	"github.com/pawlrun/pawl/llm/internal/wire"
)

// event is the part of a stream event that we look at. Fields whose type differs
// between events stay raw until the event is known.
type event struct {
	Type     string          `json:"type"`
	Delta    json.RawMessage `json:"delta"`
	Response json.RawMessage `json:"response"`
	Error    json.RawMessage `json:"error"`
	Item     item            `json:"item"`
}

// ReadStream reads events up to the terminal one.
func (c *call) ReadStream(ctx context.Context, res *http.Response, stream func(llm.Delta)) (llm.Response, error) {
	var partial strings.Builder
	var last *answer
	thoughts, muted, apart := c.endpoint.Thoughts(c.req.Model), false, false
	tell := func(text string) {
		if text != "" && !muted {
			partial.WriteString(text)
			stream(llm.Delta{Text: text})
		}
	}
	err := c.endpoint.Events(ctx, res, func(raw wire.Event) (bool, error) {
		if raw.Done() {
			return true, nil
		}
		var ev event
		if wire.Unmarshal(raw.Data, &ev) != nil {
			return false, wire.BrokenEvent(raw)
		}
		if ev.Type == "" {
			ev.Type = raw.Type
		}
		switch {
		case ev.Type == "response.output_text.delta":
			var text string
			_ = json.Unmarshal(ev.Delta, &text) // of another type it is no text
			tell(thoughts.Add(text))
		case ev.Type == "response.output_item.added" && ev.Item.Type == "message":
			tell(thoughts.End())
			thoughts, muted = c.endpoint.Thoughts(c.req.Model), phases[ev.Item.Phase] == 0
			if apart {
				thoughts.Clear() // nothing was held back yet
			}
		case isThought(ev.Type):
			apart = true
			tell(thoughts.Clear())
		case terminal(ev.Type):
			last = new(answer)
			if wire.Unmarshal(ev.Response, last) != nil {
				return false, &llm.Error{Kind: llm.Overloaded, Message: "the last event of the stream holds no answer"}
			}
			last.Status = statusBy(ev.Type, last.Status)
			tell(thoughts.End())
			return true, nil
		case ev.Type == "error" || wire.IsError(ev.Error):
			e := wire.ProviderError(string(raw.Data))
			return false, &e
		}
		return false, nil
	})
	if err == nil && last == nil {
		err = wire.CutShort()
	}
	var resp llm.Response
	if err == nil {
		resp, err = c.judge(res, last)
	}
	if e, ok := err.(*llm.Error); ok {
		if last == nil || last.words().text == "" {
			e.Partial = partial.String()
		}
		return llm.Response{}, wire.From(res, e)
	}
	return resp, err
}

// isThought reports whether an event brings a piece of a thought, which then stands apart
// from the answer.
func isThought(eventType string) bool {
	return eventType == "response.reasoning_text.delta" || eventType == "response.reasoning_summary_text.delta"
}

// terminal reports whether an event ends the stream. response.done comes from
// compatible servers.
func terminal(eventType string) bool {
	switch eventType {
	case "response.completed", "response.incomplete", "response.failed", "response.cancelled", "response.done":
		return true
	}
	return false
}

// statusBy reconciles the terminal event with the status inside it: what says that
// the answer is not complete wins.
func statusBy(eventType, status string) string {
	switch eventType {
	case "response.incomplete":
		return statusIncomplete
	case "response.failed":
		return statusFailed
	case "response.cancelled":
		return statusCanceled
	}
	if status == "" {
		return statusCompleted
	}
	return status
}
