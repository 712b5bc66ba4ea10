package responsestest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"regexp"
	"strings"
)

// violation is a rule that a request broke.
type violation struct {
	status  int
	code    string
	param   string
	message string
}

func refuse(param, format string, args ...any) *violation {
	return &violation{status: 400, code: "invalid_request", param: param, message: fmt.Sprintf(format, args...)}
}

func (v *violation) String() string {
	if v.param == "" {
		return v.message
	}
	return v.param + ": " + v.message
}

func (v *violation) reply() Reply {
	return Raw(v.status, "application/json", string(mustJSON(map[string]any{"error": map[string]any{
		"message": v.message, "type": "invalid_request_error", "param": orNull(v.param), "code": orNull(v.code),
	}})))
}

// known are the fields of a request; the API refuses all others. Those marked false
// are known but need something that a stateless text request must not have.
func known(field string) (exists, allowed bool) {
	switch field {
	case "model", "input", "text", "stream", "store", "max_output_tokens", "instructions", "reasoning",
		"metadata", "service_tier", "prompt_cache_key", "safety_identifier", "truncation", "stream_options",
		"include", "prompt_cache_options", "user":
		return true, true
	case "background", "conversation", "previous_response_id", "prompt", "tools", "tool_choice", "max_tool_calls",
		"parallel_tool_calls", "temperature", "top_p", "top_logprobs", "context_management", "moderation",
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
}

// parseRequest checks a body and fills c from it.
func parseRequest(body []byte, c *Call) *violation {
	var fields map[string]json.RawMessage
	if err := decode(body, &fields); err != nil {
		return refuse("", "we could not parse the JSON body of your request: %v", err)
	}
	for field := range fields {
		switch exists, allowed := known(field); {
		case !exists:
			v := refuse(field, "unknown parameter: '%s'", field)
			v.code = "unknown_parameter"
			return v
		case !allowed:
			v := refuse(field, "unsupported parameter: '%s' is not supported with this model", field)
			v.code = "unsupported_parameter"
			return v
		}
	}
	var req wireRequest
	if err := json.Unmarshal(body, &req); err != nil {
		return refuse("", "invalid type: %v", err)
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
		text, v := parseContent(at+".content", item)
		if v != nil {
			return v
		}
		c.Messages = append(c.Messages, Message{Role: item.Role, Text: text})
	}
	return nil
}

func parseContent(at string, item wireItem) (string, *violation) {
	var text string
	if err := json.Unmarshal(item.Content, &text); err == nil && string(item.Content) != "null" {
		return text, nil
	}
	var parts []struct {
		Type string  `json:"type"`
		Text *string `json:"text"`
	}
	if err := json.Unmarshal(item.Content, &parts); err != nil || len(parts) == 0 {
		return "", refuse(at, "wants a text or a list of parts that is not empty")
	}
	want := "input_text"
	if item.Role == "assistant" {
		want = "output_text"
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
	case format.Type != "json_schema":
		return refuse("text.format.type", "invalid value: '%s', supported here are 'text' and 'json_schema'", format.Type)
	case !regexp.MustCompile(`^[a-zA-Z0-9_-]{1,64}$`).MatchString(format.Name):
		return refuse("text.format.name", "'%s' does not match '^[a-zA-Z0-9_-]{1,64}$'", format.Name)
	case !format.Strict:
		return refuse("text.format.strict", "this test server wants strict schemas")
	}
	c.SchemaName, c.Schema = format.Name, format.Schema
	if problem := CheckStrict(format.Schema); problem != nil {
		v := refuse("text.format.schema", "invalid schema for response_format '%s': %v", format.Name, problem)
		v.code = "invalid_json_schema"
		return v
	}
	return nil
}

// decode reads exactly one JSON value.
func decode(raw []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(raw))
	if err := d.Decode(into); err != nil {
		return err
	}
	if _, err := d.Token(); err != io.EOF {
		return fmt.Errorf("there is more after the first value")
	}
	return nil
}

func decodeStrict(raw []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	return d.Decode(into)
}
