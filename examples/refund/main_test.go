package main

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/llm"
	"github.com/pawlrun/pawl/llm/offline"
	"github.com/pawlrun/pawl/pawltest"
)

var (
	letter = Letter{Text: "The kettle leaks, I want my money back."}
	reply  = Reply{Text: "Here is your money.", USD: 40}
)

func TestThanks(t *testing.T) {
	ran := pawltest.Run(t, Flow, Letter{Text: "I love the kettle."}, pawltest.Script{
		"route":  {Route{To: "thanks"}},
		"thanks": {Reply{Text: "How kind."}},
	})
	ran.Done()
	if ran.Out.Text != "How kind." || ran.Out.USD != 0 {
		t.Errorf("replies %+v", ran.Out)
	}
	if asked := ran.Asked("thanks"); !strings.Contains(asked, "I love the kettle.") {
		t.Errorf("the letter is missing in the request:\n%s", asked)
	}
}

func TestNoMoneyWithoutApproval(t *testing.T) {
	ran := pawltest.Run(t, Flow, letter, pawltest.Script{
		"route":        {Route{To: "refund"}},
		"refund/write": {reply},
	})
	ran.Waits("refund/send")
	ran.Reject("refund/send", "the kettle is from elsewhere")
	ran.Canceled("from elsewhere")
}

func TestTooMuchMoneyIsTurnedDown(t *testing.T) {
	ran := pawltest.Run(t, Flow, letter, pawltest.Script{
		"route":        {"{", Route{To: "refund"}}, // the first is no JSON
		"refund/write": {Reply{Text: "Take it all.", USD: 4000}, reply},
	})
	ran.RejectedOnlyBy("refund/write", "schema", "usd")
	ran.Waits("refund/send")
}

func TestMoneyGoesBackAfterAnHour(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		busy := &llm.Error{Kind: llm.Overloaded, Status: 503}
		ran := pawltest.Run(t, Flow, letter, pawltest.Script{
			"route":        {busy, busy, Route{To: "refund"}},
			"refund/write": {reply},
		})
		ran.Edit("refund/send", Reply{Text: reply.Text, USD: 20}).Done()
		if ran.Out.USD != 20 {
			t.Errorf("%d dollars go back, want the 20 that were approved", ran.Out.USD)
		}
	})
}

func TestNobodyDecides(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ran := pawltest.Run(t, Flow, letter, pawltest.Script{
			"route":        {Route{To: "refund"}},
			"refund/write": {reply},
		})
		ran.Sleep(48 * time.Hour).Canceled()
	})
}

func TestOldRunsAndNewCode(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		// The next version asks for a subject, once the reply is approved.
		next := pawl.New("refund", "Answer a customer's letter.", func(r *pawl.Run, in Letter) (Reply, error) {
			reply, err := answer(r, in)
			if err != nil {
				return Reply{}, err
			}
			subject := pawl.Ask(r, "subject", pawl.Messages[string]("Finding a subject", llm.User(reply.Text)))
			return Reply{Text: subject + "\n\n" + reply.Text, USD: reply.USD}, nil
		})
		ran := pawltest.Run(t, Flow, letter, pawltest.Script{
			"route":        {Route{To: "refund"}},
			"refund/write": {reply},
			"subject":      {"Your kettle"},
		})
		ran.Restart(next).Approve("refund/send").Done()
		if want := "Your kettle\n\nHere is your money."; ran.Out.Text != want {
			t.Errorf("replies %q, want %q", ran.Out.Text, want)
		}
	})
}

func TestTheStandIn(t *testing.T) {
	ran := pawltest.Run(t, Flow, letter, offline.Model{})
	ran.Done()
}

// A run that went well, or did not, goes again as it went.
func TestRecordedRuns(t *testing.T) {
	pawltest.Replay(t, Flow, "testdata/rejected.json")
}
