package mask_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/mask"
)

func TestLearnStep(t *testing.T) {
	torn, down := "not json", `{"pin":"4711","list":["a \"quoted\" one"]}`
	m := mask.Of(flow)
	m.Learn([]byte(`{"token":"abcdef"}`), nil)
	m.LearnStep(pawl.StepRecord{Sensitive: true, Output: []byte(`{"pin":"4712","n":1}`), Attempts: []pawl.Attempt{{}, {Raw: &torn}, {Raw: &down}}})
	m.LearnStep(pawl.StepRecord{Output: []byte(`{"word":"plain"}`)})
	m.LearnStep(pawl.StepRecord{Sensitive: true, Output: []byte("null")})
	got := m.Line(`abcdef 4711 4712 plain a "quoted" one, not json`)
	if want := "*** *** *** plain ***, not json"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// A proposal with a sensitive field is hidden, and what it says is found in
// questions, purposes and comments. Who decided stays.
func TestSensitiveProposal(t *testing.T) {
	plain := pawl.New("plain", "Has none.", func(*pawl.Run, nothing) (int, error) { return 0, nil })
	secret := json.RawMessage(`{"pin":"walrus-4711"}`)
	rec := pawl.RunRecord{
		Input: json.RawMessage("1"), Output: json.RawMessage("null"), Reason: "Open with walrus-4711?",
		Blockers: []pawl.Blocker{{Key: "open", Question: "Open with walrus-4711?", Proposal: secret, Sensitive: true}},
		Steps: []pawl.StepRecord{
			{Key: "open", Kind: pawl.KindApprove, Purpose: "Open with walrus-4711?", Sensitive: true, Output: json.RawMessage("null")},
			{Key: "was", Kind: pawl.KindApprove, Purpose: "Was it?", Sensitive: true, Output: json.RawMessage(`{"approved":true,"value":{"pin":"penguin-08"},"who":"anna"}`)},
		},
		Decisions: []pawl.Decision{{Key: "was", Who: "anna", Comment: "penguin-08 is fine", Value: json.RawMessage(`{"pin":"penguin-08"}`)}},
	}
	got := mask.Of(plain).Record(rec)
	raw, err := json.Marshal(got)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []string{"walrus", "penguin"} {
		if strings.Contains(string(raw), s) {
			t.Errorf("%s is shown in %s", s, raw)
		}
	}
	if got.Decisions[0].Who != "anna" || got.Decisions[0].Comment != "*** is fine" || got.Blockers[0].Question != "Open with ***?" {
		t.Errorf("got %s", raw)
	}
	if string(rec.Decisions[0].Value) != `{"pin":"penguin-08"}` || string(rec.Blockers[0].Proposal) != string(secret) {
		t.Error("the record itself was changed")
	}
	m := mask.Of(plain)
	for _, ev := range []pawl.Event{
		{Type: pawl.EventBlocker, Key: "open", Body: []byte(`{"proposal":{"pin":"walrus-4711"},"question":"walrus-4711?","step":{"sensitive":true}}`)},
		{Type: pawl.EventDecision, Key: "open", Body: []byte(`{"value":{"pin":"penguin-08"},"who":"anna","comment":"not walrus-4711 but penguin-08"}`)},
	} {
		if s := string(m.Event(ev).Body); strings.Contains(s, "walrus") || strings.Contains(s, "penguin") {
			t.Errorf("the event shows %s", s)
		}
	}
}
