package triage

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/flows/internal/housetest"
	"github.com/pawlrun/pawl/llm"
	"github.com/pawlrun/pawl/pawltest"
)

var (
	words   = housetest.Text(20, "kettle")
	calm    = Reading{Summary: "They ask.", Intent: Question, Urgency: Normal}
	settled = Response{Text: words, Open: "Nothing.", Settled: true}
)

func key(id, step string) pawl.Key { return pawltest.Item("tickets", id) + "/" + pawl.Key(step) }

// list is n tickets with the ids 0, 1 and so on.
func list(n int) (in Input) {
	for i := range n {
		in.Tickets = append(in.Tickets, Ticket{ID: fmt.Sprint(i), Text: "A kettle."})
	}
	return in
}

// script answers the tickets of a list, and what else a test wants.
func script(n int, more pawltest.Script) pawltest.Script {
	s := pawltest.Script{}
	for i := range n {
		s[key(fmt.Sprint(i), "read")], s[key(fmt.Sprint(i), "respond")] = []any{calm}, []any{settled}
	}
	for key, answers := range more {
		s[key] = answers
	}
	return s
}

func TestOneTicket(t *testing.T) {
	ran := pawltest.Run(t, Flow, Input{Text: "A kettle."}, pawltest.Script{key("ticket", "read"): {calm}, key("ticket", "respond"): {settled}}).Done()
	want := Outcome{ID: "ticket", Summary: "They ask.", Intent: Question, Urgency: Normal, Response: words}
	if len(ran.Out.Outcomes) != 1 || ran.Out.Outcomes[0] != want {
		t.Errorf("ends with %+v", ran.Out)
	}
	if asked := ran.Asked(key("ticket", "respond")); !strings.Contains(asked, "A kettle.") || !strings.Contains(asked, "They ask.") {
		t.Errorf("asks\n%s", asked)
	}
}

// Each of the reasons is enough to have a person look.
func TestEscalated(t *testing.T) {
	for why, more := range map[string]pawltest.Script{
		"It speaks of the law, the press or an injury.": {key("0", "read"): {Reading{Summary: "They ask.", Intent: Legal, Urgency: Low}}},
		"It is urgent.": {key("0", "read"): {Reading{Summary: "They ask.", Intent: Other, Urgency: High}}},
		"The response does not settle it: Where the parcel is.": {key("0", "respond"): {Response{Text: words, Open: "Where the parcel is."}}},
	} {
		ran := pawltest.Run(t, Flow, list(1), script(1, more)).Waits(key("0", "escalation"))
		if b := ran.Blocker(key("0", "escalation")); b.Question != "Send this response? "+why || b.Who != "the duty desk" || !strings.Contains(string(b.Proposal), "A kettle.") {
			t.Errorf("%s is asked %s: %s", b.Who, b.Question, b.Proposal)
		}
		ran.Decide(pawl.Decision{Key: key("0", "escalation"), What: pawl.DecideApprove, Who: "Grace"}).Done()
		if o := ran.Out.Outcomes[0]; o.Escalated != why || o.By != "Grace" || o.Response != words {
			t.Errorf("ends with %+v", o)
		}
	}
}

var urgent = script(2, pawltest.Script{key("1", "read"): {Reading{Summary: "They cry.", Intent: Problem, Urgency: High}}})

func TestEdited(t *testing.T) {
	ran := pawltest.Run(t, Flow, list(2), urgent)
	ran.Edit(key("1", "escalation"), Proposal{Response: "We call you."}).Done()
	if got := ran.Out.Outcomes[1].Response; got != "We call you." {
		t.Errorf("sends %q", got)
	}
	if text := ran.Out.Markdown(); !strings.Contains(text, "We call you.\n\nSeen by the test. It is urgent.") {
		t.Errorf("reads\n%s", text)
	}
}

func TestRejected(t *testing.T) {
	ran := pawltest.Run(t, Flow, list(2), urgent).Reject(key("1", "escalation"), "call them").Done()
	if o := ran.Out.Outcomes[1]; o.Response != "" || o.Comment != "call them" || ran.Out.Outcomes[0].Response != words {
		t.Errorf("ends with %+v", ran.Out)
	}
	if text := ran.Out.Markdown(); !strings.Contains(text, "Nothing is sent. It is urgent. Rejected by the test: call them\n") {
		t.Errorf("reads\n%s", text)
	}
}

// A ticket that no model answers fails alone, and says so.
func TestARefusedTicketFailsAlone(t *testing.T) {
	ran := pawltest.Run(t, Flow, list(3), script(3, pawltest.Script{
		key("0", "respond"): {&llm.Error{Kind: llm.Refused, Message: "not this one"}},
		key("2", "read"):    {"{", "{", "{"},
		key("2", "respond"): nil,
	})).Done()
	o := ran.Out.Outcomes
	if !strings.Contains(o[0].Failure, "not this one") || o[1].Failure != "" || o[1].Response != words || o[2].Failure == "" || o[2].ID != "2" {
		t.Errorf("ends with %+v", o)
	}
	if text := ran.Out.Markdown(); !strings.Contains(text, "## 0\n\nNo response: ") {
		t.Errorf("reads\n%s", text)
	}
}

// Trouble of the surroundings makes no failures: its branch stands still and is tried again.
func TestAnExpiredKeyStandsStill(t *testing.T) {
	ran := pawltest.Run(t, Flow, list(2), script(2, pawltest.Script{key("0", "read"): {&llm.Error{Kind: llm.Auth, Message: "no such key"}, calm}}))
	ran.Failed(key("0", "read"), pawl.ErrorKind(llm.Auth))
	ran.Retry(key("0", "read")).Done()
}

func TestGates(t *testing.T) {
	ran := pawltest.Run(t, Flow, list(1), script(1, pawltest.Script{
		key("0", "read"):    {Reading{Summary: "They ask.", Intent: "weather", Urgency: Low}, calm},
		key("0", "respond"): {Response{Text: "No.", Open: "Nothing.", Settled: true}, settled},
	})).Done()
	ran.RejectedOnlyBy(key("0", "read"), "schema", "intent", "weather")
	ran.RejectedOnlyBy(key("0", "respond"), "a text of 15 to 120 words", "has 1 word, wants 15 to 120")
}

// Of 200 tickets 8 wait, as many as the map has places, and none of the others waits for that.
func TestTheRestIsNotHeldUp(t *testing.T) {
	in := list(200)
	var waiting []pawl.Key
	for i := range 8 {
		in.Tickets[i].Text = "A lawyer."
		waiting = append(waiting, key(fmt.Sprint(i), "escalation"))
	}
	model := llm.Func(func(_ context.Context, req llm.Request, _ func(llm.Delta)) (llm.Response, error) {
		text := housetest.JSON(settled)
		if strings.HasSuffix(req.Meta.Key, "/read") {
			reading := calm
			if strings.Contains(housetest.UserText(req), "A lawyer.") {
				reading.Intent = Legal
			}
			text = housetest.JSON(reading)
		}
		return llm.Response{Text: text}, nil
	})
	ran := pawltest.Run(t, Flow, in, model).Waits(waiting...)
	if n := len(ran.Calls()); n != 400 {
		t.Errorf("%d of 400 calls are made while %d tickets wait", n, len(waiting))
	}
	for _, key := range waiting[1:] {
		ran.Reject(key, "")
	}
	ran.Waits(waiting[0]).Approve(waiting[0]).Done()
	for i, o := range ran.Out.Outcomes {
		if o.ID != in.Tickets[i].ID || (o.Response == "") != (1 <= i && i < 8) {
			t.Errorf("outcome %d is %+v", i, o)
		}
	}
}

func TestHouse(t *testing.T) {
	housetest.NoFormatButTheSchema(t, Flow)
	housetest.Described(t, Flow)
	housetest.FillsInputs(t, Flow, map[string]string{`{"text":"x"}`: `{"text":"x"}`})
	housetest.RefusesInputs(t, Flow, map[string]string{
		`{}`:           "text",
		`{"text":" "}`: "text",
		`{"text":"x","tickets":[{"id":"1","text":"x"}]}`:            "text",
		`{"tickets":[{"id":"1","text":"x"},{"id":"1","text":"y"}]}`: `tickets[1].id: is "1", as that of tickets[0]`,
		`{"tickets":[{"id":"","text":"x"}]}`:                        "tickets[0].id",
		`{"tickets":[{"id":"1","text":""}]}`:                        "tickets[0].text",
	})
}

// The stand-in, well behaved and not, takes the flow to its end, or to a person.
func TestOffline(t *testing.T) {
	in := Input{Text: "How do I set the kettle to 80 degrees?"}
	for _, options := range []string{"", "?malformed=1", "?fail=1"} {
		pawltest.Run(t, Flow, in, housetest.Offline(options)).Done()
	}
	pawltest.Run(t, Flow, in, housetest.Offline("?reject=1")).Waits(key("ticket", "escalation"))
}

func TestAnswersOfAFile(t *testing.T) {
	in := Input{Tickets: []Ticket{{ID: "A-1", Text: "How hot?"}, {ID: "A-2", Text: "Where is it?"}, {ID: "A-3", Text: "My lawyer!"}}}
	ran := pawltest.Run(t, Flow, in, housetest.Offline("?answers=testdata/answers/three.json")).Waits(key("A-3", "escalation"))
	ran.Reject(key("A-3", "escalation"), "the lawyer answers").Done()
	if o := ran.Out.Outcomes; o[0].Response == "" || o[1].Failure == "" || o[2].Response != "" {
		t.Errorf("ends with %+v", o)
	}
}

func TestRecordedRuns(t *testing.T) { housetest.RecordedRuns(t, Flow) }
