package openai

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/openai/openai-go/v3/packages/param"
	"github.com/openai/openai-go/v3/responses"

	"github.com/pawlrun/pawl/llm"
)

// newParams puts a request into the SDK's words. What is wrong with it is found
// here, before anything is sent.
func newParams(req llm.Request) (responses.ResponseNewParams, error) {
	var p responses.ResponseNewParams
	if req.Model == "" {
		return p, invalid("the request names no model")
	}
	if req.MaxTokens < 0 {
		return p, invalid(fmt.Sprintf("max tokens is %d, wants 0 or more", req.MaxTokens))
	}
	input, err := inputItems(req.Messages)
	if err != nil {
		return p, err
	}
	p.Model = req.Model
	p.Input.OfInputItemList = input
	p.Store = param.NewOpt(false)
	if req.MaxTokens > 0 {
		p.MaxOutputTokens = param.NewOpt(int64(req.MaxTokens))
	}
	if req.Schema != nil {
		format, err := newFormat(req)
		if err != nil {
			return p, err
		}
		p.Text.Format = param.Override[responses.ResponseFormatTextConfigUnionParam](format)
	}
	return p, nil
}

func inputItems(messages []llm.Message) (responses.ResponseInputParam, error) {
	if len(messages) == 0 {
		return nil, invalid("the request has no messages")
	}
	items := make(responses.ResponseInputParam, 0, len(messages))
	for i, msg := range messages {
		for _, part := range msg.Parts {
			if part.Type != llm.PartText {
				return nil, invalid(fmt.Sprintf("message %d has a part of type %q; only %q can be sent", i+1, part.Type, llm.PartText))
			}
		}
		switch msg.Role {
		case llm.RoleSystem, llm.RoleUser, llm.RoleAssistant:
		default:
			return nil, invalid(fmt.Sprintf("message %d has the unknown role %q", i+1, msg.Role))
		}
		items = append(items, responses.ResponseInputItemParamOfMessage(msg.Text(), responses.EasyInputMessageRole(msg.Role)))
	}
	return items, nil
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

func newFormat(req llm.Request) (format, error) {
	name := req.SchemaName
	if name == "" {
		name = "answer"
	}
	if !validSchemaName(name) {
		return format{}, invalid(fmt.Sprintf("schema name %q: wants 1 to 64 of A-Z a-z 0-9 _ -", name))
	}
	strict, err := req.Schema.Strict()
	if err != nil {
		return format{}, &llm.Error{Kind: llm.Invalid, Message: fmt.Sprintf("schema %q: %v", name, err), Err: err}
	}
	return format{Type: "json_schema", Name: name, Schema: strict, Strict: true}, nil
}

func validSchemaName(s string) bool {
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-"
	return len(s) >= 1 && len(s) <= 64 && strings.Trim(s, letters) == ""
}

func invalid(message string) error {
	return &llm.Error{Kind: llm.Invalid, Message: message}
}
