// Command refund answers customers, and asks a person before money goes back. Its
// tests are what docs/testing.md shows.
//
//	go run ./examples/refund run refund --text "The kettle leaks, I want my money back."
package main

import (
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/cli"
	"github.com/pawlrun/pawl/llm"
)

// Letter is what a customer wrote.
type Letter struct {
	Text string `json:"text" jsonschema:"what the customer wrote" pawl:"len=1..10000"`
}

// Route says who answers it.
type Route struct {
	To string `json:"to" jsonschema:"refund if they want money back, otherwise thanks" pawl:"enum=refund|thanks"`
}

// Reply is what the customer gets.
type Reply struct {
	Text string `json:"text" jsonschema:"the reply to the customer" pawl:"len=1..2000"`
	USD  int    `json:"usd" jsonschema:"dollars that go back; 0 for none" pawl:"min=0,max=100"`
}

// Flow answers a customer's letter.
var Flow = pawl.New("refund", "Answer a customer's letter.", answer, pawl.Example(Letter{Text: "The kettle leaks, I want my money back."}))

func answer(r *pawl.Run, in Letter) (Reply, error) {
	route := pawl.Ask(r, "route", pawl.Messages[Route]("Finding out what the customer wants", llm.User(in.Text)))
	if route.To == "thanks" {
		return pawl.Ask(r, "thanks", pawl.Messages[Reply]("Thanking the customer", llm.User("Thank the customer.\n"+in.Text))), nil
	}
	return pawl.Call(r, "refund", refund, in), nil
}

var refund = pawl.New("refund-money", "Give money back.", giveBack)

func giveBack(r *pawl.Run, in Letter) (Reply, error) {
	reply := pawl.Ask(r, "write", pawl.Messages[Reply]("Writing the reply", llm.User("Offer the money back.\n"+in.Text)))
	decision := pawl.Approve(r, "send", reply, "Send this reply, and the money?", pawl.RejectAfter(48*time.Hour))
	if err := decision.Err(); err != nil {
		return Reply{}, err
	}
	pawl.Sleep(r, "cooldown", time.Hour) // until then somebody may cancel the run
	return decision.Value, nil
}

func main() { cli.Main(Flow) }
