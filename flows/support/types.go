package support

import (
	"errors"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/flows/internal/prose"
)

// Message is what a customer wrote.
type Message struct {
	Customer string `json:"customer" jsonschema:"who wrote it" pawl:"len=1..80"`
	Text     string `json:"text" jsonschema:"what they wrote" pawl:"len=1..8000"`
}

// Desk is where a message is answered.
type Desk string

// The desks that there are.
const (
	Billing   Desk = "billing"
	Technical Desk = "technical"
	Refund    Desk = "refund"
	Person    Desk = "person"
)

// Enum closes the set. The router may say person, too: it belongs nowhere else.
func (Desk) Enum() []string {
	return []string{string(Billing), string(Technical), string(Refund), string(Person)}
}

// Unsure is what a person is shown of a message that no desk surely answers.
type Unsure struct {
	Customer   string  `json:"customer"`
	Text       string  `json:"text"`
	Reason     string  `json:"reason"` // the router's
	Confidence float64 `json:"confidence"`
}

// Handover is what that person says.
type Handover struct {
	Desk Desk   `json:"desk" jsonschema:"the desk that answers; person: you do, with a text"`
	Text string `json:"text,omitempty" jsonschema:"what the customer gets, if you answer yourself" pawl:"len=0..4000"`
}

// Validate wants a text from a person who answers, and none from one who passes a message on:
// the customer would not get it.
func (h Handover) Validate() error {
	switch blank := prose.Blank(h.Text); {
	case h.Desk == Person && blank:
		return errors.New("text: is empty, and desk person means that you answer")
	case h.Desk != Person && !blank:
		return errors.New("text: is not sent where a desk answers; wants none, or desk person")
	}
	return nil
}

// Reply is what the customer gets.
type Reply struct {
	Desk  Desk    `json:"desk" jsonschema:"who answers"`
	Text  string  `json:"text" jsonschema:"what the customer gets"`
	Euros float64 `json:"euros" jsonschema:"how much money goes back" pawl:"default=0"`
	By    string  `json:"by" jsonschema:"who decided about the money; empty: nobody had to" pawl:"default="`
}

// Markdown is the reply for people.
func (a Reply) Markdown() string { return a.Text + "\n" }

// written puts the gate of every reply on a question.
func written(q pawl.Question[string]) pawl.Question[string] {
	return q.Gate("20 to 120 words", func(text string) error { return prose.WordsBetween(text, 20, 120) }).MaxTokens(prose.Tokens(160))
}
