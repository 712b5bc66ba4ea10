package triage

import (
	"errors"
	"fmt"
	"strings"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/flows/internal/prose"
)

// Input is one ticket, or a list of them.
type Input struct {
	Text    string   `json:"text,omitempty" jsonschema:"what the one ticket says; or give tickets" pawl:"len=0..8000"`
	Tickets []Ticket `json:"tickets,omitempty" jsonschema:"the tickets, if there are several" pawl:"items=0..1000"`
}

// Ticket is one ticket.
type Ticket struct {
	ID   string `json:"id" jsonschema:"what it is known by" pawl:"len=1..40"`
	Text string `json:"text" jsonschema:"what it says" pawl:"len=1..8000"`
}

// Key is a ticket's identity: what is recorded for it stays its own, wherever it stands in a
// later list.
func (t Ticket) Key() string { return t.ID }

// Validate wants either, and each ticket once.
func (in Input) Validate() error {
	if prose.Blank(in.Text) == (len(in.Tickets) == 0) {
		return errors.New("text: wants either this, for one ticket, or tickets")
	}
	first := map[string]int{}
	for i, t := range in.Tickets {
		if j, twice := first[t.ID]; twice {
			return fmt.Errorf("tickets[%d].id: is %q, as that of tickets[%d]", i, t.ID, j)
		}
		first[t.ID] = i
	}
	return nil
}

// all are the tickets of either form.
func (in Input) all() []Ticket {
	if len(in.Tickets) > 0 {
		return in.Tickets
	}
	return []Ticket{{ID: "ticket", Text: in.Text}}
}

// Intent is what a ticket is after.
type Intent string

// The intents that there are.
const (
	Question  Intent = "question"
	Problem   Intent = "problem"
	Money     Intent = "money"
	Complaint Intent = "complaint"
	Legal     Intent = "legal"
	Other     Intent = "other"
)

// Enum closes the set.
func (Intent) Enum() []string {
	return []string{string(Question), string(Problem), string(Money), string(Complaint), string(Legal), string(Other)}
}

// Urgency is how soon a ticket must be seen to.
type Urgency string

// The urgencies that there are.
const (
	Low    Urgency = "low"
	Normal Urgency = "normal"
	High   Urgency = "high"
)

// Enum closes the set.
func (Urgency) Enum() []string { return []string{string(Low), string(Normal), string(High)} }

// Reading is what a ticket says.
type Reading struct {
	Summary string  `json:"summary" jsonschema:"what it says, in one sentence" pawl:"len=1..500"`
	Intent  Intent  `json:"intent" jsonschema:"what it is after"`
	Urgency Urgency `json:"urgency" jsonschema:"how soon it must be seen to"`
}

// Response is what a model would send.
type Response struct {
	Text    string `json:"text" jsonschema:"the response itself, of 15 to 120 words" pawl:"len=1..3000"`
	Open    string `json:"open" jsonschema:"what it leaves open, in one sentence; none if it settles the ticket" pawl:"len=1..500"`
	Settled bool   `json:"settled" jsonschema:"whether it settles the ticket, so that nobody else need look"`
}

// Proposal is what a person decides on; its response is theirs to change.
type Proposal struct {
	ID       string `json:"id" jsonschema:"of the ticket"`
	Ticket   string `json:"ticket" jsonschema:"what the ticket says"`
	Summary  string `json:"summary" jsonschema:"that in one sentence"`
	Response string `json:"response" jsonschema:"what would be sent" pawl:"len=1..3000"`
}

// Outcome is what becomes of a ticket.
type Outcome struct {
	ID        string  `json:"id" jsonschema:"of the ticket"`
	Summary   string  `json:"summary" jsonschema:"what it says, in one sentence"`
	Intent    Intent  `json:"intent,omitempty" jsonschema:"what it is after"`
	Urgency   Urgency `json:"urgency,omitempty" jsonschema:"how soon it must be seen to"`
	Response  string  `json:"response" jsonschema:"what is sent; empty: nothing"`
	Escalated string  `json:"escalated" jsonschema:"why a person had to look; empty: nobody had to"`
	By        string  `json:"by" jsonschema:"who looked"`
	Comment   string  `json:"comment" jsonschema:"what they said"`
	Failure   string  `json:"failure" jsonschema:"why there is no response, if a model could not make one"`
}

// Output is what becomes of all, in their order.
type Output struct {
	Outcomes []Outcome `json:"outcomes" jsonschema:"one for each ticket, in their order"`
}

// Markdown is what becomes of all, for people.
func (o Output) Markdown() string {
	var b strings.Builder
	for _, t := range o.Outcomes {
		fmt.Fprintf(&b, "## %s\n\n", prose.Line(t.ID))
		if t.Failure != "" {
			fmt.Fprintf(&b, "No response: %s\n\n", prose.Line(t.Failure))
			continue
		}
		fmt.Fprintf(&b, "%s (%s, urgency %s)\n\n", prose.Line(t.Summary), t.Intent, t.Urgency)
		switch {
		case t.Response == "":
			fmt.Fprintf(&b, "Nothing is sent. %s Rejected by %s: %s\n\n", prose.Line(t.Escalated), t.By, prose.Line(t.Comment))
		case t.Escalated != "":
			fmt.Fprintf(&b, "%s\n\nSeen by %s. %s\n\n", t.Response, t.By, prose.Line(t.Escalated))
		default:
			fmt.Fprintf(&b, "%s\n\n", t.Response)
		}
	}
	return b.String()
}

// The data of prompts is flat, so that a prompt which leaves a field out does not load.

type respondData struct {
	Ticket, Summary string
	Intent          Intent
	Urgency         Urgency
}

// written puts the gate of a response on a question.
func written(q pawl.Question[Response]) pawl.Question[Response] {
	return q.Gate("a text of 15 to 120 words", func(r Response) error {
		if err := prose.WordsBetween(r.Text, 15, 120); err != nil {
			return fmt.Errorf("text %w", err)
		}
		return nil
	}).MaxTokens(prose.Tokens(220))
}
