// Command answers is one answer to the two exercises of the course: facts, and a mail made of
// them, each held to what the next step needs.
//
//	go run ./examples/learn/answers run mail --example --model offline
package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/cli"
)

// Input is what happened.
type Input struct {
	Text string `json:"text" jsonschema:"what happened" pawl:"len=1..2000"`
}

// Facts are what the mail has to say. Dates in one form are found by code; what matters in a
// text one has to understand.
type Facts struct {
	Facts []string `json:"facts" jsonschema:"what matters, one sentence each" pawl:"items=1..5"`
}

// Mail is text and subject in one answer: the subject is a line that is checked, and no call
// of its own.
type Mail struct {
	Subject string `json:"subject" jsonschema:"what it is about, in at most 60 characters" pawl:"len=1..60"`
	Body    string `json:"body" jsonschema:"the text of 40 to 120 words" pawl:"len=1.."`
}

// Validate wants the subject in one line.
func (m Mail) Validate() error {
	if strings.ContainsAny(m.Subject, "\r\n") {
		return errors.New("subject: wants one line")
	}
	return nil
}

var (
	factsP = pawl.PromptText[Input, Facts](`
purpose: Finding facts
---
# user
What matters in this?

{{.Text}}
`)
	mailP = pawl.PromptText[Facts, Mail](`
purpose: Writing mail
---
# user
Write a mail that says this:
{{range .Facts}}
- {{.}}{{end}}
`)
)

var flow = pawl.New("mail", "Write a mail about what happened.", mail, pawl.Prompts(factsP, mailP),
	pawl.Example(Input{Text: "The harbour opens again on Monday. It was closed for a year."}))

func mail(r *pawl.Run, in Input) (Mail, error) {
	facts := pawl.Ask(r, "facts", factsP.With(in))
	return pawl.Ask(r, "mail", mailP.With(facts).Gate("a body of 40 to 120 words", length).Repairs(1)), nil
}

// length is a gate: code that a mail must pass.
func length(m Mail) error {
	if n := len(strings.Fields(m.Body)); n < 40 || n > 120 {
		return fmt.Errorf("body: has %d words, wants 40 to 120", n)
	}
	return nil
}

func main() { cli.Main(flow) }
