package main

import (
	"embed"
	"fmt"
	"strings"

	"github.com/pawlrun/pawl"
)

//go:embed *.go prompts
var files embed.FS

// Input is what the flow is given: each field is a flag of the command.
type Input struct {
	Topic string `json:"topic" jsonschema:"what the text is about" pawl:"len=1..500"`
}

// Outline is what the model answers first. Its type is the contract: an answer that does not
// fit it is sent back with what is wrong.
type Outline struct {
	Title  string   `json:"title" jsonschema:"a title of a few words" pawl:"len=1..100"`
	Points []string `json:"points" jsonschema:"what the text says, in order" pawl:"items=2..4"`
}

// Review is what the reviewer answers.
type Review struct {
	Issues []string `json:"issues" jsonschema:"what should be better, one sentence each" pawl:"items=0..5"`
	Score  float64  `json:"score" jsonschema:"how good the text is, from 0 to 1" pawl:"min=0,max=1"`
}

// Output is what the flow comes to.
type Output struct {
	Title  string `json:"title" jsonschema:"the title"`
	Text   string `json:"text" jsonschema:"the text"`
	Review Review `json:"review" jsonschema:"what the reviewer makes of it"`
}

// Markdown is what a person sees of it.
func (o Output) Markdown() string {
	return fmt.Sprintf("# %s\n\n%s\n\nScore: %g. %s\n", o.Title, o.Text, o.Review.Score, strings.Join(o.Review.Issues, " "))
}

// The prompts are files, and are checked against the types of what goes in and comes out when
// the program starts.
var (
	outlineP = pawl.MustPrompt[Input, Outline](files, "prompts/outline.md")
	draftP   = pawl.MustPrompt[draftData, string](files, "prompts/draft.md")
	reviewP  = pawl.MustPrompt[reviewData, Review](files, "prompts/review.md")
)

type draftData struct {
	Topic, Title string
	Points       []string
}

type reviewData struct{ Topic, Text string }

// Flow plans a text, writes it and has it reviewed.
var Flow = pawl.New("myflow", "Plan a text, write it and have it reviewed.", write,
	pawl.Prompts(outlineP, draftP, reviewP), pawl.Sources(files),
	pawl.Doc{Level: "beginner", Pattern: "chain"},
	pawl.Example(Input{Topic: "why small steps work"}))

// write is ordinary code. Each step has a name, and its result is kept: a run that is killed
// goes on after the last one.
func write(r *pawl.Run, in Input) (Output, error) {
	outline := pawl.Ask(r, "outline", outlineP.With(in))
	text := pawl.Ask(r, "draft", draftP.With(draftData{in.Topic, outline.Title, outline.Points}).
		Gate("50 to 150 words", length))
	review := pawl.Ask(r, "review", reviewP.With(reviewData{in.Topic, text}))
	return Output{outline.Title, text, review}, nil
}

// length is a gate: what it says of an answer is sent back to the model, which tries again.
func length(text string) error {
	if n := len(strings.Fields(text)); n < 50 || n > 150 {
		return fmt.Errorf("has %d words, wants 50 to 150", n)
	}
	return nil
}
