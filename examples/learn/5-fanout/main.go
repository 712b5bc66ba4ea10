// Command fanout writes the sections of a post side by side, and joins them.
//
//	go run ./examples/learn/5-fanout run post --topic Tides --model offline
package main

import (
	"strings"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/cli"
)

// Input is what the post is about.
type Input struct {
	Topic string `json:"topic" jsonschema:"what the post is about" pawl:"len=1..200"`
}

// Outline is the plan of a post.
type Outline struct {
	Title    string   `json:"title" jsonschema:"the title of the post" pawl:"len=1..80"`
	Sections []string `json:"sections" jsonschema:"the names of its sections" pawl:"items=2..5"`
}

type section struct{ Title, Section string }

var (
	outlineP = pawl.PromptText[Input, Outline](`
purpose: Planning post
---
# user
Plan a post about {{.Topic}}.
`)
	sectionP = pawl.PromptText[section, string](`
purpose: Writing section
---
# user
Write the section "{{.Section}}" of the post "{{.Title}}", of 50 to 100 words.
`)
)

var flow = pawl.New("post", "Write a post section by section.", post, pawl.Prompts(outlineP, sectionP), pawl.Example(Input{Topic: "Tides"}))

func post(r *pawl.Run, in Input) (string, error) {
	outline := pawl.Ask(r, "outline", outlineP.With(in))
	written := pawl.Map(r, "sections", outline.Sections, func(r *pawl.Run, name string) (string, error) {
		text := pawl.Ask(r, "write", sectionP.With(section{outline.Title, name}))
		return "## " + name + "\n\n" + text, nil
	}, pawl.Limit(4))
	return "# " + outline.Title + "\n\n" + strings.Join(written, "\n\n"), nil
}

func main() { cli.Main(flow) }
