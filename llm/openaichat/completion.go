package openaichat

import (
	"encoding/json"
	"strings"

	"github.com/pawlrun/pawl/llm"
	"github.com/pawlrun/pawl/llm/internal/wire"
)

// completion is an answer, or a piece of one in a stream, as far as we look at it.
// A field of another type is empty; see wire.Unmarshal.
type completion struct {
	ID      string          `json:"id"`
	Model   string          `json:"model"`
	Choices []choice        `json:"choices"`
	Usage   json.RawMessage `json:"usage"`
	Tier    json.RawMessage `json:"service_tier"`
	Error   json.RawMessage `json:"error"`
}

type choice struct {
	Index   int     `json:"index"`
	Message content `json:"message"` // of a whole answer
	Delta   content `json:"delta"`   // of a piece
	Finish  string  `json:"finish_reason"`

	// Error says that the answer broke off. OpenRouter sends it beside what came before.
	Error json.RawMessage `json:"error"`
}

type content struct {
	Content          text `json:"content"`
	Refusal          text `json:"refusal"`
	ReasoningContent text `json:"reasoning_content"` // vLLM, llama.cpp, LM Studio
	Reasoning        text `json:"reasoning"`         // Ollama, newer vLLM
}

func (c content) thinks() bool { return c.ReasoningContent != "" || c.Reasoning != "" }

// says reports whether there is something that the model wrote.
func (c content) says() bool { return c.Content != "" || c.Refusal != "" || c.thinks() }

// text is a string, or the text parts of a list; anything else is empty.
type text string

func (t *text) UnmarshalJSON(raw []byte) error {
	*t = ""
	var s string
	if json.Unmarshal(raw, &s) == nil {
		*t = text(s)
		return nil
	}
	var parts []json.RawMessage
	if json.Unmarshal(raw, &parts) != nil {
		return nil
	}
	var b strings.Builder
	for _, raw := range parts {
		var part struct{ Type, Text string }
		if json.Unmarshal(raw, &part) == nil && part.Type == "text" {
			b.WriteString(part.Text)
		}
	}
	*t = text(b.String())
	return nil
}

// first is the choice that was asked for: one was, and some servers send more.
func (a *completion) first() (choice, bool) {
	for _, c := range a.Choices {
		if c.Index == 0 {
			return c, true
		}
	}
	return choice{}, false
}

// failure returns the error that came in place of an answer, or beside part of one.
func (a *completion) failure() (llm.Error, bool) {
	first, _ := a.first()
	for _, raw := range []json.RawMessage{a.Error, first.Error} {
		if wire.IsError(raw) {
			return wire.ProviderError(string(raw)), true
		}
	}
	return llm.Error{}, false
}
