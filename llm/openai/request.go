package openai

import (
	"encoding/json"

	"github.com/openai/openai-go/v3/packages/param"
	"github.com/openai/openai-go/v3/responses"
	"github.com/openai/openai-go/v3/shared"

	"github.com/pawlrun/pawl/llm"
	"github.com/pawlrun/pawl/llm/internal/wire"
)

// newParams puts a request into the SDK's words. What is wrong with it is found
// here, before anything is sent.
func newParams(req llm.Request, d wire.Dialect) (responses.ResponseNewParams, error) {
	var p responses.ResponseNewParams
	if err := wire.CheckRequest(req); err != nil {
		return p, err
	}
	p.Model = req.Model
	p.Store = param.NewOpt(false)
	if limit := d.MaxTokens(req); limit > 0 {
		p.MaxOutputTokens = param.NewOpt(int64(limit))
	}
	if req.Temperature != nil {
		p.Temperature = param.NewOpt(*req.Temperature)
	}
	p.Reasoning.Effort = shared.ReasoningEffort(req.Effort)
	var schema json.RawMessage
	if req.Schema != nil {
		name, form, err := d.Format(req)
		if err != nil {
			return p, err
		}
		schema = form
		switch d.Form {
		case wire.FormStrict:
			p.Text.Format = param.Override[responses.ResponseFormatTextConfigUnionParam](
				format{Type: "json_schema", Name: name, Schema: schema, Strict: true})
		case wire.FormObject:
			p.Text.Format.OfJSONObject = &shared.ResponseFormatJSONObjectParam{}
		}
	}
	p.Input.OfInputItemList = inputItems(d.Messages(req, schema))
	return p, nil
}

func inputItems(messages []llm.Message) responses.ResponseInputParam {
	items := make(responses.ResponseInputParam, len(messages))
	for i, msg := range messages {
		// The type may be left out for OpenAI; llama.cpp refuses an assistant's message
		// without it.
		items[i].OfMessage = &responses.EasyInputMessageParam{
			Type:    responses.EasyInputMessageTypeMessage,
			Role:    responses.EasyInputMessageRole(msg.Role),
			Content: responses.EasyInputMessageContentUnionParam{OfString: param.NewOpt(msg.Text())},
		}
	}
	return items
}

// format is text.format. The SDK's own type keeps a schema in a map, which would
// sort the properties; their order is the order in which the model writes, so the
// schema's bytes go out as they are.
type format struct {
	Type   string          `json:"type"`
	Name   string          `json:"name"`
	Schema json.RawMessage `json:"schema"`
	Strict bool            `json:"strict"`
}
