package openaichat

import (
	"encoding/json"
	"net/url"

	"github.com/pawlrun/pawl/llm"
	"github.com/pawlrun/pawl/llm/internal/openaiwire"
	"github.com/pawlrun/pawl/llm/internal/wire"
)

// The names of the limit on an answer's tokens; see the package comment.
const (
	maxTokens           = "max_tokens"
	maxCompletionTokens = "max_completion_tokens"
)

// limits returns the name that a server is first asked with, and the other one.
func limits(baseURL string) [2]string {
	if u, err := url.Parse(baseURL); baseURL == "" || err == nil && u.Host == openaiwire.Host {
		return [2]string{maxCompletionTokens, maxTokens}
	}
	return [2]string{maxTokens, maxCompletionTokens}
}

// params are a request as it is sent. The order of fields stays: an item of a batch under way
// is known by a digest of its text.
type params struct {
	Messages            []message       `json:"messages"`
	Model               string          `json:"model"`
	MaxCompletionTokens int             `json:"max_completion_tokens,omitzero"`
	MaxTokens           int             `json:"max_tokens,omitzero"`
	Temperature         *float64        `json:"temperature,omitzero"` // nil: none is given
	ReasoningEffort     string          `json:"reasoning_effort,omitzero"`
	StreamOptions       *streamOptions  `json:"stream_options,omitzero"`
	ResponseFormat      *responseFormat `json:"response_format,omitzero"`
	Stream              bool            `json:"stream,omitzero"`
}

type message struct {
	Content string   `json:"content"`
	Role    llm.Role `json:"role"`
}

type responseFormat struct {
	JSONSchema *jsonSchema `json:"json_schema,omitzero"`
	Type       string      `json:"type"`
}

type jsonSchema struct {
	Name   string          `json:"name"`
	Strict bool            `json:"strict"`
	Schema json.RawMessage `json:"schema"` // as it is: the order of the properties is the order in which the model writes
}

type streamOptions struct {
	IncludeUsage bool `json:"include_usage"`
}

// params puts the request into the API's words. What is wrong with it is found
// here, before anything is sent.
func (c *call) params(d wire.Dialect) (params, error) {
	var p params
	req := c.req
	if err := wire.CheckRequest(req); err != nil {
		return p, err
	}
	name, schema, err := d.Format(req)
	switch {
	case err != nil:
		return p, err
	case schema == nil:
	case d.Form == wire.FormStrict:
		p.ResponseFormat = &responseFormat{Type: "json_schema", JSONSchema: &jsonSchema{Name: name, Strict: true, Schema: schema}}
	case d.Form == wire.FormObject:
		p.ResponseFormat = &responseFormat{Type: "json_object"}
	}
	p.Model = req.Model
	p.Messages = wireMessages(d.Messages(req, schema))
	if c.limit > 0 {
		if c.endpoint.Limit(d) == maxTokens {
			p.MaxTokens = c.limit
		} else {
			p.MaxCompletionTokens = c.limit
		}
	}
	p.Temperature, p.ReasoningEffort = req.Temperature, req.Effort
	if c.listened && d.StreamOptions() {
		p.StreamOptions = &streamOptions{IncludeUsage: true}
	}
	return p, nil
}

// wireMessages joins neighbours of one role; see the package comment.
func wireMessages(messages []llm.Message) []message {
	var out []message
	for _, m := range wire.JoinNeighbours(messages) {
		out = append(out, message{Role: m.Role, Content: m.Text()})
	}
	return out
}
