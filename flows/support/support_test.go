package support

import (
	"strings"
	"testing"
	"testing/synctest"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/flows/internal/housetest"
	"github.com/pawlrun/pawl/pattern"
	"github.com/pawlrun/pawl/pawltest"
)

var (
	message = Message{Customer: "Ada", Text: "The kettle leaks, I want my money back."}
	text    = housetest.Text(30, "kettle")
)

func routed(desk Desk, confidence float64) []any {
	return []any{pattern.Choice[Desk]{Reason: "It says so.", Route: desk, Confidence: confidence}}
}

// Each route ends at its desk, whose steps have keys below it.
func TestRoutes(t *testing.T) {
	for desk, c := range map[Desk]struct {
		script pawltest.Script
		want   string
	}{
		Billing:   {pawltest.Script{"billing/claim": {Claim{Invoice: "A-17", Claim: "Twice."}}, "billing/answer": {text}}, text},
		Technical: {pawltest.Script{"technical/report": {Report{Title: "It leaks", Details: "So.", Severity: "high"}}, "technical/answer": {text}}, text + "\n\nYour report has the number "},
		Refund:    {pawltest.Script{"refund/money": {Money{Why: "It leaks.", Euros: 100}}}, "Dear Ada, 100.00 euros are on their way to you."},
	} {
		t.Run(string(desk), func(t *testing.T) {
			c.script["route"] = routed(desk, bar)
			ran := pawltest.Run(t, Flow, message, c.script).Done()
			if ran.Out.Desk != desk || !strings.HasPrefix(ran.Out.Text, c.want) {
				t.Errorf("replies %+v, want %q", ran.Out, c.want)
			}
		})
	}
}

// A router that is not sure, and one that says person, have a person asked, who sees the message
// and what the router thought.
func TestAPersonIsAsked(t *testing.T) {
	for name, route := range map[string][]any{"unsure": routed(Refund, 0.69), "unknown": routed(Person, 1)} {
		t.Run(name, func(t *testing.T) {
			ran := pawltest.Run(t, Flow, message, pawltest.Script{"route": route}).Waits("person")
			b := ran.Blocker("person")
			if shown := string(b.Proposal); b.Who != "the front desk" || !strings.Contains(shown, message.Text) || !strings.Contains(shown, "It says so.") {
				t.Errorf("%s is shown %s", b.Who, shown)
			}
			ran.Refuses(pawl.Decision{Key: "person", What: pawl.DecideAnswer, Value: []byte(`{"desk":"person"}`)}, "text")
			ran.Refuses(pawl.Decision{Key: "person", What: pawl.DecideAnswer, Value: []byte(`{"desk":"refund","text":"Hello"}`)}, "text")
			ran.Refuses(pawl.Decision{Key: "person", What: pawl.DecideAnswer, Value: []byte(`{"desk":"kitchen"}`)}, "desk")
			ran.Answer("person", Handover{Desk: Person, Text: "Let us see."}).Done()
			if ran.Out.Desk != Person || ran.Out.Text != "Let us see." {
				t.Errorf("replies %+v", ran.Out)
			}
		})
	}
}

func TestAPersonPassesItOn(t *testing.T) {
	ran := pawltest.Run(t, Flow, message, pawltest.Script{"route": routed(Billing, 0.2), "refund/money": {Money{Why: "It leaks.", Euros: 20}}})
	ran.Answer("person", Handover{Desk: Refund}).Done()
	if ran.Out.Desk != Refund || ran.Out.Euros != 20 {
		t.Errorf("replies %+v", ran.Out)
	}
}

func TestBillingAsksForTheNumber(t *testing.T) {
	ran := pawltest.Run(t, BillingFlow, message, pawltest.Script{"claim": {Claim{Claim: "Twice."}}}).Done()
	if !strings.Contains(ran.Out.Text, "which invoice") {
		t.Errorf("replies %+v", ran.Out)
	}
}

func TestRepliesAreHeldToTheirLength(t *testing.T) {
	ran := pawltest.Run(t, BillingFlow, message, pawltest.Script{"claim": {Claim{Invoice: "A-17", Claim: "Twice."}}, "answer": {"No.", text}}).Done()
	ran.RejectedOnlyBy("answer", "20 to 120 words", "has 1 word, wants 20 to 120")
}

var dear = pawltest.Script{"route": routed(Refund, 0.9), "refund/money": {Money{Why: "It leaks.", Euros: 140}}}

func TestApproved(t *testing.T) {
	ran := pawltest.Run(t, Flow, message, dear).Waits("refund/approve")
	if b := ran.Blocker("refund/approve"); b.Who != "the team lead" || b.Deadline == nil || len(b.Reasons) != 3 {
		t.Errorf("asks %+v", b)
	}
	ran.Decide(pawl.Decision{Key: "refund/approve", What: pawl.DecideApprove, Who: "Grace"}).Done()
	if ran.Out.Euros != 140 || ran.Out.By != "Grace" {
		t.Errorf("replies %+v", ran.Out)
	}
}

func TestApprovedWithEdits(t *testing.T) {
	ran := pawltest.Run(t, Flow, message, dear)
	ran.Refuses(pawl.Decision{Key: "refund/approve", What: pawl.DecideApprove, Value: []byte(`{"euros":-1,"why":"It leaks."}`)}, "euros")
	ran.Edit("refund/approve", Money{Why: "Half.", Euros: 70}).Done()
	if ran.Out.Euros != 70 {
		t.Errorf("gives %v back", ran.Out.Euros)
	}
}

func TestRejected(t *testing.T) {
	ran := pawltest.Run(t, Flow, message, dear)
	ran.Refuses(pawl.Decision{Key: "refund/approve", What: pawl.DecideReject, Reason: "bad mood"}, "no proof")
	ran.Reject("refund/approve", "", "no proof").Done()
	if ran.Out.Euros != 0 || !strings.Contains(ran.Out.Text, "cannot give the money back: no proof.") {
		t.Errorf("replies %+v", ran.Out)
	}
}

func TestNobodyDecides(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ran := pawltest.Run(t, Flow, message, dear).Waits("refund/approve").Sleep(wait).Done()
		if ran.Out.Euros != 0 || !strings.Contains(ran.Out.Text, "nobody decided") {
			t.Errorf("replies %+v", ran.Out)
		}
	})
}

func TestHouse(t *testing.T) {
	for _, f := range []pawl.Flow{Flow, BillingFlow, TechnicalFlow, RefundFlow} {
		housetest.NoFormatButTheSchema(t, f)
		housetest.Described(t, f)
		housetest.RefusesInputs(t, f, map[string]string{`{"customer":"","text":"x"}`: "customer", `{"customer":"Ada"}`: "text"})
	}
}

// The stand-in, well behaved and not, takes the flows to their end, or to a person.
func TestOffline(t *testing.T) {
	example := Message{Customer: "Ada", Text: "The billing of my invoice is wrong."}
	for _, options := range []string{"", "?malformed=1", "?fail=1"} {
		pawltest.Run(t, Flow, example, housetest.Offline(options)).Done()
		pawltest.Run(t, BillingFlow, example, housetest.Offline(options)).Done()
		pawltest.Run(t, TechnicalFlow, example, housetest.Offline(options)).Done()
		pawltest.Run(t, RefundFlow, example, housetest.Offline(options)).Waits("approve")
	}
	pawltest.Run(t, Flow, example, housetest.Offline("?reject=1")).Waits("person")
}

func TestAnswersOfAFile(t *testing.T) {
	file := func(name string) string { return "?answers=testdata/answers/" + name + ".json" }
	pawltest.Run(t, Flow, message, housetest.Offline(file("billing"))).Done()
	pawltest.Run(t, Flow, message, housetest.Offline(file("technical"))).Done()
	pawltest.Run(t, Flow, message, housetest.Offline(file("refund"))).Waits("refund/approve").Reject("refund/approve", "", "no proof").Done()
	pawltest.Run(t, Flow, message, housetest.Offline(file("unsure"))).Waits("person").Answer("person", Handover{Desk: Refund}).Waits("refund/approve").Approve("refund/approve").Done()
}

func TestRecordedRuns(t *testing.T) { housetest.RecordedRuns(t, Flow) }
