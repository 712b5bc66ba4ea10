// Command triage goes through many items side by side: a model rates each, and one
// with a low rating waits for a person within its branch, for an hour or a month.
// The others do not wait for that: who waits takes up no place of the Map's limit.
//
//	go run ./examples/triage run triage --items '[{"id": "1", "text": "A kettle, as new."}]'
package main

import (
	"fmt"
	"strings"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/cli"
)

// Listing is what is to be published.
type Listing struct {
	Items []Item `json:"items" pawl:"items=1..1000"`
}

// Item is one offer of a market.
type Item struct {
	ID   string `json:"id" pawl:"len=1..40"`
	Text string `json:"text" pawl:"len=1..2000"`
}

// Key is what an item is known by.
func (i Item) Key() string { return i.ID }

// Rating is the model's answer.
type Rating struct {
	Score int    `json:"score" jsonschema:"how harmless the offer is" pawl:"min=0,max=10"`
	Why   string `json:"why" jsonschema:"the reason, in a line" pawl:"len=1..500"`
}

// Doubt is what a person decides on.
type Doubt struct {
	Item   Item   `json:"item"`
	Rating Rating `json:"rating"`
}

// Outcome is what becomes of an item.
type Outcome struct {
	ID        string `json:"id"`
	Published bool   `json:"published"`
	By        string `json:"by"` // who decided; empty: the rating
}

// Report is what becomes of all, in their order.
type Report struct {
	Outcomes []Outcome `json:"outcomes"`
}

// Markdown is what a person sees of it.
func (p Report) Markdown() string {
	var b strings.Builder
	for _, o := range p.Outcomes {
		fmt.Fprintf(&b, "- %s: published: %t\n", o.ID, o.Published)
	}
	return b.String()
}

var rateP = pawl.PromptText[Item, Rating](`
purpose: Rating an offer
unused: ID
---
# system
You keep a market clean. You rate offers: 0 is a fraud or forbidden, 10 harmless.
# user
Rate this offer.

Offer: {{.Text}}
`)

// Flow sorts offers.
var Flow = pawl.New("triage", "Rate offers and have people look at the doubtful ones.", triage, pawl.Prompts(rateP),
	pawl.Example(Listing{Items: []Item{{ID: "1", Text: "A kettle, as new."}}}))

const harmless = 4 // a score from which on nobody needs to look

func triage(r *pawl.Run, in Listing) (Report, error) {
	outcomes := pawl.Map(r, "items", in.Items, check, pawl.By(Item.Key), pawl.Limit(8))
	return Report{Outcomes: outcomes}, nil
}

func check(r *pawl.Run, item Item) (Outcome, error) {
	rating := pawl.Ask(r, "rate", rateP.With(item))
	if rating.Score >= harmless {
		return Outcome{ID: item.ID, Published: true}, nil
	}
	a := pawl.Approve(r, "look", Doubt{Item: item, Rating: rating}, "Publish this offer?", pawl.Who("a moderator"))
	return Outcome{ID: item.ID, Published: a.Approved, By: a.Who}, nil
}

func main() { cli.Main(Flow) }
