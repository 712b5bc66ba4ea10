package housetest_test

import (
	"testing"
	"testing/synctest"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/local"
	"github.com/pawlrun/pawl/flows"
	"github.com/pawlrun/pawl/flows/internal/housetest"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/llm"
)

// The example of each flow ends, or waits for a person, with the stand-in as it is and with
// one that says no, answers in broken JSON, in halves, or is overloaded at first.
func TestEachExampleEndsOrWaitsForAPerson(t *testing.T) {
	for _, options := range []string{"", "?reject=1", "?malformed=1", "?truncate=1", "?fail=1"} {
		for _, f := range flows.All() {
			t.Run(f.Name()+options, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) { endsOrWaits(t, f, options) })
			})
		}
	}
}

func endsOrWaits(t *testing.T, f pawl.Flow, options string) {
	e := local.New(&local.Options{Journal: journal.NewMemory(), Models: llm.Catalog{"test": housetest.Offline(options)}, Model: "test"})
	defer func() {
		if err := e.Close(t.Context()); err != nil {
			t.Errorf("close engine: %v", err)
		}
	}()
	id, err := e.Start(t.Context(), f, f.Describe().Example, nil)
	if err != nil {
		t.Fatal(err)
	}
	rec, err := e.Wait(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	if rec.Status != pawl.StatusDone && rec.Status != pawl.StatusWaiting {
		t.Errorf("is %s: %s", rec.Status, rec.Reason)
	}
	for _, b := range rec.Blockers {
		if b.Kind != pawl.BlockerApproval && b.Kind != pawl.BlockerInput {
			t.Errorf("waits at %s for %s: %s", b.Key, b.Kind, b.Question)
		}
	}
}
