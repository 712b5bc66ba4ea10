package replay_test

import (
	"errors"
	"testing"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/replay"
	"github.com/pawlrun/pawl/journal"
)

// TestNewerEventIsRefused: an event in a form that this program does not know is
// refused as such, by the fold and by the check of a history.
func TestNewerEventIsRefused(t *testing.T) {
	events, _, err := journal.Seal(journal.Claim{Run: "0123456789ab", Epoch: 1}, []journal.Draft{{Type: pawl.EventCreated, Body: journal.Created{Flow: "f", Input: []byte("{}")}}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := replay.Fold(events); err != nil {
		t.Fatal(err)
	}
	events[0].Version++
	if _, err := replay.Fold(events); !errors.Is(err, pawl.ErrDatabase) {
		t.Errorf("folded: %v", err)
	}
	if err := journal.Verify(events); err == nil || err.Error() != "event 1 of run 0123456789ab has version 2, this program knows 1" {
		t.Errorf("verified: %v", err)
	}
}
