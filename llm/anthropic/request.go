package anthropic

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/anthropics/anthropic-sdk-go"
	"github.com/anthropics/anthropic-sdk-go/packages/param"

	"github.com/pawlrun/pawl/llm"
	"github.com/pawlrun/pawl/llm/internal/wire"
)

// output is output_config. The SDK's own type keeps a schema in a map, which would sort
// the properties; see the package comment.
type output struct {
	Effort string  `json:"effort,omitempty"`
	Format *format `json:"format,omitempty"`
}

type format struct {
	Type   string          `json:"type"`
	Schema json.RawMessage `json:"schema"`
}

// params puts the request into the SDK's words, and what it has none for into output; nil
// is none. What is wrong with it is found here, before anything is sent.
func (c *call) params(d wire.Dialect) (p anthropic.MessageNewParams, out *output, err error) {
	req := c.req
	if err := wire.CheckRequest(req); err != nil {
		return p, nil, err
	}
	if req.Temperature != nil && *req.Temperature > 1 {
		return p, nil, &llm.Error{Kind: llm.Invalid, Message: fmt.Sprintf("the temperature is %v, wants 0 to 1 for this provider", *req.Temperature)}
	}
	var said output
	var schema json.RawMessage
	if req.Schema != nil {
		if _, schema, err = d.Format(req); err != nil {
			return p, nil, err
		}
		if d.Form == wire.FormStrict {
			said.Format = &format{Type: "json_schema", Schema: schema}
		}
	}
	switch req.Effort {
	case "none":
		p.Thinking.OfDisabled = new(anthropic.NewThinkingConfigDisabledParam())
	case "minimal":
		said.Effort = "low"
	default:
		said.Effort = req.Effort
	}
	if said != (output{}) {
		out = &said
	}
	c.limit = d.MaxTokens(req)
	p.Model, p.MaxTokens = req.Model, int64(c.limit)
	if req.Temperature != nil {
		p.Temperature = param.NewOpt(*req.Temperature)
	}
	p.System, p.Messages = conversation(d.Messages(req, schema))
	return p, out, nil
}

// conversation parts the system prompt from the messages, and marks both for the cache;
// see the package comment. Texts of nothing but space are left out, which the API
// refuses. Neighbours of one role become one message of several blocks.
func conversation(messages []llm.Message) (system []anthropic.TextBlockParam, turns []anthropic.MessageParam) {
	var said []llm.Message
	for _, m := range messages {
		switch text := m.Text(); {
		case strings.TrimSpace(text) == "":
		case m.Role == llm.RoleSystem:
			system = append(system, anthropic.TextBlockParam{Text: text})
		default:
			said = append(said, m)
		}
	}
	if len(said) == 0 { // a prompt that is all of the author's
		for _, s := range system {
			said = append(said, llm.User(s.Text))
		}
		system = nil
	}
	if len(system) > 0 {
		system[len(system)-1].CacheControl = anthropic.NewCacheControlEphemeralParam()
	}
	head := headOf(said)
	for i, m := range said {
		block := anthropic.NewTextBlock(m.Text())
		if i == head {
			block.OfText.CacheControl = anthropic.NewCacheControlEphemeralParam()
		}
		role := anthropic.MessageParamRole(m.Role)
		if n := len(turns); n > 0 && turns[n-1].Role == role {
			turns[n-1].Content = append(turns[n-1].Content, block)
			continue
		}
		turns = append(turns, anthropic.MessageParam{Role: role, Content: []anthropic.ContentBlockParamUnion{block}})
	}
	return system, turns
}

// headOf returns the last message of the head that other requests share, or -1.
func headOf(said []llm.Message) int {
	head, answers := len(said)-2, 0
	for _, m := range said {
		if m.Role == llm.RoleAssistant {
			answers++
		}
	}
	if head < 0 || said[head].Role == llm.RoleAssistant && answers < 2 {
		return -1
	}
	return head
}
