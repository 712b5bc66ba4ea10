package gemini

import (
	"encoding/json"

	"github.com/pawlrun/pawl/llm"
	"github.com/pawlrun/pawl/llm/internal/wire"
)

// params are a request as it is sent.
type params struct {
	Contents []content  `json:"contents"`
	Config   generation `json:"generationConfig"`
	System   *content   `json:"systemInstruction,omitzero"`
}

// content is a turn of a conversation, or the instruction before it.
type content struct {
	Parts []words `json:"parts"`
	Role  string  `json:"role,omitzero"`
}

type words struct {
	Text string `json:"text"`
}

type generation struct {
	MaxOutputTokens    int             `json:"maxOutputTokens,omitzero"`
	ResponseJSONSchema json.RawMessage `json:"responseJsonSchema,omitempty"` // as it is: the order of the properties is the order in which the model writes
	ResponseMIMEType   string          `json:"responseMimeType,omitzero"`
	Temperature        *float64        `json:"temperature,omitzero"` // nil: none is given
	Thinking           *thinkingConfig `json:"thinkingConfig,omitzero"`
}

// thinkingConfig says how much a model is to think, in one of two ways.
type thinkingConfig struct {
	Budget *int   `json:"thinkingBudget,omitzero"`
	Level  string `json:"thinkingLevel,omitzero"`
}

// params puts the request into the API's words. What is wrong with it is found
// here, before anything is sent.
func (c *call) params(d wire.Dialect) (params, error) {
	var p params
	req := c.req
	if err := wire.CheckRequest(req); err != nil {
		return p, err
	}
	if err := checkName(req.Model); err != nil {
		return p, &llm.Error{Kind: llm.Invalid, Message: err.Error()}
	}
	p.Config = generation{MaxOutputTokens: min(c.limit, maxLimit), Thinking: thinking(req.Model, req.Effort), Temperature: req.Temperature}
	_, schema, err := d.Format(req)
	switch {
	case err != nil:
		return p, err
	case schema == nil:
	case d.Form == wire.FormStrict:
		p.Config.ResponseMIMEType, p.Config.ResponseJSONSchema = jsonType, schema
	case d.Form == wire.FormObject:
		p.Config.ResponseMIMEType = jsonType
	}
	p.System, p.Contents = turns(d.Messages(req, schema))
	return p, nil
}

const (
	jsonType = "application/json"
	maxLimit = 1 << 30 // no model can write more; the field has 32 bits
)

// turns parts messages into the system instruction, which is what leads them, and the
// turns of a conversation. A system message elsewhere is said as the user, and neighbours
// of one role are one turn. Where there is no turn at all the instruction is the question.
func turns(messages []llm.Message) (system *content, contents []content) {
	first := 0
	for first < len(messages) && messages[first].Role == llm.RoleSystem {
		first++
	}
	if first < len(messages) && first > 0 {
		system = &content{}
		for _, m := range messages[:first] {
			system.Parts = append(system.Parts, words{m.Text()})
		}
		messages = messages[first:]
	}
	var said []llm.Message
	for _, m := range messages {
		if m.Role == llm.RoleSystem {
			m.Role = llm.RoleUser
		}
		said = append(said, m)
	}
	for _, m := range wire.JoinNeighbours(said) {
		role := "user"
		if m.Role == llm.RoleAssistant {
			role = "model"
		}
		contents = append(contents, content{Role: role, Parts: []words{{m.Text()}}})
	}
	return system, contents
}
