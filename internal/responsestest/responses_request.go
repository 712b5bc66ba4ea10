package responsestest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
)

// known are the fields of a request.
func known(field string) (exists, allowed bool) {
	switch field {
	case "model", "input", "text", "stream", "store", "max_output_tokens", "instructions", "reasoning",
		"metadata", "service_tier", "prompt_cache_key", "safety_identifier", "truncation", "stream_options",
		"include", "prompt_cache_options", "user", "temperature":
		return true, true
	case "background", "conversation", "previous_response_id", "prompt", "tools", "tool_choice", "max_tool_calls",
		"parallel_tool_calls", "top_p", "top_logprobs", "context_management", "moderation",
		"prompt_cache_retention", "access_programs":
		return true, false
	}
	return false, false
}

type wireRequest struct {
	Model     string          `json:"model"`
	Input     json.RawMessage `json:"input"`
	Text      json.RawMessage `json:"text"`
	Stream    bool            `json:"stream"`
	Store     *bool           `json:"store"`
	MaxTokens *int            `json:"max_output_tokens"`

	Temperature *float64 `json:"temperature"`
	Reasoning   struct {
		Effort *string `json:"effort"`
	} `json:"reasoning"`
}

// parse checks a body and fills c from it.
func (responsesAPI) parse(_ *http.Request, body []byte, c *Call) *violation {
	var req wireRequest
	if v := checkFields(body, known, &req); v != nil {
		return v
	}
	c.Model, c.Stream = req.Model, req.Stream
	if req.Model == "" {
		return refuse("model", "you must provide a model parameter")
	}
	if req.Store == nil || *req.Store {
		return refuse("store", "this test server keeps nothing: store must be false")
	}
	if req.MaxTokens != nil {
		if c.MaxTokens = *req.MaxTokens; c.MaxTokens < 16 {
			v := refuse("max_output_tokens", "expected a value >= 16, but got %d instead", c.MaxTokens)
			v.code = "integer_below_min_value"
			return v
		}
	}
	if v := parseSettings(req.Temperature, "reasoning.effort", req.Reasoning.Effort, c); v != nil {
		return v
	}
	if v := parseInput(req.Input, c); v != nil {
		return v
	}
	return parseText(req.Text, c)
}

type wireItem struct {
	Type    string          `json:"type"`
	Role    string          `json:"role"`
	Content json.RawMessage `json:"content"`
	ID      string          `json:"id"`
	Status  string          `json:"status"`
	Phase   string          `json:"phase"`
}

func parseInput(raw json.RawMessage, c *Call) *violation {
	var text string
	if json.Unmarshal(raw, &text) == nil && text != "" {
		c.Messages = []Message{{Role: "user", Text: text}}
		return nil
	}
	var items []json.RawMessage
	if err := json.Unmarshal(raw, &items); err != nil || len(items) == 0 {
		return refuse("input", "wants a text or a list of items that is not empty")
	}
	for i, raw := range items {
		at := fmt.Sprintf("input[%d]", i)
		var item wireItem
		if err := decodeStrict(raw, &item); err != nil {
			return refuse(at, "%v", err)
		}
		if item.Type != "" && item.Type != "message" {
			return refuse(at+".type", "invalid value: '%s', supported here is 'message'", item.Type)
		}
		switch item.Role {
		case "user", "assistant", "system", "developer":
		default:
			return refuse(at+".role", "invalid value: '%s', supported are 'assistant', 'system', 'developer' and 'user'", item.Role)
		}
		want := "input_text"
		if item.Role == "assistant" {
			want = "output_text"
		}
		text, v := parseContent(at+".content", want, item.Content)
		if v != nil {
			return v
		}
		c.Messages = append(c.Messages, Message{Role: item.Role, Text: text})
	}
	return nil
}

// parseContent reads a text, or a list of parts that must all be of one type.
func parseContent(at, want string, raw json.RawMessage) (string, *violation) {
	var text string
	if err := json.Unmarshal(raw, &text); err == nil && string(raw) != "null" {
		return text, nil
	}
	var parts []struct {
		Type string  `json:"type"`
		Text *string `json:"text"`
	}
	if err := json.Unmarshal(raw, &parts); err != nil || len(parts) == 0 {
		return "", refuse(at, "wants a text or a list of parts that is not empty")
	}
	var b strings.Builder
	for i, p := range parts {
		if p.Type != want {
			return "", refuse(fmt.Sprintf("%s[%d].type", at, i), "invalid value: '%s', supported here is '%s'", p.Type, want)
		}
		if p.Text == nil {
			return "", refuse(fmt.Sprintf("%s[%d].text", at, i), "missing required parameter")
		}
		b.WriteString(*p.Text)
	}
	return b.String(), nil
}

func parseText(raw json.RawMessage, c *Call) *violation {
	if len(raw) == 0 {
		return nil
	}
	var text struct {
		Format    json.RawMessage `json:"format"`
		Verbosity string          `json:"verbosity"`
	}
	if err := decodeStrict(raw, &text); err != nil {
		return refuse("text", "%v", err)
	}
	if len(text.Format) == 0 {
		return nil
	}
	var format struct {
		Type        string          `json:"type"`
		Name        string          `json:"name"`
		Description string          `json:"description"`
		Schema      json.RawMessage `json:"schema"`
		Strict      bool            `json:"strict"`
	}
	if err := decodeStrict(text.Format, &format); err != nil {
		return refuse("text.format", "%v", err)
	}
	switch {
	case format.Type == "text":
		return nil
	case format.Type == "json_object":
		return parseJSONMode("input", "text.format", c)
	case format.Type != "json_schema":
		return refuse("text.format.type", "invalid value: '%s', supported are 'json_object', 'json_schema' and 'text'", format.Type)
	}
	return checkSchema("text.format", format.Name, format.Strict, format.Schema, c)
}
