package main

import (
	"embed"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/pattern"
)

//go:embed *.go prompts
var files embed.FS

// Input is what the flow is given: each field is a flag of the command.
type Input struct {
	Message string `json:"message" jsonschema:"what somebody wrote" pawl:"len=1..4000"`
}

// Desk is where a message belongs.
type Desk string

// Enum lists what the model may choose. A person's desk is not its to choose.
func (Desk) Enum() []string { return []string{"billing", "technical"} }

const (
	billing   Desk = "billing"
	technical Desk = "technical"
	person    Desk = "person"
)

// Output is what the flow comes to.
type Output struct {
	Desk  string `json:"desk" jsonschema:"where the message went" pawl:"enum=billing|technical|person"`
	Reply string `json:"reply" jsonschema:"the answer"`
}

// Markdown is what a person sees of it.
func (o Output) Markdown() string { return o.Reply }

// The prompts are files, and are checked against the types of what goes in and comes out when
// the program starts.
var (
	routeP     = pawl.MustPrompt[Input, pattern.Choice[Desk]](files, "prompts/route.md")
	billingP   = pawl.MustPrompt[Input, string](files, "prompts/billing.md")
	technicalP = pawl.MustPrompt[Input, string](files, "prompts/technical.md")
)

// Flow answers a message where it belongs.
var Flow = pawl.New("myflow", "Answer a message where it belongs.", answer,
	pawl.Prompts(routeP, billingP, technicalP), pawl.Sources(files),
	pawl.Doc{Level: "beginner", Pattern: "route"},
	pawl.Example(Input{Message: "I was charged twice for one kettle."}))

// answer goes by the model's choice if that is sure enough, and otherwise asks a person.
func answer(r *pawl.Run, in Input) (Output, error) {
	choice := pattern.Route(r, "route", routeP.With(in), 0.7, person)
	switch choice.Route {
	case billing:
		return Output{string(billing), pawl.Ask(r, "billing", billingP.With(in))}, nil
	case technical:
		return Output{string(technical), pawl.Ask(r, "technical", technicalP.With(in))}, nil
	default:
		return Output{string(person), pawl.Input[string](r, "person", "What is the answer?", pawl.Shown(in))}, nil
	}
}
