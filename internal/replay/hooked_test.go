package replay_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/replay"
	"github.com/pawlrun/pawl/journal"
)

// A program answers what anybody may answer. Where the flow says which people may not,
// nobody knows on whose behalf a program does.
func TestHooked(t *testing.T) {
	for name, c := range map[string]struct {
		blocker pawl.Blocker
		want    bool
	}{
		"event":              {pawl.Blocker{Kind: pawl.BlockerEvent}, true},
		"input":              {pawl.Blocker{Kind: pawl.BlockerInput, Who: "an editor"}, true},
		"input not by anna":  {pawl.Blocker{Kind: pawl.BlockerInput, NotBy: []string{"anna"}}, false},
		"approval":           {pawl.Blocker{Kind: pawl.BlockerApproval}, false},
		"failure of a step":  {pawl.Blocker{Kind: pawl.BlockerFailure}, false},
		"budget that is out": {pawl.Blocker{Kind: pawl.BlockerBudget}, false},
	} {
		if got := replay.Hooked(c.blocker); got != c.want {
			t.Errorf("%s: a program may answer it: %v", name, got)
		}
	}
	for name, notBy := range map[string][]string{"anybody": nil, "not anna": {"anna"}} {
		events, _, err := journal.Seal(journal.Claim{Run: "0123456789ab"}, []journal.Draft{
			{Type: pawl.EventCreated, Body: journal.Created{Flow: "f", Input: []byte("1")}},
			{Type: pawl.EventClaimed, Body: journal.Claimed{Epoch: 1}},
			{Type: pawl.EventBlocker, Key: "why", Body: journal.Blocker{
				Kind: pawl.BlockerInput, Question: "Why?", Digest: "sha256:0011", NotBy: notBy, Step: &journal.Step{Kind: pawl.KindInput, Digest: "sha256:0011"}}},
		})
		if err != nil {
			t.Fatal(err)
		}
		st := fold(t, events)
		news, err := st.Deliverable(pawl.Decision{Key: "why", What: pawl.DecideAnswer, Who: "delivery 1", Delivery: "1", Digest: "0011"})
		if refused := errors.Is(err, pawl.ErrConflict) && strings.Contains(err.Error(), "is for people to decide"); !news || refused != (notBy != nil) || err != nil && !refused {
			t.Errorf("%s: news %v, %v", name, news, err)
		}
	}
}
