package temporal_test

import (
	"encoding/json"
	"testing"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/temporal"
	"github.com/pawlrun/pawl/flows"
	"github.com/pawlrun/pawl/internal/replay"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/llm"
	"github.com/pawlrun/pawl/llm/offline"
)

var _ = replay.MaxUnknown

// TestBuiltin: the built-in flows run, with the stand-in for a model.
func TestBuiltin(t *testing.T) { onServers(t, testBuiltin) }

func testBuiltin(t *testing.T) {
	e := open(t, temporal.Options{Models: llm.Catalog{"offline": offline.Model{}}, Model: "offline", Flows: flows.All()})
	for _, f := range flows.All() {
		t.Run(f.Name(), func(t *testing.T) {
			id, err := e.Start(t.Context(), f, f.Describe().Example, nil)
			if err != nil {
				t.Fatal(err)
			}
			for {
				rec, err := e.Wait(t.Context(), id)
				if err != nil {
					t.Fatal(err)
				}
				if rec.Status != pawl.StatusWaiting {
					if rec.Status != pawl.StatusDone {
						t.Fatalf("%s: %s", rec.Status, rec.Reason)
					}
					break
				}
				for _, b := range rec.Blockers {
					d := pawl.Decision{Key: b.Key, What: pawl.DecideApprove, Who: "anna", Digest: b.Digest}
					if b.Kind != pawl.BlockerApproval {
						t.Fatalf("stands at %s %q", b.Kind, b.Question)
					}
					if err := e.Decide(t.Context(), id, d); err != nil {
						t.Fatal(err)
					}
				}
			}
			var events []pawl.Event
			for ev, err := range e.Events(t.Context(), id, 0) {
				if err != nil {
					t.Fatal(err)
				}
				events = append(events, ev)
			}
			if err := journal.Verify(events); err != nil {
				t.Error(err)
			}
		})
	}
}

var _ = json.Valid
