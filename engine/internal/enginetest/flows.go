package enginetest

import (
	"context"
	"errors"
	"testing/fstest"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/llm"
)

// Topic is the input of the flows here.
type Topic struct {
	Topic string `json:"topic" pawl:"default=x"`
}

// Outline is an answer with bounds.
type Outline struct {
	Title    string   `json:"title"`
	Sections []string `json:"sections" pawl:"items=3..5"`
}

// Post is a proposal with bounds and a check of its own.
type Post struct {
	Title string `json:"title" pawl:"len=1..20"`
	Words int    `json:"words"`
}

func (p *Post) Validate() error {
	if p.Words < 0 {
		return errors.New("words: is negative")
	}
	return nil
}

// Text asks for a text.
func Text(purpose string) pawl.Question[string] {
	return pawl.Messages[string](purpose, llm.User(purpose))
}

// Prompted asks for a text with a prompt about a topic.
func Prompted(prompt, topic string) pawl.Question[string] {
	file := fstest.MapFS{"p.md": {Data: []byte("purpose: Asking\n---\n# user\n" + prompt + "\n")}}
	return pawl.MustPrompt[Topic, string](file, "p.md").With(Topic{Topic: topic})
}

// ABC asks three times, one after another.
var ABC = pawl.New("abc", "Does a, b and c.", func(r *pawl.Run, in Topic) (string, error) {
	return pawl.Ask(r, "a", Text("A")) + pawl.Ask(r, "b", Text("B")) + pawl.Ask(r, "c", Text("C")), nil
})

// TwoAsks asks twice, one after another.
var TwoAsks = pawl.New("two", "Asks twice.", func(r *pawl.Run, in Topic) (string, error) {
	pawl.Ask(r, "a", Text("A"))
	return pawl.Ask(r, "b", Text("B")), nil
})

// Publish asks a model, then a person.
var Publish = pawl.New("publish", "Asks before it publishes.", func(r *pawl.Run, in Topic) (string, error) {
	draft := pawl.Ask(r, "draft", Text("Drafting"))
	a := pawl.Approve(r, "publish", Post{Title: draft[:5], Words: 3}, "Publish it?", pawl.Who("the editor"), pawl.Reasons("drop", "late"))
	if err := a.Err(); err != nil {
		return "", err
	}
	return a.Value.Title + " by " + a.Who, nil
})

// Chain asks n times, one after another.
func Chain(n int) pawl.Flow {
	return pawl.New("chain", "Asks in turn.", func(r *pawl.Run, in Topic) (int, error) {
		for range n {
			pawl.Ask(r, "ask", Text("Ask").MaxTokens(4096))
		}
		return n, nil
	})
}

func nothing(context.Context, int) (int, error) { return 0, nil }
