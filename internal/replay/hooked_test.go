package replay_test

import (
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
		blocker journal.Blocker
		want    bool
	}{
		"event":             {journal.Blocker{Kind: pawl.BlockerEvent}, true},
		"input":             {journal.Blocker{Kind: pawl.BlockerInput, Who: "an editor"}, true},
		"input not by anna": {journal.Blocker{Kind: pawl.BlockerInput, NotBy: []string{"anna"}}, false},
		"approval":          {journal.Blocker{Kind: pawl.BlockerApproval}, false},
		"unknown outcome":   {journal.Blocker{Kind: pawl.BlockerUnknown}, false},
		"budget":            {journal.Blocker{Kind: pawl.BlockerBudget}, false},
	} {
		st := blockedBy(t, c.blocker)
		if got := st.Hooked("why"); got != c.want || st.Hooked("other") {
			t.Errorf("%s: a program may answer it: %v", name, got)
		}
		refusal := ""
		news, err := st.Deliverable(pawl.Decision{Key: "why", What: pawl.DecideAnswer, Who: "delivery 1", Delivery: "1", Digest: "0011"})
		if err != nil {
			refusal = err.Error()
		}
		if !news || (refusal == "") != c.want || c.blocker.NotBy != nil && !strings.Contains(refusal, "is for people to decide") {
			t.Errorf("%s: news %v, %q", name, news, refusal)
		}
	}
}

// blockedBy is a run of which one step, why, stands at a blocker.
func blockedBy(t *testing.T, b journal.Blocker) *replay.State {
	t.Helper()
	b.Question, b.Digest, b.Step = "Why?", "sha256:0011", &journal.Step{Kind: pawl.KindInput, Digest: "sha256:0011"}
	events, _, err := journal.Seal(journal.Claim{Run: "0123456789ab"}, []journal.Draft{
		{Type: pawl.EventCreated, Body: journal.Created{Flow: "f", Input: []byte("1")}},
		{Type: pawl.EventClaimed, Body: journal.Claimed{Epoch: 1}},
		{Type: pawl.EventBlocker, Key: "why", Body: b},
	})
	if err != nil {
		t.Fatal(err)
	}
	return fold(t, events)
}
