package responsestest

import "cmp"

// messagesAPI is Anthropic's.
type messagesAPI struct{}

func (messagesAPI) name() string                          { return Messages }
func (messagesAPI) at(path string) bool                   { return path == "/v1/messages" }
func (messagesAPI) stream(e *events, c Call) answerStream { return &messagesStream{events: e, call: c} }

// messageErrors are the types of errors by status.
var messageErrors = map[int]string{
	400: "invalid_request_error", 401: "authentication_error", 402: "billing_error", 403: "permission_error", 404: "not_found_error",
	413: "request_too_large", 429: "rate_limit_error", 500: "api_error", 504: "timeout_error", 529: "overloaded_error",
}

func (messagesAPI) failure(f failure) map[string]any {
	message := f.message
	if f.param != "" {
		message = f.param + ": " + message
	}
	typ := cmp.Or(f.code, f.typ)
	if typ == "" || typ == "invalid_request" || typ == "unknown_parameter" || typ == "unsupported_parameter" {
		typ = cmp.Or(messageErrors[f.status], "api_error")
	}
	return map[string]any{"type": "error", "error": map[string]any{"type": typ, "message": message}, "request_id": nil}
}

// stopReason puts an answer's status into the words of the API.
func (a answer) stopReason() string {
	switch {
	case a.refusal != "":
		return "refusal"
	case a.status == "completed":
		return "end_turn"
	case a.reason == "max_output_tokens":
		return "max_tokens"
	case a.status == "incomplete":
		return a.reason
	}
	return a.status
}

// stop is the end of an answer.
func (a answer) stop() map[string]any {
	s := map[string]any{"stop_reason": orNull(a.stopReason()), "stop_sequence": nil}
	if a.refusal != "" {
		s["stop_details"] = map[string]any{"type": "refusal", "category": nil, "explanation": a.refusal}
	}
	return s
}

func (a answer) messageUsage(c Call) map[string]any {
	u := a.counted(c)
	return map[string]any{
		"input_tokens": u.input - u.cached - u.written, "cache_read_input_tokens": u.cached, "cache_creation_input_tokens": u.written,
		"cache_creation": map[string]any{"ephemeral_5m_input_tokens": u.written, "ephemeral_1h_input_tokens": 0},
		"output_tokens":  u.output, "output_tokens_details": map[string]any{"thinking_tokens": u.reasoning}, "service_tier": cmp.Or(a.tier, "standard"),
	}
}

func (a answer) emptyMessage(c Call, content []any) map[string]any {
	return map[string]any{
		"id": a.id("msg", c), "type": "message", "role": "assistant", "model": cmp.Or(a.model, c.Model), "content": content,
		"stop_reason": nil, "stop_sequence": nil,
	}
}

// object is the message; of an answer that failed, an error in its place.
func (api messagesAPI) object(a answer, c Call) map[string]any {
	if a.code != "" {
		return api.failure(failure{code: a.code, message: a.message})
	}
	content := []any{}
	if a.text != "" {
		content = append(content, map[string]any{"type": "text", "text": a.text})
	}
	m := a.emptyMessage(c, content)
	for k, v := range a.stop() {
		m[k] = v
	}
	if !a.uncounted {
		m["usage"] = a.messageUsage(c)
	}
	return m
}

// messagesStream writes events in the order of the Messages API.
type messagesStream struct {
	events *events
	call   Call
}

func (s *messagesStream) event(typ string, fields map[string]any) {
	fields["type"] = typ
	s.events.send(typ, mustJSON(fields))
}

func (s *messagesStream) open(text string) { s.begin(answer{status: "completed", text: text}) }

// begin sends everything up to the last delta of a text.
func (s *messagesStream) begin(a answer) {
	m := a.emptyMessage(s.call, []any{})
	if !a.uncounted {
		u := a.messageUsage(s.call)
		u["output_tokens"] = 1
		m["usage"] = u
	}
	s.event("message_start", map[string]any{"message": m})
	if a.text == "" {
		return
	}
	s.event("content_block_start", map[string]any{"index": 0, "content_block": map[string]any{"type": "text", "text": ""}})
	s.event("ping", map[string]any{})
	for _, piece := range pieces(a.text) {
		s.event("content_block_delta", map[string]any{"index": 0, "delta": map[string]any{"type": "text_delta", "text": piece}})
	}
}

func (s *messagesStream) whole(a answer) {
	if a.code != "" {
		s.event("error", messagesAPI{}.failure(failure{code: a.code, message: a.message}))
		return
	}
	s.begin(a)
	if a.text != "" {
		s.event("content_block_stop", map[string]any{"index": 0})
	}
	end := map[string]any{"delta": a.stop()}
	if !a.uncounted {
		end["usage"] = a.messageUsage(s.call)
	}
	s.event("message_delta", end)
	s.event("message_stop", map[string]any{})
}
