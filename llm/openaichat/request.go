package openaichat

import (
	"slices"
	"strings"

	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/packages/param"
	"github.com/openai/openai-go/v3/shared"

	"github.com/pawlrun/pawl/llm"
	"github.com/pawlrun/pawl/llm/internal/openaiwire"
)

// params puts the request into the SDK's words. What is wrong with it is found
// here, before anything is sent.
func (c *call) params() (openai.ChatCompletionNewParams, error) {
	var p openai.ChatCompletionNewParams
	req := c.req
	if err := openaiwire.CheckRequest(req); err != nil {
		return p, err
	}
	messages := req.Messages
	if req.Schema != nil {
		// The strict form is made even where it is not sent: a type that has
		// none fails alike on all servers.
		name, strict, err := openaiwire.Format(req)
		if err != nil {
			return p, err
		}
		switch c.form {
		case formStrict:
			// A RawMessage goes out as it is: the order of the properties is the
			// order in which the model writes.
			p.ResponseFormat.OfJSONSchema = &shared.ResponseFormatJSONSchemaParam{
				JSONSchema: shared.ResponseFormatJSONSchemaJSONSchemaParam{Name: name, Schema: strict, Strict: param.NewOpt(true)},
			}
		case formObject:
			p.ResponseFormat.OfJSONObject = &shared.ResponseFormatJSONObjectParam{}
		}
		if c.form != formStrict {
			messages = withSchema(messages, string(strict))
		}
	}
	p.Model = req.Model
	p.Messages = wireMessages(messages)
	if req.MaxTokens > 0 {
		limit := param.NewOpt(int64(req.MaxTokens))
		if c.endpoint.Host() == openaiwire.VendorHost {
			p.MaxCompletionTokens = limit
		} else {
			p.MaxTokens = limit
		}
	}
	if req.Temperature != nil {
		p.Temperature = param.NewOpt(*req.Temperature)
	}
	p.ReasoningEffort = shared.ReasoningEffort(req.Effort)
	if c.streaming {
		p.StreamOptions.IncludeUsage = param.NewOpt(true)
	}
	return p, nil
}

// withSchema adds the schema in words behind the leading system messages.
func withSchema(messages []llm.Message, schema string) []llm.Message {
	at := slices.IndexFunc(messages, func(m llm.Message) bool { return m.Role != llm.RoleSystem })
	if at < 0 {
		at = len(messages)
	}
	words := llm.System("Answer with one JSON object and nothing else: no text around it, no code fence. " +
		"Write its properties in the order of this JSON Schema, which it must satisfy:\n" + schema)
	return slices.Insert(slices.Clone(messages), at, words)
}

// wireMessages joins neighbours of one role; see the package comment.
func wireMessages(messages []llm.Message) []openai.ChatCompletionMessageParamUnion {
	var out []openai.ChatCompletionMessageParamUnion
	for len(messages) > 0 {
		role := messages[0].Role
		var texts []string
		for len(messages) > 0 && messages[0].Role == role {
			texts = append(texts, messages[0].Text())
			messages = messages[1:]
		}
		text := strings.Join(texts, "\n\n")
		switch role {
		case llm.RoleSystem:
			out = append(out, openai.SystemMessage(text))
		case llm.RoleAssistant:
			out = append(out, openai.AssistantMessage(text))
		default:
			out = append(out, openai.UserMessage(text))
		}
	}
	return out
}
