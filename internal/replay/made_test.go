package replay

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/limit"
)

// TestMadeIsApply: a state that was handed bodies is the one that read them.
func TestMadeIsApply(t *testing.T) {
	at := pawl.At(time.Date(2026, 1, 2, 3, 4, 5, 6_789_000, time.UTC))
	head := &journal.Step{Kind: pawl.KindDo, Purpose: "<Fetching>", Digest: "sha256:1"}
	raw := "said \xff so"
	drafts := []journal.Draft{
		{Type: pawl.EventCreated, Body: journal.Created{Flow: "f", Model: "m", Input: json.RawMessage(`{}`)}},
		{Type: pawl.EventScope, Key: "map", Body: journal.Scope{Step: journal.Step{Kind: pawl.KindMap, Purpose: "All"}, N: 2}},
		{Type: pawl.EventAttempt, Key: "map[0]/a", Body: journal.Attempt{Step: head, Number: 1, Outcome: pawl.OutcomeAccepted, Result: json.RawMessage(`{"a":"<&>"}`), StartedAt: at}},
		{Type: pawl.EventAttempt, Key: "map[1]/a", Body: journal.Attempt{Step: head, Number: 1, Outcome: pawl.OutcomeAccepted, Result: json.RawMessage(`{ "a": 1 }`), StartedAt: at}},
		{Type: pawl.EventAttempt, Key: "b", Body: journal.Attempt{Step: head, Number: 1, Outcome: pawl.OutcomeAccepted, Raw: &raw, StartedAt: at}},
		{Type: pawl.EventAttempt, Key: "c", Body: journal.Attempt{Step: head, Number: 1, Outcome: pawl.OutcomeFailed, Error: &journal.Failure{Kind: pawl.ErrStep, Message: "no"}, StartedAt: at}},
		{Type: pawl.EventScope, Key: "map", Body: journal.Scope{Step: journal.Step{Kind: pawl.KindMap, Purpose: "All"}, N: 2, Closed: true}},
	}
	events, _, err := journal.Seal(journal.Claim{Run: "r"}, drafts)
	if err != nil {
		t.Fatal(err)
	}
	var handed, read State
	for i, e := range events {
		if err := handed.Made(e, drafts[i].Body); err != nil {
			t.Fatal(err)
		}
		if err := read.Apply(e); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(read, handed, cmp.AllowUnexported(State{}, Step{}, Account{}, limit.Taken{}, allowance{}, stood{}), cmpopts.EquateEmpty()); diff != "" {
			t.Fatalf("after event %d, read and handed: %s", e.Seq, diff)
		}
	}
}

// TestMadeChecks: what Apply refuses is refused.
func TestMadeChecks(t *testing.T) {
	var st State
	if err := st.Made(pawl.Event{Type: pawl.EventScope, Key: "m"}, journal.Scope{}); err == nil {
		t.Error("a scope before created was taken")
	}
	events, _, err := journal.Seal(journal.Claim{Run: "r"}, []journal.Draft{{Type: pawl.EventCreated, Body: journal.Created{Input: json.RawMessage(`{}`)}}})
	if err == nil {
		err = st.Made(events[0], nil)
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := st.Made(pawl.Event{Type: pawl.EventScope}, journal.Scope{}); err == nil {
		t.Error("a scope without a key was taken")
	}
}
