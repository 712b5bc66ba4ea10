// Command chain is the script as a flow: each call is a step with a name, and a finished
// step stays finished.
//
//	go run ./examples/learn/2-chain run post --topic Tides --model offline
package main

import (
	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/cli"
)

// Input is what the post is about.
type Input struct {
	Topic string `json:"topic" jsonschema:"what the post is about" pawl:"len=1..200"`
}

type material struct{ Text string }

var (
	outlineP = pawl.PromptText[Input, string](`
purpose: Planning post
---
# user
Write an outline of a post about {{.Topic}}.
`)
	draftP = pawl.PromptText[material, string](`
purpose: Writing post
---
# user
Write the post of 150 to 300 words by this outline:

{{.Text}}
`)
	polishP = pawl.PromptText[material, string](`
purpose: Polishing post
---
# user
Make this post better, in 150 to 300 words:

{{.Text}}
`)
)

var flow = pawl.New("post", "Write a post.", post, pawl.Prompts(outlineP, draftP, polishP), pawl.Example(Input{Topic: "Tides"}))

func post(r *pawl.Run, in Input) (string, error) {
	outline := pawl.Ask(r, "outline", outlineP.With(in))
	draft := pawl.Ask(r, "draft", draftP.With(material{outline}))
	return pawl.Ask(r, "polish", polishP.With(material{draft})), nil
}

func main() { cli.Main(flow) }
