// Command complaint answers a letter of complaint in a chain of steps: a model
// reads the facts out of it, code decides what is offered, a model writes the
// answer, and gates hold that to its length and to the customer's name.
//
//	go run ./examples/complaint run complaint --letter "The kettle leaks. Ada Lovelace" \
//		--model "offline?answers=examples/complaint/answers.json"
package main

import (
	"embed"
	"fmt"
	"strings"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/cli"
)

//go:embed prompts
var files embed.FS

// Letter is what a customer wrote.
type Letter struct {
	Letter string `json:"letter" jsonschema:"the letter of complaint" pawl:"len=1..8000"`
}

// Category is what a complaint is about.
type Category string

// The categories that there are.
const (
	Delivery Category = "delivery"
	Defect   Category = "defect"
	Billing  Category = "billing"
	Service  Category = "service"
)

// Enum closes the set: a model cannot answer with a category of its own.
func (Category) Enum() []string {
	return []string{string(Delivery), string(Defect), string(Billing), string(Service)}
}

// Facts are what the letter says.
type Facts struct {
	Customer string   `json:"customer" jsonschema:"the customer's name as they sign" pawl:"len=1..80"`
	Category Category `json:"category" jsonschema:"what the complaint is about"`
	Problem  string   `json:"problem" jsonschema:"what happened, in one sentence"`
	Days     int      `json:"days" jsonschema:"for how many days the customer has been waiting, 0 if unknown" pawl:"min=0,max=3650"`
	Euros    float64  `json:"euros" jsonschema:"what the customer paid, in euros, 0 if unknown" pawl:"min=0"`
}

// Case is what the answer is written from.
type Case struct {
	Facts Facts  `json:"facts"`
	Offer string `json:"offer"`
}

// Answer is the letter that goes back.
type Answer struct {
	Text  string `json:"text"`
	Offer string `json:"offer"`
}

// Markdown is what a person sees of it.
func (a Answer) Markdown() string { return a.Text }

var (
	factsP = pawl.MustPrompt[Letter, Facts](files, "prompts/facts.md")
	draftP = pawl.MustPrompt[Case, string](files, "prompts/draft.md")
)

// Flow answers a complaint.
var Flow = pawl.New("complaint", "Answer a letter of complaint.", answer, pawl.Prompts(factsP, draftP),
	pawl.Example(Letter{Letter: "The kettle that I bought for 40 euros leaks. Ada Lovelace"}))

func answer(r *pawl.Run, in Letter) (Answer, error) {
	facts := pawl.Ask(r, "facts", factsP.With(in))
	offer := decide(facts)
	r.Note("%s of %s: %s", facts.Category, facts.Customer, offer)
	text := pawl.Ask(r, "draft", draftP.With(Case{Facts: facts, Offer: offer}).
		Gate("60 to 150 words", length).
		Gate("names the customer", names(facts.Customer)))
	return Answer{Text: text, Offer: offer}, nil
}

// decide is the house's policy. A model has no part in it.
func decide(f Facts) string {
	switch {
	case f.Category == Defect && f.Euros > 100:
		return "a repair, free of charge"
	case f.Category == Defect:
		return "a new one"
	case f.Category == Delivery && f.Days > 14:
		return "the money back"
	case f.Category == Delivery:
		return "delivery by express"
	case f.Category == Billing:
		return "a corrected invoice"
	default:
		return "a voucher over 10 euros"
	}
}

func length(text string) error {
	if n := len(strings.Fields(text)); n < 60 || n > 150 {
		return fmt.Errorf("has %d words, wants 60 to 150", n)
	}
	return nil
}

func names(customer string) func(string) error {
	return func(text string) error {
		if !strings.Contains(text, customer) {
			return fmt.Errorf("does not name the customer, %s", customer)
		}
		return nil
	}
}

func main() { cli.Main(Flow) }
