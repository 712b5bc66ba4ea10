// Package support is a workflow that routes a customer's message to the desk that answers it,
// each a flow of its own, and to a person where no desk is sure. README.md beside it explains
// it on a page.
package support

import (
	"embed"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/pattern"
)

//go:embed *.go prompts
var files embed.FS

var routeP = pawl.MustPrompt[Message, pattern.Choice[Desk]](files, "prompts/route.md")

// Flow answers a customer's message.
var Flow = pawl.New("support", "Route a customer's message to billing, technical, refund or a person.", support,
	pawl.Prompts(routeP), pawl.Sources(files),
	pawl.Doc{Level: "intermediate", Pattern: "route", Visible: "where a message goes, how sure that is, and why",
		Why: "different questions need different work, and a wrong desk costs more than a person who looks"},
	pawl.Example(Message{Customer: "Ada", Text: "The billing of my invoice A-17 is wrong: I am billed twice."}))

const bar = 0.7 // how sure the router must be

func support(r *pawl.Run, in Message) (Reply, error) {
	choice := pattern.Route(r, "route", routeP.With(in), bar, Person)
	if choice.Route != Person {
		return answer(r, choice.Route, in), nil
	}
	h := pawl.Input[Handover](r, "person", "Which desk answers this customer, or what do we write?",
		pawl.Who("the front desk"), pawl.Shown(Unsure{in.Customer, in.Text, choice.Reason, choice.Confidence}))
	if h.Desk != Person {
		return answer(r, h.Desk, in), nil
	}
	return Reply{Desk: Person, Text: h.Text}, nil
}

// answer has a desk answer a message.
func answer(r *pawl.Run, desk Desk, in Message) Reply {
	switch desk {
	case Billing:
		return pawl.Call(r, "billing", BillingFlow, in)
	case Technical:
		return pawl.Call(r, "technical", TechnicalFlow, in)
	default:
		return pawl.Call(r, "refund", RefundFlow, in)
	}
}
