// Command gates asks for values instead of texts, and checks them: what does not pass is asked
// for again with the complaint, and never reaches the next step.
//
//	go run ./examples/learn/3-gates run post --topic Tides --model offline
package main

import (
	"fmt"
	"strings"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/cli"
)

// Input is what the post is about.
type Input struct {
	Topic string `json:"topic" jsonschema:"what the post is about" pawl:"len=1..200"`
}

// Outline is what the planner answers: a value with a shape, not a text.
type Outline struct {
	Title    string   `json:"title" jsonschema:"the title of the post" pawl:"len=1..80"`
	Sections []string `json:"sections" jsonschema:"the names of its sections" pawl:"items=2..5"`
}

var (
	outlineP = pawl.PromptText[Input, Outline](`
purpose: Planning post
---
# user
Plan a post about {{.Topic}}.
`)
	draftP = pawl.PromptText[Outline, string](`
purpose: Writing post
---
# user
Write the post "{{.Title}}" of 150 to 300 words, with these sections: {{join .Sections ", "}}.
`)
)

var flow = pawl.New("post", "Write a post.", post, pawl.Prompts(outlineP, draftP), pawl.Example(Input{Topic: "Tides"}))

func post(r *pawl.Run, in Input) (string, error) {
	outline := pawl.Ask(r, "outline", outlineP.With(in))
	return pawl.Ask(r, "draft", draftP.With(outline).Gate("150 to 300 words", length)), nil
}

// length is a gate: code that a draft must pass.
func length(draft string) error {
	if n := len(strings.Fields(draft)); n < 150 || n > 300 {
		return fmt.Errorf("has %d words, wants 150 to 300", n)
	}
	return nil
}

func main() { cli.Main(flow) }
