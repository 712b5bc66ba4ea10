package gemini

import (
	"encoding/json"

	"google.golang.org/genai"

	"github.com/pawlrun/pawl/llm"
	"github.com/pawlrun/pawl/llm/internal/wire"
)

// params puts the request into the SDK's words. What is wrong with it is found
// here, before anything is sent.
func (c *call) params(d wire.Dialect) ([]*genai.Content, *genai.GenerateContentConfig, error) {
	req := c.req
	if err := wire.CheckRequest(req); err != nil {
		return nil, nil, err
	}
	if err := checkName(req.Model); err != nil {
		return nil, nil, &llm.Error{Kind: llm.Invalid, Message: err.Error()}
	}
	config := &genai.GenerateContentConfig{
		MaxOutputTokens: int32(min(c.limit, maxLimit)),
		ThinkingConfig:  thinking(req.Model, req.Effort),

		AutomaticContinuation: new(bool), // by default the SDK asks on by itself, at a price
	}
	if req.Temperature != nil {
		config.Temperature = new(float32(*req.Temperature))
	}
	var schema json.RawMessage
	if req.Schema != nil {
		_, form, err := d.Format(req)
		if err != nil {
			return nil, nil, err
		}
		schema = form
		switch d.Form {
		case wire.FormStrict:
			config.ResponseMIMEType, config.ResponseJsonSchema = jsonType, schema
		case wire.FormObject:
			config.ResponseMIMEType = jsonType
		}
	}
	system, contents := turns(d.Messages(req, schema))
	config.SystemInstruction = system
	return contents, config, nil
}

const (
	jsonType = "application/json"
	maxLimit = 1 << 30 // no model can write more; the field has 32 bits
)

// turns parts messages into the system instruction, which is what leads them, and the
// turns of a conversation. A system message elsewhere is said as the user, and neighbours
// of one role are one turn. Where there is no turn at all the instruction is the question.
func turns(messages []llm.Message) (system *genai.Content, contents []*genai.Content) {
	first := 0
	for first < len(messages) && messages[first].Role == llm.RoleSystem {
		first++
	}
	if first < len(messages) && first > 0 {
		system = &genai.Content{}
		for _, m := range messages[:first] {
			system.Parts = append(system.Parts, &genai.Part{Text: m.Text()})
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
		role := genai.RoleUser
		if m.Role == llm.RoleAssistant {
			role = genai.RoleModel
		}
		contents = append(contents, &genai.Content{Role: role, Parts: []*genai.Part{{Text: m.Text()}}})
	}
	return system, contents
}
