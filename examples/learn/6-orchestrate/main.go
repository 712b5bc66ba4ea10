// Command orchestrate is the whole workflow: a planner, workers side by side, a reviewer whose
// complaints are met, and a person who lets it out.
//
//	go run ./examples/learn/6-orchestrate run post --topic Tides --model offline
package main

import (
	"strings"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/cli"
	"github.com/pawlrun/pawl/pattern"
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

// Review is what the reviewer answers.
type Review struct {
	Issues   []string `json:"issues" jsonschema:"what must change, one sentence each; empty if it is approved" pawl:"items=0..5"`
	Score    float64  `json:"score" jsonschema:"how good it is, from 0 to 1" pawl:"min=0,max=1"`
	Approved bool     `json:"approved" jsonschema:"whether it can go out as it is"`
}

// Verdict has the reviewer decide when a post is good enough.
func (v Review) Verdict() (approved bool, score float64) { return v.Approved, v.Score }

type section struct{ Title, Section string }

type draft struct{ Text string }

type revision struct {
	Text   string
	Issues []string
}

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
	joinP = pawl.PromptText[draft, string](`
purpose: Joining sections
---
# user
Make one post of these sections, with the same headings:

{{.Text}}
`)
	reviewP = pawl.PromptText[draft, Review](`
purpose: Reviewing post
---
# user
Review this post, give it a score from 0 to 1, and approve it or name what must change:

{{.Text}}
`)
	reviseP = pawl.PromptText[revision, string](`
purpose: Revising post
---
# user
Revise this post so that these issues are met: {{join .Issues "; "}}

{{.Text}}
`)
)

var flow = pawl.New("post", "Write a post, review it and let it out.", post,
	pawl.Prompts(outlineP, sectionP, joinP, reviewP, reviseP), pawl.Example(Input{Topic: "Tides"}))

func post(r *pawl.Run, in Input) (string, error) {
	made := pattern.Orchestrate(r, pattern.Orchestra[Outline, section, string, string]{
		Plan: outlineP.With(in),
		Parts: func(o Outline) (parts []section) {
			for _, name := range o.Sections {
				parts = append(parts, section{o.Title, name})
			}
			return parts
		},
		Work: func(r *pawl.Run, s section) (string, error) {
			return "## " + s.Section + "\n\n" + pawl.Ask(r, "write", sectionP.With(s)), nil
		},
		Join: func(o Outline, written []string) pawl.Question[string] {
			return joinP.With(draft{strings.Join(written, "\n\n")})
		},
	}, pawl.Limit(4))
	best := pattern.Refine(r, 2, made.Joined,
		func(text string) Review { return pawl.Ask(r, "review", reviewP.With(draft{text})) },
		func(text string, v Review) string {
			return pawl.Ask(r, "revise", reviseP.With(revision{text, v.Issues}))
		})
	answer := pawl.Approve(r, "publish", best.Best, "Let this post out?")
	return answer.Value, answer.Err()
}

func main() { cli.Main(flow) }
