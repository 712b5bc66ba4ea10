package main

import (
	"strings"
	"testing"
	"testing/synctest"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/llm/offline"
	"github.com/pawlrun/pawl/pawltest"
)

var ticket = Ticket{Customer: "Ada", Text: "The kettle leaks, I want my money back."}

func TestRoutes(t *testing.T) {
	for _, c := range []struct {
		kind   Kind
		script pawltest.Script
		want   string
	}{
		{IsPraise, pawltest.Script{"thanks": {"How kind."}}, "How kind."},
		{IsOther, pawltest.Script{"other": {"Let us see."}}, "Let us see."},
		{IsBug, pawltest.Script{"bug": {Bug{Title: "It leaks", Severity: "high"}}}, "We work on it: It leaks"},
		{IsRefund, pawltest.Script{"refund/money": {Refund{Euros: 100, Why: "leaks"}}}, "100.00 € are on their way, Ada."},
	} {
		t.Run(string(c.kind), func(t *testing.T) {
			c.script["route"] = []any{Route{Kind: c.kind}}
			ran := pawltest.Run(t, Flow, ticket, c.script).Done()
			if ran.Out.Kind != c.kind || !strings.Contains(ran.Out.Text, c.want) {
				t.Errorf("replies %+v, want %q", ran.Out, c.want)
			}
		})
	}
}

var dear = pawltest.Script{
	"route":        {Route{Kind: IsRefund}},
	"refund/money": {Refund{Euros: 140, Why: "leaks"}},
}

func TestApproved(t *testing.T) {
	ran := pawltest.Run(t, Flow, ticket, dear).Waits("refund/approve")
	if b := ran.Blocker("refund/approve"); b.Who != "the team lead" || b.Deadline == nil || len(b.Reasons) != 3 {
		t.Errorf("asks %+v", b)
	}
	ran.Approve("refund/approve").Done()
	if ran.Out.Euros != 140 {
		t.Errorf("gives %v back", ran.Out.Euros)
	}
}

func TestApprovedWithEdits(t *testing.T) {
	ran := pawltest.Run(t, Flow, ticket, dear)
	ran.Refuses(pawl.Decision{Key: "refund/approve", What: pawl.DecideApprove, Value: []byte(`{"euros": -1, "why": "leaks"}`)}, "euros")
	ran.Edit("refund/approve", Refund{Euros: 70, Why: "half"}).Done()
	if ran.Out.Euros != 70 {
		t.Errorf("gives %v back", ran.Out.Euros)
	}
}

func TestRejected(t *testing.T) {
	ran := pawltest.Run(t, Flow, ticket, dear)
	ran.Refuses(pawl.Decision{Key: "refund/approve", What: pawl.DecideReject, Reason: "bad mood"}, "no proof")
	ran.Decide(pawl.Decision{Key: "refund/approve", What: pawl.DecideReject, Reason: "no proof"}).Done()
	if ran.Out.Euros != 0 || !strings.Contains(ran.Out.Text, "no proof") {
		t.Errorf("replies %+v", ran.Out)
	}
}

func TestNobodyDecides(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ran := pawltest.Run(t, Flow, ticket, dear).Waits("refund/approve").Sleep(wait).Done()
		if ran.Out.Euros != 0 || !strings.Contains(ran.Out.Text, "nobody decided") {
			t.Errorf("replies %+v", ran.Out)
		}
	})
}

func TestTheStandIn(t *testing.T) {
	pawltest.Run(t, Flow, ticket, offline.Model{}).Done()
	pawltest.Run(t, RefundFlow, ticket, offline.Model{}).Waits("approve")
}
