package support

import (
	"fmt"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/flows/internal/prose"
)

// Claim is what a customer says about an invoice.
type Claim struct {
	Invoice string `json:"invoice" jsonschema:"the number of the invoice, empty if none is named" pawl:"len=0..40"`
	Claim   string `json:"claim" jsonschema:"what is said about it, in one sentence" pawl:"len=1..500"`
}

var (
	claimP   = pawl.MustPrompt[Message, Claim](files, "prompts/claim.md")
	billingP = pawl.MustPrompt[Claim, string](files, "prompts/billing.md")
)

// BillingFlow answers a message about an invoice or a payment.
var BillingFlow = pawl.New("support-billing", "Answer a message about an invoice or a payment.", billing,
	pawl.Prompts(claimP, billingP), pawl.Sources(files),
	pawl.Doc{Level: "beginner", Pattern: "chain", Visible: "the invoice and the claim", Why: "without a number there is nothing to write about, and code asks for it"},
	pawl.Example(Message{Customer: "Ada", Text: "I am billed twice in invoice A-17."}))

func billing(r *pawl.Run, in Message) (Reply, error) {
	claim := pawl.Ask(r, "claim", claimP.With(in))
	if prose.Blank(claim.Invoice) {
		return Reply{Desk: Billing, Text: fmt.Sprintf("Dear %s, which invoice is it about? Please send us its number.", in.Customer)}, nil
	}
	return Reply{Desk: Billing, Text: pawl.Ask(r, "answer", written(billingP.With(claim)))}, nil
}
