package pawl_test

import (
	"errors"
	"fmt"
	"strings"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/llm"
)

// Mail is a message that came in.
type Mail struct {
	Text string `json:"text" jsonschema:"what somebody writes"`
}

// Kind is what a message is about.
type Kind string

// Enum is the closed set of kinds: in schemas, and for what is compared with a Kind.
func (Kind) Enum() []string { return []string{"refund", "praise", "other"} }

// Route is what a model makes of a message.
type Route struct {
	Kind Kind `json:"kind" jsonschema:"what it is about"`
}

var routeP = pawl.PromptText[Mail, Route](`
purpose: Sorting a message
temperature: 0
---
# system
You sort the messages of a shop.
# user
What is this message about?

{{.Text}}
`)

// A gate is a check in Go; what it complains of the model reads, and answers again.
func ExampleAsk() {
	short := func(s string) error {
		if n := len(strings.Fields(s)); n > 4 {
			return fmt.Errorf("has %d words, wants at most 4", n)
		}
		return nil
	}
	flow := pawl.New("subject", "Find a subject line.", func(r *pawl.Run, in Mail) (string, error) {
		q := pawl.Messages[string]("Finding a subject", llm.User("A subject line for this message:\n\n"+in.Text))
		return pawl.Ask(r, "subject", q.Gate("at most 4 words", short)), nil
	})
	play(flow, Mail{"My kettle leaks."}, says{"subject": {"About a kettle that leaks a lot", "A leaking kettle"}})

	// Output:
	// A leaking kettle
}

// What is wrong with this one question is a value; the flow goes on.
func ExampleTryAsk() {
	flow := pawl.New("sort", "Sort a message.", func(r *pawl.Run, in Mail) (Kind, error) {
		route, err := pawl.TryAsk(r, "route", routeP.With(in))
		if err != nil {
			r.Note("not sorted: %v", err)
			return "other", nil
		}
		return route.Kind, nil
	}, pawl.Prompts(routeP))
	play(flow, Mail{"…"}, says{})

	// Output:
	// other
}

// A conversation goes on behind what a prompt said first: an agent's loop by hand.
func ExampleQuestion_Then() {
	flow := pawl.New("riddle", "Ask until the answer is short.", func(r *pawl.Run, in Mail) (string, error) {
		q := pawl.Messages[string]("Answering", llm.User(in.Text)).Effort("low")
		for range 3 {
			said := pawl.Ask(r, "say", q)
			if len(said) < 10 {
				return said, nil
			}
			q = q.Then(llm.Assistant(said), llm.User("Shorter."))
		}
		return "", pawl.Fail(errors.New("it goes on and on"))
	})
	play(flow, Mail{"What is the sea?"}, says{"say": {"A great deal of water."}, "say#2": {"Water."}})

	// Output:
	// Water.
}
