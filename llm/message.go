package llm

import (
	"fmt"

	"github.com/pawlrun/pawl/schema"
)

// Role says who speaks in a message.
type Role string

const (
	RoleSystem    Role = "system"    // the author of the prompt; holds no data
	RoleUser      Role = "user"      // the data, or a complaint about an answer
	RoleAssistant Role = "assistant" // the model
)

// PartText is the type of a text part, so far the only one.
const PartText = "text"

// Part is one piece of a message.
type Part struct {
	Type string `json:"type"`
	Text string `json:"text,omitempty"`
}

// Message is what one side says. Its JSON form is stored and digested: fields
// may be added, never renamed.
type Message struct {
	Role  Role   `json:"role"`
	Parts []Part `json:"parts"`
}

// System, User and Assistant make a message of one text part.
func System(text string) Message    { return textMessage(RoleSystem, text) }
func User(text string) Message      { return textMessage(RoleUser, text) }
func Assistant(text string) Message { return textMessage(RoleAssistant, text) }

// AssistantJSON makes the message of an answer that is a value: what a model said, as it
// goes back to it in a conversation. It panics if v has no form in JSON, which no answer
// can lack.
func AssistantJSON(v any) Message {
	raw, err := schema.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("llm.AssistantJSON(%T): %v", v, err))
	}
	return Assistant(string(raw))
}

func textMessage(role Role, text string) Message {
	return Message{Role: role, Parts: []Part{{Type: PartText, Text: text}}}
}

// Text returns the message's text parts joined.
func (m Message) Text() string {
	if len(m.Parts) == 1 {
		return m.Parts[0].Text
	}
	var s string
	for _, p := range m.Parts {
		s += p.Text
	}
	return s
}
