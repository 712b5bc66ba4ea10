package complaint

import (
	"errors"
	"fmt"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/flows/internal/prose"
)

// Input is what a customer wrote.
type Input struct {
	Letter string `json:"letter" jsonschema:"the letter of complaint" pawl:"len=1..8000"`
}

// Summary is what the letter says.
type Summary struct {
	Customer string  `json:"customer" jsonschema:"the customer's name as they sign; customer if they do not" pawl:"len=1..80"`
	Problem  string  `json:"problem" jsonschema:"what happened, in one sentence" pawl:"len=1..500"`
	Wish     string  `json:"wish" jsonschema:"what the customer wants, in one sentence" pawl:"len=1..500"`
	Days     int     `json:"days" jsonschema:"for how many days they have been waiting, 0 if that is not said" pawl:"min=0"`
	Euros    float64 `json:"euros" jsonschema:"what they paid in euros, 0 if that is not said" pawl:"min=0"`
}

// Category is what a complaint is about.
type Category string

// The categories that there are.
const (
	Delivery Category = "delivery"
	Defect   Category = "defect"
	Billing  Category = "billing"
	Service  Category = "service"
	Other    Category = "other"
)

// Enum closes the set: a model cannot answer with a category of its own.
func (Category) Enum() []string {
	return []string{string(Delivery), string(Defect), string(Billing), string(Service), string(Other)}
}

// Class is where a complaint belongs.
type Class struct {
	Reason   string   `json:"reason" jsonschema:"why it belongs there, in one sentence" pawl:"len=1..500"`
	Category Category `json:"category" jsonschema:"what the complaint is about"`
}

// Level is how high a risk is.
type Level string

// The levels that there are.
const (
	Low    Level = "low"
	Medium Level = "medium"
	High   Level = "high"
)

// Enum closes the set.
func (Level) Enum() []string { return []string{string(Low), string(Medium), string(High)} }

// Risk is how likely it is that the customer goes further.
type Risk struct {
	Reason string `json:"reason" jsonschema:"why, in one sentence" pawl:"len=1..500"`
	Level  Level  `json:"level" jsonschema:"how likely it is that the customer goes further"`
}

// Check is what tone and policy say to an answer.
type Check struct {
	Issues []string `json:"issues" jsonschema:"what is wrong with it, one sentence each; empty if nothing is" pawl:"items=0..5"`
	Tone   bool     `json:"tone" jsonschema:"whether its tone is calm, warm and without excuses"`
	Policy bool     `json:"policy" jsonschema:"whether it promises what is offered and nothing else"`
}

// Validate wants a reason for an answer that is turned down: a person could do nothing without.
func (c Check) Validate() error {
	if !(c.Tone && c.Policy) && len(c.Issues) == 0 {
		return errors.New("issues: wants at least 1 unless tone and policy are fine")
	}
	return nil
}

// Reply is the answer to the customer. Salutation and end are code's.
type Reply struct {
	To   string `json:"to" jsonschema:"the customer" pawl:"len=1..80"`
	Body string `json:"body" jsonschema:"what is written to them" pawl:"len=1.."`
}

// Output is the answer, and how it came about.
type Output struct {
	Reply    Reply    `json:"reply" jsonschema:"the answer to the customer"`
	Category Category `json:"category" jsonschema:"what the complaint is about"`
	Offer    string   `json:"offer" jsonschema:"what is offered"`
	Risk     Risk     `json:"risk" jsonschema:"how likely it is that the customer goes further"`
	Check    Check    `json:"check" jsonschema:"what tone and policy say to the answer as it was drafted"`
	Why      []string `json:"why" jsonschema:"why a person had to look; empty: nobody had to"`
	By       string   `json:"by" jsonschema:"who approved the answer; empty: nobody had to"`
}

// Markdown is the answer for people.
func (o Output) Markdown() string {
	return fmt.Sprintf("Dear %s,\n\n%s\n\nYours sincerely,\nCustomer care\n", o.Reply.To, o.Reply.Body)
}

// The data of prompts is flat, so that a prompt which leaves a field out does not load.

type classifyData struct{ Problem, Wish string }

type draftData struct {
	Problem, Wish string
	Category      Category
	Offer         string
}

type riskData struct{ Letter, Body string }

type checkData struct{ Offer, Body string }

// written puts the gate of a draft on a question.
func written(q pawl.Question[string]) pawl.Question[string] {
	return q.Gate("40 to 150 words", func(body string) error { return prose.WordsBetween(body, 40, 150) }).MaxTokens(prose.Tokens(200))
}
