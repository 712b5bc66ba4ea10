package responsestest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// knownMessages are the fields of a request for a message.
func knownMessages(field string) (exists, allowed bool) {
	switch field {
	case "model", "messages", "max_tokens", "system", "stream", "temperature", "output_config", "thinking", "metadata", "service_tier":
		return true, true
	case "tools", "tool_choice", "top_p", "top_k", "stop_sequences", "container", "context_management", "mcp_servers", "speed",
		"inference_geo", "cache_control":
		return true, false
	}
	return false, false
}

type messagesRequest struct {
	Model       string            `json:"model"`
	MaxTokens   *int              `json:"max_tokens"`
	System      json.RawMessage   `json:"system"`
	Messages    []json.RawMessage `json:"messages"`
	Stream      bool              `json:"stream"`
	Temperature *float64          `json:"temperature"`
	Output      json.RawMessage   `json:"output_config"`
	Thinking    json.RawMessage   `json:"thinking"`
}

// authorize wants the vendor's own headers, and no other's.
func (messagesAPI) authorize(r *http.Request, c *Call) *violation {
	c.APIKey = r.Header.Get("X-Api-Key")
	switch {
	case strings.TrimSpace(c.APIKey) == "":
		v := refuse("", "x-api-key header is required")
		v.status, v.code = http.StatusUnauthorized, "authentication_error"
		return v
	case r.Header.Get("Authorization") != "":
		return refuse("", "there is an Authorization header beside x-api-key")
	case r.Header.Get("Anthropic-Version") != "2023-06-01":
		return refuse("", "anthropic-version: header is required")
	}
	return noQuery(r)
}

func (messagesAPI) parse(_ *http.Request, body []byte, c *Call) *violation {
	var req messagesRequest
	if v := checkFields(body, knownMessages, &req); v != nil {
		return v
	}
	c.Model, c.Stream, c.StreamUsage, c.Temperature = req.Model, req.Stream, req.Stream, req.Temperature
	switch {
	case req.Model == "":
		return refuse("model", "Field required")
	case req.MaxTokens == nil:
		return refuse("max_tokens", "Field required")
	case *req.MaxTokens < 1:
		return refuse("max_tokens", "Input should be greater than or equal to 1")
	case req.Temperature != nil && (*req.Temperature < 0 || *req.Temperature > 1):
		return refuse("temperature", "range: 0..1")
	case len(req.Messages) == 0:
		return refuse("messages", "at least one message is required")
	}
	c.MaxTokens = *req.MaxTokens
	if req.System != nil {
		if v := parseBlocks("system", "system", req.System, c); v != nil {
			return v
		}
	}
	for i, raw := range req.Messages {
		at := fmt.Sprintf("messages.%d", i)
		var m struct {
			Role    string          `json:"role"`
			Content json.RawMessage `json:"content"`
		}
		if err := decodeStrict(raw, &m); err != nil {
			return refuse(at, "%v", err)
		}
		if m.Role != "user" && m.Role != "assistant" {
			return refuse(at, "Input should be 'user' or 'assistant'")
		}
		if v := parseBlocks(at+".content", m.Role, m.Content, c); v != nil {
			return v
		}
	}
	if n := bytes.Count(body, []byte(`"cache_control":{`)); n > maxMarks {
		return refuse("", "A maximum of %d blocks with cache_control may be provided. Found %d.", maxMarks, n)
	}
	if v := parseThinking(req.Thinking, c); v != nil {
		return v
	}
	return parseOutput(req.Output, c)
}

// maxMarks is how many blocks may be marked for the cache.
const maxMarks = 4

// parseBlocks reads a text or a list of text blocks, and adds them to the call, each as
// one message.
func parseBlocks(at, role string, raw json.RawMessage, c *Call) *violation {
	var text string
	if json.Unmarshal(raw, &text) == nil {
		c.Messages = append(c.Messages, Message{Role: role, Text: text})
		return nil
	}
	var blocks []json.RawMessage
	if err := json.Unmarshal(raw, &blocks); err != nil || len(blocks) == 0 {
		return refuse(at, "wants a text or a list of blocks that is not empty")
	}
	for i, raw := range blocks {
		var b struct {
			Type  string `json:"type"`
			Text  string `json:"text"`
			Cache *struct {
				Type string `json:"type"`
				TTL  string `json:"ttl"`
			} `json:"cache_control"`
		}
		at := fmt.Sprintf("%s.%d", at, i)
		switch err := decodeStrict(raw, &b); {
		case err != nil:
			return refuse(at, "%v", err)
		case b.Type != "text":
			return refuse(at, "this test server wants blocks of text")
		case strings.TrimSpace(b.Text) == "":
			return refuse(at, "text content blocks must contain non-whitespace text")
		case b.Cache != nil && b.Cache.Type != "ephemeral":
			return refuse(at+".cache_control", "Input should be 'ephemeral'")
		}
		c.Messages = append(c.Messages, Message{Role: role, Text: b.Text, Marked: b.Cache != nil})
	}
	return nil
}

func parseThinking(raw json.RawMessage, c *Call) *violation {
	if raw == nil {
		return nil
	}
	var t struct {
		Type string `json:"type"`
	}
	if err := decodeStrict(raw, &t); err != nil || t.Type != "disabled" && t.Type != "adaptive" {
		return refuse("thinking", "wants the type disabled or adaptive")
	}
	if t.Type == "disabled" {
		c.Effort = "none"
	}
	return nil
}

func parseOutput(raw json.RawMessage, c *Call) *violation {
	if raw == nil {
		return nil
	}
	var o struct {
		Effort *string `json:"effort"`
		Format *struct {
			Type   string          `json:"type"`
			Schema json.RawMessage `json:"schema"`
		} `json:"format"`
	}
	if err := decodeStrict(raw, &o); err != nil {
		return refuse("output_config", "%v", err)
	}
	if o.Effort != nil {
		if !slices.Contains([]string{"low", "medium", "high", "xhigh", "max"}, *o.Effort) {
			return refuse("output_config.effort", "Input should be 'low', 'medium', 'high', 'xhigh' or 'max'")
		}
		c.Effort = *o.Effort
	}
	if o.Format == nil {
		return nil
	}
	if o.Format.Type != "json_schema" {
		return refuse("output_config.format.type", "Input should be 'json_schema'")
	}
	if err := CheckAnthropic(o.Format.Schema); err != nil {
		return refuse("output_config.format.schema", "%v", err)
	}
	c.SchemaName, c.Schema, c.JSON = "answer", o.Format.Schema, true
	return nil
}
