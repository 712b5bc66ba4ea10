package write

import (
	"errors"

	"github.com/pawlrun/pawl/flows/internal/prose"
)

// Input is what to write about.
type Input struct {
	Topic string `json:"topic" jsonschema:"what to write about" pawl:"len=1..2000"`
}

// Validate refuses a blank topic.
func (in Input) Validate() error {
	if prose.Blank(in.Topic) {
		return errors.New("topic: is blank, wants at least a word on what to write about")
	}
	return nil
}

// Form is what a text about a topic is to be.
type Form string

const (
	Article Form = "article" // facts and how things are, in few words
	Blog    Form = "blog"    // a point of view, a story, advice
)

// Enum lists what the router may choose.
func (Form) Enum() []string { return []string{string(Article), string(Blog)} }

// Output is what was written.
type Output struct {
	Form   string `json:"form" jsonschema:"what was written" pawl:"enum=article|blog"`
	Reason string `json:"reason" jsonschema:"why that form, as the router says"`
	Text   string `json:"text" jsonschema:"the article or the post, in Markdown"`
	Flaw   string `json:"flaw" jsonschema:"why its review does not approve it; empty if it does"`
}

// Markdown is the text for people.
func (o Output) Markdown() string { return o.Text }

// NotApproved says what the flow that wrote it says.
func (o Output) NotApproved() string { return o.Flaw }

type routeData struct{ Topic string }
