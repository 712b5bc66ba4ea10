// Command support is a router: a model says what a ticket is, and each kind goes
// its own way, to another flow or to a function. A refund of more than 100 € waits
// for the team lead, who approves it or says why not; after two days without a
// word it is rejected.
//
//	go run ./examples/support run support --customer Ada --text "The kettle leaks, 140 € back, please."
package main

import (
	"embed"
	"fmt"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/cli"
)

//go:embed prompts
var files embed.FS

// Ticket is what a customer wrote.
type Ticket struct {
	Customer string `json:"customer" jsonschema:"who wrote it" pawl:"len=1..80"`
	Text     string `json:"text" jsonschema:"what they wrote" pawl:"len=1..8000"`
}

// Kind is where a ticket goes.
type Kind string

// The kinds that there are.
const (
	IsRefund Kind = "refund"
	IsBug    Kind = "bug"
	IsPraise Kind = "praise"
	IsOther  Kind = "other"
)

// Enum closes the set.
func (Kind) Enum() []string {
	return []string{string(IsRefund), string(IsBug), string(IsPraise), string(IsOther)}
}

// Route is the model's answer: where to.
type Route struct {
	Kind Kind `json:"kind" jsonschema:"refund: wants money back; bug: something does not work; praise: is happy; other: all else"`
}

// Reply is what the customer gets.
type Reply struct {
	Kind  Kind    `json:"kind"`
	Text  string  `json:"text"`
	Euros float64 `json:"euros"` // that go back
}

// Markdown is what a person sees of it.
func (a Reply) Markdown() string { return a.Text }

// Bug is a report for the developers.
type Bug struct {
	Title    string `json:"title" jsonschema:"what is broken, in a line" pawl:"len=1..100"`
	Severity string `json:"severity" pawl:"enum=low|medium|high"`
}

var (
	routeP  = pawl.MustPrompt[Ticket, Route](files, "prompts/route.md")
	bugP    = pawl.MustPrompt[Ticket, Bug](files, "prompts/bug.md")
	thanksP = pawl.MustPrompt[Ticket, string](files, "prompts/thanks.md")
	otherP  = pawl.MustPrompt[Ticket, string](files, "prompts/other.md")
	moneyP  = pawl.MustPrompt[Ticket, Refund](files, "prompts/money.md")
)

// Flow answers a ticket.
var Flow = pawl.New("support", "Answer a customer's ticket.", answer,
	pawl.Prompts(routeP, bugP, thanksP, otherP),
	pawl.Example(Ticket{Customer: "Ada", Text: "I love the kettle."}))

func answer(r *pawl.Run, in Ticket) (Reply, error) {
	switch kind := pawl.Ask(r, "route", routeP.With(in)).Kind; kind {
	case IsRefund:
		return pawl.Call(r, "refund", RefundFlow, in), nil
	case IsBug:
		return report(r, in)
	case IsPraise:
		return Reply{Kind: kind, Text: pawl.Ask(r, "thanks", thanksP.With(in))}, nil
	default:
		return Reply{Kind: kind, Text: pawl.Ask(r, "other", otherP.With(in))}, nil
	}
}

func report(r *pawl.Run, in Ticket) (Reply, error) {
	bug := pawl.Ask(r, "bug", bugP.With(in))
	number := r.ID("bug") // stands for what a tracker would give
	r.Note("bug %s, %s: %s", number, bug.Severity, bug.Title)
	return Reply{Kind: IsBug, Text: fmt.Sprintf("Thank you, %s. We work on it: %s (%s).", in.Customer, bug.Title, number)}, nil
}

const (
	limit = 100            // euros that nobody needs to approve
	wait  = 48 * time.Hour // for the team lead
)

// Refund is how much goes back, and why.
type Refund struct {
	Euros float64 `json:"euros" jsonschema:"how much the customer wants back" pawl:"min=0,max=10000"`
	Why   string  `json:"why" jsonschema:"their reason, in a line" pawl:"len=1..200"`
}

// RefundFlow gives money back. It can be run alone, too.
var RefundFlow = pawl.New("refund", "Give money back.", refund, pawl.Prompts(moneyP),
	pawl.Example(Ticket{Customer: "Ada", Text: "The kettle leaks, 20 € back, please."}))

func refund(r *pawl.Run, in Ticket) (Reply, error) {
	money := pawl.Ask(r, "money", moneyP.With(in))
	if money.Euros > limit {
		a := pawl.Approve(r, "approve", money, fmt.Sprintf("Give %s this money back?", in.Customer),
			pawl.Who("the team lead"), pawl.Reasons("nobody decided", "no proof", "too late"), pawl.RejectAfter(wait))
		if !a.Approved {
			return Reply{Kind: IsRefund, Text: fmt.Sprintf("Sorry, %s, we give no money back: %s.", in.Customer, a.Reason)}, nil
		}
		money = a.Value // perhaps the team lead has changed it
	}
	return Reply{Kind: IsRefund, Text: fmt.Sprintf("%.2f € are on their way, %s.", money.Euros, in.Customer), Euros: money.Euros}, nil
}

func main() { cli.Main(Flow, RefundFlow) }
