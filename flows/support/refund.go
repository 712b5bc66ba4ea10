package support

import (
	"fmt"
	"time"

	"github.com/pawlrun/pawl"
)

// Money is how much goes back, and why.
type Money struct {
	Why   string  `json:"why" jsonschema:"the customer's reason, in one sentence" pawl:"len=1..500"`
	Euros float64 `json:"euros" jsonschema:"how much money they want back, in euros" pawl:"min=0,max=10000"`
}

var moneyP = pawl.MustPrompt[Message, Money](files, "prompts/money.md")

// RefundFlow gives money back.
var RefundFlow = pawl.New("support-refund", "Give money back; more than 100 euros want approval.", refund,
	pawl.Prompts(moneyP), pawl.Sources(files),
	pawl.Doc{Level: "intermediate", Pattern: "chain with approval", Visible: "the sum, and who decided on it", Why: "a model may read a sum, and may not decide on it"},
	pawl.Example(Message{Customer: "Ada", Text: "The kettle leaks. I want my 140 euros back."}))

const (
	limit = 100            // euros that nobody needs to approve
	wait  = 48 * time.Hour // for the team lead
)

// refund decides; whoever pays does so behind it, in a step of its own (see examples/charge).
func refund(r *pawl.Run, in Message) (Reply, error) {
	money := pawl.Ask(r, "money", moneyP.With(in))
	by := ""
	if money.Euros > limit {
		a := pawl.Approve(r, "approve", money, fmt.Sprintf("Give %s this money back?", in.Customer),
			pawl.Who("the team lead"), pawl.Reasons("nobody decided", "no proof", "too late"), pawl.RejectAfter(wait))
		if !a.Approved {
			return Reply{Desk: Refund, Text: fmt.Sprintf("Dear %s, we are sorry that we cannot give the money back: %s.", in.Customer, a.Reason), By: a.Who}, nil
		}
		money, by = a.Value, a.Who // perhaps the team lead has changed it
	}
	return Reply{Desk: Refund, Text: fmt.Sprintf("Dear %s, %.2f euros are on their way to you.", in.Customer, money.Euros), Euros: money.Euros, By: by}, nil
}
