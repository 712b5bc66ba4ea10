package openai

import (
	"encoding/json"

	"github.com/pawlrun/pawl/llm"
	"github.com/pawlrun/pawl/llm/internal/wire"
)

// params are a request as it is sent. The order of fields stays: an item of a batch under way
// is known by a digest of its text.
type params struct {
	MaxOutputTokens int        `json:"max_output_tokens,omitzero"`
	Store           bool       `json:"store"`
	Temperature     *float64   `json:"temperature,omitzero"` // nil: none is given
	Input           []message  `json:"input"`
	Model           string     `json:"model"`
	Reasoning       *reasoning `json:"reasoning,omitzero"`
	Text            *text      `json:"text,omitzero"`
	Stream          bool       `json:"stream,omitzero"`
}

type message struct {
	Content string   `json:"content"`
	Role    llm.Role `json:"role"`
	Type    string   `json:"type"`
}

type reasoning struct {
	Effort string `json:"effort"`
}

type text struct {
	Format format `json:"format"`
}

// format says what the text is to be: JSON of a schema, or any JSON object.
type format struct {
	Type   string          `json:"type"`
	Name   string          `json:"name,omitzero"`
	Schema json.RawMessage `json:"schema,omitempty"` // as it is: the order of the properties is the order in which the model writes
	Strict bool            `json:"strict,omitzero"`
}

// params puts the request into the API's words. What is wrong with it is found
// here, before anything is sent.
func (c *call) params(d wire.Dialect) (params, error) {
	req := c.req
	if err := wire.CheckRequest(req); err != nil {
		return params{}, err
	}
	p := params{Model: req.Model, MaxOutputTokens: c.limit, Temperature: req.Temperature}
	if req.Effort != "" {
		p.Reasoning = &reasoning{req.Effort}
	}
	name, schema, err := d.Format(req)
	switch {
	case err != nil:
		return p, err
	case schema == nil:
	case d.Form == wire.FormStrict:
		p.Text = &text{format{Type: "json_schema", Name: name, Schema: schema, Strict: true}}
	case d.Form == wire.FormObject:
		p.Text = &text{format{Type: "json_object"}}
	}
	for _, m := range d.Messages(req, schema) {
		// The type may be left out for OpenAI; llama.cpp refuses an assistant's message
		// without it.
		p.Input = append(p.Input, message{Type: "message", Role: m.Role, Content: m.Text()})
	}
	return p, nil
}
