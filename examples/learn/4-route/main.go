// Command route has a model say what a topic is, and code go there. Who is not sure enough
// takes the way that the code names.
//
//	go run ./examples/learn/4-route run post --topic Tides --model offline
package main

import (
	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/cli"
	"github.com/pawlrun/pawl/pattern"
)

// Input is what the post is about.
type Input struct {
	Topic string `json:"topic" jsonschema:"what the post is about" pawl:"len=1..200"`
}

// Kind is a closed set of posts.
type Kind string

// Enum is what the router may choose.
func (Kind) Enum() []string { return []string{"guide", "story"} }

var (
	kindP = pawl.PromptText[Input, pattern.Choice[Kind]](`
purpose: Choosing kind
---
# user
Is a post about {{.Topic}} better a guide or a story?
`)
	guideP = pawl.PromptText[Input, string](`
purpose: Writing guide
---
# user
Write a guide to {{.Topic}} of 100 to 200 words, step by step.
`)
	storyP = pawl.PromptText[Input, string](`
purpose: Writing story
---
# user
Write a story about {{.Topic}} of 100 to 200 words.
`)
)

var flow = pawl.New("post", "Write a guide or a story.", post, pawl.Prompts(kindP, guideP, storyP), pawl.Example(Input{Topic: "Tides"}))

func post(r *pawl.Run, in Input) (string, error) {
	switch pattern.Route(r, "kind", kindP.With(in), 0.6, "guide").Route {
	case "story":
		return pawl.Ask(r, "story", storyP.With(in)), nil
	default:
		return pawl.Ask(r, "guide", guideP.With(in)), nil
	}
}

func main() { cli.Main(flow) }
