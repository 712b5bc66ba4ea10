package openaichat

import (
	"encoding/json"
	"net/url"

	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/packages/param"
	"github.com/openai/openai-go/v3/shared"

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

// params puts the request into the SDK's words. What is wrong with it is found
// here, before anything is sent.
func (c *call) params(d wire.Dialect) (openai.ChatCompletionNewParams, error) {
	var p openai.ChatCompletionNewParams
	req := c.req
	if err := wire.CheckRequest(req); err != nil {
		return p, err
	}
	var schema json.RawMessage
	if req.Schema != nil {
		name, form, err := d.Format(req)
		if err != nil {
			return p, err
		}
		schema = form
		switch d.Form {
		case wire.FormStrict:
			// A RawMessage goes out as it is: the order of the properties is the
			// order in which the model writes.
			p.ResponseFormat.OfJSONSchema = &shared.ResponseFormatJSONSchemaParam{
				JSONSchema: shared.ResponseFormatJSONSchemaJSONSchemaParam{Name: name, Schema: schema, Strict: param.NewOpt(true)},
			}
		case wire.FormObject:
			p.ResponseFormat.OfJSONObject = &shared.ResponseFormatJSONObjectParam{}
		}
	}
	p.Model = req.Model
	p.Messages = wireMessages(d.Messages(req, schema))
	if c.limit > 0 {
		limit := param.NewOpt(int64(c.limit))
		if c.endpoint.Limit(d) == maxTokens {
			p.MaxTokens = limit
		} else {
			p.MaxCompletionTokens = limit
		}
	}
	if req.Temperature != nil {
		p.Temperature = param.NewOpt(*req.Temperature)
	}
	p.ReasoningEffort = shared.ReasoningEffort(req.Effort)
	if c.listened && d.StreamOptions() {
		p.StreamOptions.IncludeUsage = param.NewOpt(true)
	}
	return p, nil
}

// wireMessages joins neighbours of one role; see the package comment.
func wireMessages(messages []llm.Message) []openai.ChatCompletionMessageParamUnion {
	var out []openai.ChatCompletionMessageParamUnion
	for _, m := range wire.JoinNeighbours(messages) {
		switch m.Role {
		case llm.RoleSystem:
			out = append(out, openai.SystemMessage(m.Text()))
		case llm.RoleAssistant:
			out = append(out, openai.AssistantMessage(m.Text()))
		default:
			out = append(out, openai.UserMessage(m.Text()))
		}
	}
	return out
}
