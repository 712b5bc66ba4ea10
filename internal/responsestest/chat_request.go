package responsestest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
)

// knownChat are the fields of a chat request.
func knownChat(field string) (exists, allowed bool) {
	switch field {
	case "model", "messages", "response_format", "stream", "stream_options", "max_tokens", "max_completion_tokens",
		"reasoning_effort", "verbosity", "metadata", "service_tier", "prompt_cache_key", "safety_identifier", "seed", "user", "temperature":
		return true, true
	case "store", "tools", "tool_choice", "parallel_tool_calls", "functions", "function_call", "top_p", "n",
		"stop", "logprobs", "top_logprobs", "logit_bias", "frequency_penalty", "presence_penalty", "audio", "modalities",
		"prediction", "web_search_options", "prompt_cache_retention", "prompt_cache_options", "moderation":
		return true, false
	}
	return false, false
}

type chatRequest struct {
	Model         string            `json:"model"`
	Messages      []json.RawMessage `json:"messages"`
	Format        json.RawMessage   `json:"response_format"`
	Stream        bool              `json:"stream"`
	StreamOptions json.RawMessage   `json:"stream_options"`
	MaxTokens     *int              `json:"max_tokens"`
	MaxCompletion *int              `json:"max_completion_tokens"`
	Temperature   *float64          `json:"temperature"`
	Effort        *string           `json:"reasoning_effort"`
}

func (chatAPI) parse(_ *http.Request, body []byte, c *Call) *violation {
	var req chatRequest
	if v := checkFields(body, knownChat, &req); v != nil {
		return v
	}
	c.Model, c.Stream = req.Model, req.Stream
	if req.Model == "" {
		return refuse("model", "you must provide a model parameter")
	}
	if v := parseLimit(req, c); v != nil {
		return v
	}
	if v := parseSettings(req.Temperature, "reasoning_effort", req.Effort, c); v != nil {
		return v
	}
	if v := parseMessages(req.Messages, c); v != nil {
		return v
	}
	if v := parseStreamOptions(req, c); v != nil {
		return v
	}
	return parseFormat(req.Format, c)
}

func parseLimit(req chatRequest, c *Call) *violation {
	name, limit := "max_tokens", req.MaxTokens
	if req.MaxCompletion != nil {
		if limit != nil {
			return refuse("max_tokens", "setting 'max_tokens' and 'max_completion_tokens' at the same time is not supported")
		}
		name, limit = "max_completion_tokens", req.MaxCompletion
	}
	if limit == nil {
		return nil
	}
	if c.MaxTokens = *limit; c.MaxTokens < 1 {
		v := refuse(name, "expected a value >= 1, but got %d instead", c.MaxTokens)
		v.code = "integer_below_min_value"
		return v
	}
	return nil
}

func parseMessages(messages []json.RawMessage, c *Call) *violation {
	if len(messages) == 0 {
		return refuse("messages", "wants a list of messages that is not empty")
	}
	for i, raw := range messages {
		at := fmt.Sprintf("messages[%d]", i)
		var m struct {
			Role    string          `json:"role"`
			Content json.RawMessage `json:"content"`
			Name    string          `json:"name"`
		}
		if err := decodeStrict(raw, &m); err != nil {
			return refuse(at, "%v", err)
		}
		switch m.Role {
		case "user", "assistant", "system", "developer":
		default:
			return refuse(at+".role", "invalid value: '%s', supported here are 'assistant', 'system', 'developer' and 'user'", m.Role)
		}
		text, v := parseContent(at+".content", "text", m.Content)
		if v != nil {
			return v
		}
		c.Messages = append(c.Messages, Message{Role: m.Role, Text: text})
	}
	return nil
}

func parseStreamOptions(req chatRequest, c *Call) *violation {
	if len(req.StreamOptions) == 0 {
		return nil
	}
	var options struct {
		Usage bool `json:"include_usage"`
	}
	if err := decodeStrict(req.StreamOptions, &options); err != nil {
		return refuse("stream_options", "%v", err)
	}
	if !req.Stream {
		return refuse("stream_options", "the 'stream_options' parameter is only allowed when 'stream' is enabled")
	}
	c.StreamUsage = options.Usage
	return nil
}

func parseFormat(raw json.RawMessage, c *Call) *violation {
	if len(raw) == 0 {
		return nil
	}
	var format struct {
		Type   string          `json:"type"`
		Schema json.RawMessage `json:"json_schema"`
	}
	if err := decodeStrict(raw, &format); err != nil {
		return refuse("response_format", "%v", err)
	}
	switch format.Type {
	case "text":
		return nil
	case "json_object":
		return parseJSONMode("messages", "response_format", c)
	case "json_schema":
	default:
		return refuse("response_format.type", "invalid value: '%s', supported are 'json_object', 'json_schema' and 'text'", format.Type)
	}
	var named struct {
		Name        string          `json:"name"`
		Description string          `json:"description"`
		Schema      json.RawMessage `json:"schema"`
		Strict      bool            `json:"strict"`
	}
	if len(format.Schema) == 0 {
		return refuse("response_format.json_schema", "missing required parameter")
	}
	if err := decodeStrict(format.Schema, &named); err != nil {
		return refuse("response_format.json_schema", "%v", err)
	}
	return checkSchema("response_format.json_schema", named.Name, named.Strict, named.Schema, c)
}

// parseJSONMode checks a request for any JSON object.
func parseJSONMode(messages, format string, c *Call) *violation {
	if c.JSON = true; !strings.Contains(strings.ToLower(c.Prompt()), "json") {
		return refuse(messages, "'%s' must contain the word 'json' in some form, to use '%s' of type 'json_object'", messages, format)
	}
	return nil
}
