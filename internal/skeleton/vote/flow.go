package main

import (
	"embed"
	"fmt"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/pattern"
)

//go:embed *.go prompts
var files embed.FS

// Input is what the flow is given: each field is a flag of the command.
type Input struct {
	Message string `json:"message" jsonschema:"what is judged" pawl:"len=1..4000"`
}

// Opinion is what the model answers. The reason comes first, so that it is thought of before
// the answer is given.
type Opinion struct {
	Reason string `json:"reason" jsonschema:"why, in one sentence" pawl:"len=1..500"`
	Spam   bool   `json:"spam" jsonschema:"whether it is spam"`
}

// Output is what the flow comes to.
type Output struct {
	Verdict string `json:"verdict" jsonschema:"what most say" pawl:"enum=spam|wanted"`
	Votes   int    `json:"votes" jsonschema:"how many say so"`
	Of      int    `json:"of" jsonschema:"how many were asked"`
}

// Markdown is what a person sees of it.
func (o Output) Markdown() string { return fmt.Sprintf("%s (%d of %d)", o.Verdict, o.Votes, o.Of) }

var spamP = pawl.MustPrompt[Input, Opinion](files, "prompts/spam.md")

// Flow tells whether a message is spam.
var Flow = pawl.New("myflow", "Tell by a vote whether a message is spam.", judge,
	pawl.Prompts(spamP), pawl.Sources(files),
	pawl.Doc{Level: "beginner", Pattern: "vote"},
	pawl.Example(Input{Message: "You have won a boat! Send us your address."}))

// judge asks three times, at other temperatures, and goes by the majority.
func judge(r *pawl.Run, in Input) (Output, error) {
	vote := pattern.Vote(r, "votes", []float64{0, 0.5, 1}, func(r *pawl.Run, temperature float64) (string, error) {
		if pawl.Ask(r, "is-spam", spamP.With(in).Temperature(temperature)).Spam {
			return "spam", nil
		}
		return "wanted", nil
	})
	return Output{vote.Winner, vote.Votes, vote.Of}, nil
}
