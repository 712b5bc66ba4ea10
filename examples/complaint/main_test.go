package main

import (
	"strings"
	"testing"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/llm"
	"github.com/pawlrun/pawl/pawltest"
)

var (
	letter = Letter{Letter: "The kettle leaks. I paid 40 euros. Ada Lovelace"}
	facts  = Facts{Customer: "Ada Lovelace", Category: Defect, Problem: "The kettle leaks.", Euros: 40}
	good   = "Dear Ada Lovelace, " + strings.Repeat("sorry ", 70)
)

func TestAnswer(t *testing.T) {
	ran := pawltest.Run(t, Flow, letter, pawltest.Script{"facts": {facts}, "draft": {good}}).Done()
	if ran.Out.Text != good || ran.Out.Offer != "a new one" {
		t.Errorf("answers %+v", ran.Out)
	}
	if asked := ran.Asked("draft"); !strings.Contains(asked, "Offer: a new one") {
		t.Errorf("the offer is missing in the request:\n%s", asked)
	}
}

func TestUnknownCategoryIsTurnedDown(t *testing.T) {
	odd := facts
	odd.Category = "weather"
	ran := pawltest.Run(t, Flow, letter, pawltest.Script{"facts": {odd, facts}, "draft": {good}}).Done()
	ran.RejectedOnlyBy("facts", "schema", "category", "weather")
}

func TestGatesOfTheDraft(t *testing.T) {
	for gate, bad := range map[string]string{
		"60 to 150 words":    "Dear Ada Lovelace, sorry.",
		"names the customer": "Dear customer, " + strings.Repeat("sorry ", 70),
	} {
		t.Run(gate, func(t *testing.T) {
			ran := pawltest.Run(t, Flow, letter, pawltest.Script{"facts": {facts}, "draft": {bad, good}}).Done()
			ran.RejectedOnlyBy("draft", gate)
		})
	}
}

func TestThreeBadDrafts(t *testing.T) {
	ran := pawltest.Run(t, Flow, letter, pawltest.Script{"facts": {facts}, "draft": {"No.", "No!", "Never.", good}})
	ran.Failed("draft", pawl.ErrGate, "does not name the customer, Ada Lovelace")
	ran.Retry("draft").Done()
}

func TestRefusedByTheModel(t *testing.T) {
	ran := pawltest.Run(t, Flow, letter, pawltest.Script{"facts": {&llm.Error{Kind: llm.Refused, Message: "no"}}})
	ran.Failed("facts", pawl.ErrorKind(llm.Refused))
}

func TestDecide(t *testing.T) {
	for want, f := range map[string]Facts{
		"a repair, free of charge": {Category: Defect, Euros: 101},
		"a new one":                {Category: Defect, Euros: 100},
		"the money back":           {Category: Delivery, Days: 15},
		"delivery by express":      {Category: Delivery, Days: 14},
		"a corrected invoice":      {Category: Billing},
		"a voucher over 10 euros":  {Category: Service},
	} {
		if got := decide(f); got != want {
			t.Errorf("%+v: offers %q, want %q", f, got, want)
		}
	}
}
