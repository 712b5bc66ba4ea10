package openai

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"

	"github.com/openai/openai-go/v3/packages/ssestream"
	"github.com/openai/openai-go/v3/responses"

	"github.com/pawlrun/pawl/llm"
)

// event is the part of a stream event that we look at. Fields whose type differs
// between events stay raw until the event is known.
type event struct {
	Type     string          `json:"type"`
	Delta    json.RawMessage `json:"delta"`
	Response json.RawMessage `json:"response"`
	Error    json.RawMessage `json:"error"`
}

// readStream reads events up to the terminal one and stops there: some gateways
// keep the connection open behind it. The caller closes the body.
func readStream(ctx context.Context, res *http.Response, stream func(llm.Delta)) (llm.Response, error) {
	var partial strings.Builder
	fail := func(e *llm.Error) (llm.Response, error) {
		if e.Partial == "" {
			e.Partial = partial.String()
		}
		return llm.Response{}, from(res, e)
	}
	events := ssestream.NewDecoder(res)
	for events.Next() {
		raw := events.Event()
		if strings.HasPrefix(string(raw.Data), "[DONE]") {
			break
		}
		var ev event
		if err := json.Unmarshal(raw.Data, &ev); err != nil {
			return fail(&llm.Error{Kind: llm.Overloaded, Message: "an event of the stream is not JSON: " + brief(string(raw.Data))})
		}
		if ev.Type == "" {
			ev.Type = raw.Type
		}
		switch {
		case ev.Type == "response.output_text.delta":
			var text string
			if json.Unmarshal(ev.Delta, &text) == nil && text != "" {
				partial.WriteString(text)
				stream(llm.Delta{Text: text})
			}
		case terminal(ev.Type):
			var answer responses.Response
			if err := json.Unmarshal(ev.Response, &answer); err != nil {
				return fail(&llm.Error{Kind: llm.Overloaded, Message: "the last event of the stream holds no answer"})
			}
			answer.Status = statusBy(ev.Type, answer.Status)
			resp, err := readAnswer(res, &answer)
			if e, ok := err.(*llm.Error); ok {
				return fail(e)
			}
			return resp, nil
		case ev.Type == "error" || len(ev.Error) > 0 && string(ev.Error) != "null":
			e := providerError(string(raw.Data))
			return fail(&e)
		}
	}
	if err := events.Err(); err != nil {
		return fail(transportError(ctx, err))
	}
	if ctx.Err() != nil {
		return fail(transportError(ctx, ctx.Err()))
	}
	return fail(&llm.Error{Kind: llm.Network, Message: "the stream ended before the answer was complete"})
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
func statusBy(eventType string, status responses.ResponseStatus) responses.ResponseStatus {
	switch eventType {
	case "response.incomplete":
		return responses.ResponseStatusIncomplete
	case "response.failed":
		return responses.ResponseStatusFailed
	case "response.cancelled":
		return responses.ResponseStatusCancelled
	}
	if status == "" {
		return responses.ResponseStatusCompleted
	}
	return status
}
