package anthropic

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/pawlrun/pawl/llm"
	"github.com/pawlrun/pawl/llm/internal/wire"
)

// params are a request as it is sent. The order of fields stays: an item of a batch under way
// is known by a digest of its text.
type params struct {
	MaxTokens   int         `json:"max_tokens"`
	Messages    []turn      `json:"messages"`
	Model       string      `json:"model"`
	Temperature *float64    `json:"temperature,omitzero"` // nil: none is given
	System      []textBlock `json:"system,omitempty"`
	Thinking    *typed      `json:"thinking,omitzero"`
	Output      *output     `json:"output_config,omitzero"`
	Stream      bool        `json:"stream,omitzero"`
}

type turn struct {
	Content []textBlock `json:"content"`
	Role    llm.Role    `json:"role"`
}

// textBlock is a part of a turn, or of the system prompt.
type textBlock struct {
	Text  string `json:"text"`
	Cache *typed `json:"cache_control,omitzero"` // nil: what ends here is not marked for the cache
	Type  string `json:"type"`
}

// typed is an object of which nothing but the type is said.
type typed struct {
	Type string `json:"type"`
}

type output struct {
	Effort string  `json:"effort,omitempty"`
	Format *format `json:"format,omitempty"`
}

type format struct {
	Type   string          `json:"type"`
	Schema json.RawMessage `json:"schema"` // as it is: the order of the properties is the order in which the model writes
}

// params puts the request into the API's words. What is wrong with it is found here, before
// anything is sent.
func (c *call) params(d wire.Dialect) (p params, err error) {
	req := c.req
	if err := wire.CheckRequest(req); err != nil {
		return p, err
	}
	if req.Temperature != nil && *req.Temperature > 1 {
		return p, &llm.Error{Kind: llm.Invalid, Message: fmt.Sprintf("the temperature is %v, wants 0 to 1 for this provider", *req.Temperature)}
	}
	var said output
	_, schema, err := d.Format(req)
	if err != nil {
		return p, err
	}
	if schema != nil && d.Form == wire.FormStrict {
		said.Format = &format{Type: "json_schema", Schema: schema}
	}
	switch req.Effort {
	case "none":
		p.Thinking = &typed{"disabled"}
	case "minimal":
		said.Effort = "low"
	default:
		said.Effort = req.Effort
	}
	if said != (output{}) {
		p.Output = &said
	}
	c.limit = d.MaxTokens(req)
	p.Model, p.MaxTokens, p.Temperature = req.Model, c.limit, req.Temperature
	if p.System, p.Messages = conversation(d.Messages(req, schema)); len(p.Messages) == 0 {
		return p, &llm.Error{Kind: llm.Invalid, Message: "all messages of the request are blank"}
	}
	return p, nil
}

// conversation parts the system prompt from the messages, and marks both for the cache;
// see the package comment. Texts of nothing but space are left out, which the API
// refuses. Neighbours of one role become one message of several blocks.
func conversation(messages []llm.Message) (system []textBlock, turns []turn) {
	var said []llm.Message
	for _, m := range messages {
		switch text := m.Text(); {
		case strings.TrimSpace(text) == "":
		case m.Role == llm.RoleSystem:
			system = append(system, textBlock{Type: "text", Text: text})
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
		system[len(system)-1].Cache = &typed{"ephemeral"}
	}
	head := headOf(said)
	for i, m := range said {
		b := textBlock{Type: "text", Text: m.Text()}
		if i == head {
			b.Cache = &typed{"ephemeral"}
		}
		if n := len(turns); n > 0 && turns[n-1].Role == m.Role {
			turns[n-1].Content = append(turns[n-1].Content, b)
			continue
		}
		turns = append(turns, turn{Role: m.Role, Content: []textBlock{b}})
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
