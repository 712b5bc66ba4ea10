package responsestest

import "cmp"

// finishReason puts an answer's status into the words of the API. Words that no
// status has are left: WithStatus may send any.
func (a answer) finishReason() string {
	switch {
	case a.status == "completed":
		return "stop"
	case a.reason == "max_output_tokens":
		return "length"
	case a.status == "incomplete":
		return a.reason
	}
	return a.status
}

// object is the completion object; of an answer that failed, an error in its place.
func (chatAPI) object(a answer, c Call) map[string]any {
	if a.code != "" {
		return a.chatError()
	}
	o := a.completion(c, "chat.completion")
	o["choices"] = []any{map[string]any{
		"index": 0, "logprobs": nil, "finish_reason": a.finishReason(),
		"message": map[string]any{
			"role": "assistant", "content": orNull(a.text), "refusal": orNull(a.refusal), "annotations": []any{},
		},
	}}
	if !a.uncounted {
		o["usage"] = a.chatUsage(c)
	}
	return o
}

func (a answer) completion(c Call, object string) map[string]any {
	return map[string]any{
		"id": a.id("chatcmpl", c), "object": object, "created": created, "model": cmp.Or(a.model, c.Model),
		"service_tier": cmp.Or(a.tier, "default"), "system_fingerprint": nil,
	}
}

func (a answer) chatUsage(c Call) map[string]any {
	u := a.counted(c)
	return map[string]any{
		"prompt_tokens": u.input, "prompt_tokens_details": map[string]any{"cached_tokens": u.cached},
		"completion_tokens": u.output - u.reasoning, "completion_tokens_details": map[string]any{"reasoning_tokens": u.reasoning},
		"total_tokens": u.input + u.output,
	}
}

func (a answer) chatError() map[string]any {
	return map[string]any{"error": map[string]any{"message": a.message, "type": a.code, "param": nil, "code": a.code}}
}

// chatStream writes events in the order of the Chat Completions API.
type chatStream struct {
	events *events
	call   Call
}

func (s *chatStream) open(text string) {
	s.deltas(answer{status: "completed", text: text})
}

func (s *chatStream) whole(a answer) {
	if a.code != "" {
		s.events.send("", mustJSON(a.chatError()))
		return
	}
	s.deltas(a)
	s.choice(a, map[string]any{}, a.finishReason())
	if s.call.StreamUsage && !a.uncounted {
		s.chunk(a, []any{}, a.chatUsage(s.call))
	}
	s.events.send("", []byte("[DONE]"))
}

func (s *chatStream) deltas(a answer) {
	s.choice(a, map[string]any{"role": "assistant", "content": "", "refusal": nil}, "")
	for _, piece := range pieces(a.text) {
		s.choice(a, map[string]any{"content": piece}, "")
	}
	for _, piece := range pieces(a.refusal) {
		s.choice(a, map[string]any{"refusal": piece}, "")
	}
}

func (s *chatStream) choice(a answer, delta map[string]any, finish string) {
	s.chunk(a, []any{map[string]any{"index": 0, "delta": delta, "logprobs": nil, "finish_reason": orNull(finish)}}, nil)
}

// chunk sends one event. All of them have a usage where it was asked for, and all
// but the last one null.
func (s *chatStream) chunk(a answer, choices []any, usage map[string]any) {
	o := a.completion(s.call, "chat.completion.chunk")
	o["choices"] = choices
	if s.call.StreamUsage {
		o["usage"] = nil
		if usage != nil {
			o["usage"] = usage
		}
	}
	s.events.send("", mustJSON(o))
}
