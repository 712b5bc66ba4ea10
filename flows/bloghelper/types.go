package bloghelper

import (
	"errors"
	"fmt"
	"strings"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/flows/internal/prose"
)

// Input is what the post is about, and for whom.
type Input struct {
	Topic        string `json:"topic" jsonschema:"what the post is about" pawl:"len=1..2000"`
	Audience     string `json:"audience" jsonschema:"who is to read it" pawl:"len=1..200,default=curious readers"`
	MaxRevisions int    `json:"max_revisions" jsonschema:"how often the draft is revised at most" pawl:"min=0,max=5,default=2"`
}

// Validate refuses a blank topic.
func (in Input) Validate() error {
	if prose.Blank(in.Topic) {
		return errors.New("topic: is blank, wants at least a word on what the post is about")
	}
	return nil
}

// Ideas is what the brainstorm comes to.
type Ideas struct {
	Ideas []Idea `json:"ideas" jsonschema:"ideas that differ from one another" pawl:"items=3..6"`
}

// Idea is a way to go about the topic.
type Idea struct {
	Angle  string  `json:"angle" jsonschema:"how the post goes about its topic, in a sentence" pawl:"len=1..300"`
	Reason string  `json:"reason" jsonschema:"why readers would want it, in a sentence" pawl:"len=1..300"`
	Score  float64 `json:"score" jsonschema:"how promising it is, from 0 to 1" pawl:"min=0,max=1"`
}

// Best is the idea with the highest score; of equals the first.
func (all Ideas) Best() Idea {
	best := all.Ideas[0]
	for _, idea := range all.Ideas {
		if idea.Score > best.Score {
			best = idea
		}
	}
	return best
}

// Outline is the plan of the post.
type Outline struct {
	Title    string   `json:"title" jsonschema:"the title of the post" pawl:"len=1..150"`
	Sections []string `json:"sections" jsonschema:"what each section says, in reading order" pawl:"items=3..6"`
}

// Critique is what the critic answers.
type Critique struct {
	Issues   []string `json:"issues" jsonschema:"what must change, one sentence each; empty if it is approved" pawl:"items=0..5"`
	Score    float64  `json:"score" jsonschema:"how good the post is, from 0 to 1" pawl:"min=0,max=1"`
	Approved bool     `json:"approved" jsonschema:"whether it can be published as it is"`
}

// Verdict has the critic decide when a draft is good enough.
func (c Critique) Verdict() (approved bool, score float64) { return c.Approved, c.Score }

// Validate wants a reason for a draft that is turned down: a writer could do nothing without.
func (c Critique) Validate() error {
	if !c.Approved && len(c.Issues) == 0 {
		return errors.New("issues: wants at least 1 unless it is approved")
	}
	return nil
}

// Output is the best draft and how it came about.
type Output struct {
	Idea      Idea     `json:"idea" jsonschema:"the idea that was taken"`
	Outline   Outline  `json:"outline" jsonschema:"the plan of the post"`
	Post      string   `json:"post" jsonschema:"the best draft, in Markdown"`
	Critique  Critique `json:"critique" jsonschema:"the critique of that draft"`
	Revisions int      `json:"revisions" jsonschema:"how often it was revised"`
}

// Markdown is the post for people. It begins with a title.
func (o Output) Markdown() string {
	return prose.PieceOf(o.Post, o.Outline.Title).Markdown()
}

// NotApproved says that the critic approved none of the drafts.
func (o Output) NotApproved() string {
	if o.Critique.Approved {
		return ""
	}
	return fmt.Sprintf("the best of %s is not approved: %s", prose.Count(o.Revisions+1, "draft"), strings.Join(o.Critique.Issues, " "))
}

// The data of prompts is flat, so that a prompt which leaves a field out does not load.

type brainstormData struct{ Topic, Audience string }

type outlineData struct{ Topic, Audience, Angle string }

type draftData struct {
	Topic, Audience, Angle, Title string
	Sections                      []string
}

type critiqueData struct {
	Topic, Audience, Angle string
	Sections               []string
	Draft                  string
}

type reviseData struct {
	Audience, Angle, Draft string
	Issues                 []string
}

// checked puts the gates of every draft on a question.
func checked(q pawl.Question[string]) pawl.Question[string] {
	return q.Gate("200 to 600 words", func(s string) error { return prose.WordsBetween(s, 200, 600) }).
		MaxTokens(prose.Tokens(900))
}
