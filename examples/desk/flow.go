package main

import (
	"time"

	"github.com/pawlrun/pawl"
)

// Ticket is what a customer wants.
type Ticket struct {
	Number   string `json:"number" jsonschema:"the ticket's number, from whoever posts it" pawl:"len=1..40"`
	Customer string `json:"customer" jsonschema:"who wrote it" pawl:"len=1..80"`
	Text     string `json:"text" jsonschema:"what they wrote" pawl:"len=1..8000"`
}

// Reply is the letter that goes back.
type Reply struct {
	Text string `json:"text" jsonschema:"the reply, in at most 100 words" pawl:"len=1..2000"`
}

// Markdown is what a person sees of it.
func (a Reply) Markdown() string { return a.Text }

var replyP = pawl.PromptText[Ticket, Reply](`
purpose: Writing the reply
unused: Number
---
# system
You answer customers of a shop, friendly and briefly. Promise nothing.
# user
Answer this ticket.

Customer: {{.Customer}}
Text: {{.Text}}
`)

// Flow answers a ticket, once somebody at the desk has approved the reply.
var Flow = pawl.New("desk", "Answer a ticket.", answer, pawl.Prompts(replyP),
	pawl.Example(Ticket{Number: "17", Customer: "Ada", Text: "Where is my kettle?"}))

func answer(r *pawl.Run, in Ticket) (Reply, error) {
	reply := pawl.Ask(r, "reply", replyP.With(in))
	a := pawl.Approve(r, "send", reply, "Send this reply?",
		pawl.Reasons("wrong", "unfriendly"), pawl.RejectAfter(7*24*time.Hour), pawl.NotBy(r.Who()))
	return a.Value, a.Err()
}
