package responsestest

import "cmp"

// item is the answer's message, nil if it has none.
func (a answer) item(c Call, status string) map[string]any {
	content := a.content()
	if content == nil {
		return nil
	}
	return map[string]any{
		"id": a.id("msg", c), "type": "message", "role": "assistant", "status": status,
		"content": []any{content},
	}
}

func (a answer) content() map[string]any {
	switch {
	case a.refusal != "":
		return map[string]any{"type": "refusal", "refusal": a.refusal}
	case a.text != "":
		return map[string]any{"type": "output_text", "text": a.text, "annotations": []any{}, "logprobs": []any{}}
	}
	return nil
}

// object is the response object.
func (responsesAPI) object(a answer, c Call) map[string]any {
	output := []any{}
	itemStatus := "completed"
	if a.status == "incomplete" {
		itemStatus = "incomplete"
	}
	if item := a.item(c, itemStatus); item != nil {
		output = append(output, item)
	}
	o := map[string]any{
		"id": a.id("resp", c), "object": "response", "created_at": created, "status": a.status,
		"model": cmp.Or(a.model, c.Model), "output": output, "error": nil, "incomplete_details": nil,
		"parallel_tool_calls": true, "tool_choice": "auto", "tools": []any{}, "store": false,
		"instructions": nil, "metadata": map[string]any{}, "temperature": 1, "top_p": 1,
	}
	if a.tier != "" {
		o["service_tier"] = a.tier
	}
	if a.reason != "" {
		o["incomplete_details"] = map[string]any{"reason": a.reason}
	}
	if a.code != "" {
		o["error"] = map[string]any{"code": a.code, "message": a.message}
	} else if !a.uncounted {
		u := a.counted(c)
		o["usage"] = map[string]any{
			"input_tokens": u.input, "input_tokens_details": map[string]any{"cached_tokens": u.cached},
			"output_tokens": u.output, "output_tokens_details": map[string]any{"reasoning_tokens": u.reasoning},
			"total_tokens": u.input + u.output,
		}
	}
	return o
}
