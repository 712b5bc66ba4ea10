package main

import (
	"embed"
	"errors"
	"strings"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/pattern"
)

//go:embed *.go prompts
var files embed.FS

// Input is what the flow is given: each field is a flag of the command.
type Input struct {
	Topic        string `json:"topic" jsonschema:"what the text is about" pawl:"len=1..500"`
	MaxRevisions int    `json:"max_revisions" jsonschema:"how often it is revised at most" pawl:"min=0,max=5,default=2"`
}

// Review is what the reviewer answers. Its type is the contract: an answer that does not fit
// it is sent back with what is wrong.
type Review struct {
	Issues   []string `json:"issues" jsonschema:"what must change, one sentence each" pawl:"items=0..5"`
	Score    float64  `json:"score" jsonschema:"how good the text is, from 0 to 1" pawl:"min=0,max=1"`
	Approved bool     `json:"approved" jsonschema:"whether it is good as it is"`
}

// Verdict says when a text is good enough, and how good it is.
func (v Review) Verdict() (approved bool, score float64) { return v.Approved, v.Score }

// Validate wants a reason for a text that is turned down.
func (v Review) Validate() error {
	if !v.Approved && len(v.Issues) == 0 {
		return errors.New("issues: wants at least 1 unless it is approved")
	}
	return nil
}

// Output is what the flow comes to.
type Output struct {
	Text      string `json:"text" jsonschema:"the best text"`
	Review    Review `json:"review" jsonschema:"the review of that text"`
	Revisions int    `json:"revisions" jsonschema:"how often it was revised"`
}

// Markdown is what a person sees of it.
func (o Output) Markdown() string { return o.Text }

// NotApproved says so of a text that is not good enough.
func (o Output) NotApproved() string {
	if o.Review.Approved {
		return ""
	}
	return "the best text is not approved: " + strings.Join(o.Review.Issues, " ")
}

// The prompts are files, and are checked against the types of what goes in and comes out when
// the program starts.
var (
	draftP  = pawl.MustPrompt[draftData, string](files, "prompts/draft.md")
	reviewP = pawl.MustPrompt[reviewData, Review](files, "prompts/review.md")
	reviseP = pawl.MustPrompt[reviseData, string](files, "prompts/revise.md")
)

type draftData struct{ Topic string }

type reviewData struct{ Topic, Text string }

type reviseData struct {
	Topic, Text string
	Issues      []string
}

// Flow writes a text until it is good.
var Flow = pawl.New("myflow", "Write a text and revise it until it is good.", write,
	pawl.Prompts(draftP, reviewP, reviseP), pawl.Sources(files),
	pawl.Doc{Level: "beginner", Pattern: "refine"},
	pawl.Example(Input{Topic: "why small steps work", MaxRevisions: 2}))

// write keeps the best text, whichever it is.
func write(r *pawl.Run, in Input) (Output, error) {
	first := pawl.Ask(r, "draft", draftP.With(draftData{in.Topic}))
	done := pattern.Refine(r, in.MaxRevisions, first,
		func(text string) Review {
			return pawl.Ask(r, "review", reviewP.With(reviewData{in.Topic, text}))
		},
		func(text string, v Review) string {
			return pawl.Ask(r, "revise", reviseP.With(reviseData{in.Topic, text, v.Issues}))
		})
	return Output{done.Best, done.Review, done.Revisions}, nil
}
