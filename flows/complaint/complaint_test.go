package complaint

import (
	"slices"
	"strings"
	"testing"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/flows/internal/housetest"
	"github.com/pawlrun/pawl/llm"
	"github.com/pawlrun/pawl/pawltest"
)

var (
	input   = Input{Letter: "The kettle leaks. I paid 40 euros. Ada Lovelace"}
	summary = Summary{Customer: "Ada Lovelace", Problem: "The kettle leaks.", Wish: "A kettle that works.", Euros: 40}
	body    = housetest.Text(50, "sorry")
	fine    = Check{Issues: []string{}, Tone: true, Policy: true}
	lowRisk = Risk{Reason: "They ask kindly.", Level: Low}
)

// script is a chain that nobody has to look at, and what else a test wants.
func script(more pawltest.Script) pawltest.Script {
	s := pawltest.Script{
		"summarize": {summary}, "classify": {Class{Reason: "It leaks.", Category: Defect}}, "draft": {body},
		"checks/risk/assess": {lowRisk}, "checks/tone/check": {fine},
	}
	for key, answers := range more {
		s[key] = answers
	}
	return s
}

func TestNobodyHasToLook(t *testing.T) {
	ran := pawltest.Run(t, Flow, input, script(nil)).Done()
	if ran.Out.Reply != (Reply{To: "Ada Lovelace", Body: body}) || ran.Out.Offer != "a new one" || len(ran.Out.Why) > 0 || ran.Out.By != "" {
		t.Errorf("ends with %+v", ran.Out)
	}
	if text := ran.Out.Markdown(); !strings.HasPrefix(text, "Dear Ada Lovelace,\n\nsorry") || !strings.HasSuffix(text, "Customer care\n") {
		t.Errorf("the letter is\n%s", text)
	}
	if asked := ran.Asked("draft"); !strings.Contains(asked, "<offer>\na new one\n</offer>") {
		t.Errorf("the offer is missing in the request:\n%s", asked)
	}
	if asked := ran.Asked("checks/tone/check"); !strings.Contains(asked, "<offered>\na new one\n</offered>") || !strings.Contains(asked, body) {
		t.Errorf("the check is asked\n%s", asked)
	}
}

// Each of the reasons is enough to have a person look, and each is shown.
func TestAPersonLooks(t *testing.T) {
	dear := summary
	dear.Euros = 700
	for why, more := range map[string]pawltest.Script{
		"The risk of escalation is high: They name a lawyer.": {"checks/risk/assess": {Risk{Reason: "They name a lawyer.", Level: High}}},
		"It blames the customer.":                             {"checks/tone/check": {Check{Issues: []string{"It blames the customer."}, Policy: true}}},
		"It promises two kettles.":                            {"checks/tone/check": {Check{Issues: []string{"It promises two kettles."}, Tone: true}}},
		"700.00 euros are at stake, more than 500.":           {"summarize": {dear}},
	} {
		ran := pawltest.Run(t, Flow, input, script(more)).Waits("send")
		if b := ran.Blocker("send"); b.Question != "Send this answer? "+why || b.Who != "the complaints desk" {
			t.Errorf("%s is asked: %s", b.Who, b.Question)
		}
		ran.Decide(pawl.Decision{Key: "send", What: pawl.DecideApprove, Who: "Grace"}).Done()
		if ran.Out.By != "Grace" || !slices.Equal(ran.Out.Why, []string{why}) || ran.Out.Reply.Body != body {
			t.Errorf("ends with %+v", ran.Out)
		}
	}
}

var risky = script(pawltest.Script{"checks/risk/assess": {Risk{Reason: "They name a lawyer.", Level: High}}})

func TestEdited(t *testing.T) {
	ran := pawltest.Run(t, Flow, input, risky)
	ran.Refuses(pawl.Decision{Key: "send", What: pawl.DecideApprove, Value: []byte(`{"to":"Ada","body":""}`)}, "body")
	ran.Edit("send", Reply{To: "Ada", Body: "We call you today."}).Done()
	if ran.Out.Reply.Body != "We call you today." {
		t.Errorf("sends %+v", ran.Out.Reply)
	}
}

// A draft is measured in words; one of long words is shown to a person all the same.
func TestALongDraftIsShown(t *testing.T) {
	long := housetest.Text(150, strings.Repeat("x", 40))
	pawltest.Run(t, Flow, input, script(pawltest.Script{"draft": {long}, "checks/risk/assess": {Risk{Reason: "So.", Level: High}}})).Waits("send")
}

func TestRejected(t *testing.T) {
	pawltest.Run(t, Flow, input, risky).Reject("send", "our lawyer answers").Canceled("our lawyer answers")
}

func TestAMediumRiskGoes(t *testing.T) {
	pawltest.Run(t, Flow, input, script(pawltest.Script{"checks/risk/assess": {Risk{Reason: "So.", Level: Medium}}})).Done()
}

func TestGates(t *testing.T) {
	odd := Class{Reason: "So.", Category: "weather"}
	ran := pawltest.Run(t, Flow, input, script(pawltest.Script{
		"classify":          {odd, Class{Reason: "It leaks.", Category: Defect}},
		"draft":             {"Sorry.", body},
		"checks/tone/check": {Check{Issues: []string{}, Tone: true}, fine},
	})).Done()
	ran.RejectedOnlyBy("classify", "schema", "category", "weather")
	ran.RejectedOnlyBy("draft", "40 to 150 words", "has 1 word, wants 40 to 150")
	ran.RejectedOnlyBy("checks/tone/check", "type", "issues")
}

func TestARefusalStandsStill(t *testing.T) {
	ran := pawltest.Run(t, Flow, input, script(pawltest.Script{"draft": {&llm.Error{Kind: llm.Refused, Message: "no"}, body}}))
	ran.Failed("draft", pawl.ErrorKind(llm.Refused))
	ran.Retry("draft").Done()
}

func TestPolicy(t *testing.T) {
	for _, c := range []struct {
		category Category
		s        Summary
		want     string
	}{
		{Defect, Summary{Euros: 101}, "a repair, free of charge"},
		{Defect, Summary{Euros: 100}, "a new one"},
		{Delivery, Summary{Days: 15}, "the money back"},
		{Delivery, Summary{Days: 14}, "delivery by express"},
		{Billing, Summary{}, "a corrected invoice"},
		{Service, Summary{}, "a voucher over 10 euros"},
		{Other, Summary{}, "a call from customer care"},
	} {
		if got := offerFor(c.category, c.s); got != c.want {
			t.Errorf("%s, %+v: offers %q, want %q", c.category, c.s, got, c.want)
		}
	}
	if why := whyToLook(Summary{Euros: 500}, Risk{Level: Medium}, fine); why != nil {
		t.Errorf("at the limit a person looks: %q", why)
	}
}

func TestHouse(t *testing.T) {
	housetest.NoFormatButTheSchema(t, Flow)
	housetest.Described(t, Flow)
	housetest.RefusesInputs(t, Flow, map[string]string{`{"letter":""}`: "letter", `{}`: "letter"})
}

// The stand-in, well behaved and not, takes the flow to its end; one that finds fault with the
// answer has a person look.
func TestOffline(t *testing.T) {
	for _, options := range []string{"", "?malformed=1", "?fail=1"} {
		pawltest.Run(t, Flow, input, housetest.Offline(options)).Done()
	}
	pawltest.Run(t, Flow, input, housetest.Offline("?reject=1")).Waits("send").Approve("send").Done()
	pawltest.Run(t, Flow, input, housetest.Offline("?answers=testdata/answers/lawyer.json")).Waits("send").Reject("send", "no").Canceled()
}

func TestRecordedRuns(t *testing.T) { housetest.RecordedRuns(t, Flow) }
