package main

import (
	"context"
	"testing"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/local"
	"github.com/pawlrun/pawl/flows"
	"github.com/pawlrun/pawl/internal/checktest"
	"github.com/pawlrun/pawl/llm"
	"github.com/pawlrun/pawl/llm/offline"
)

// The demonstration runs come to what they are to show.
func TestDemonstrations(t *testing.T) {
	want := map[pawl.RunID]pawl.Status{"demo0000done": pawl.StatusDone, "demo0000gate": pawl.StatusWaiting, "demo0000fail": pawl.StatusFailed}
	j := checktest.Memory(t)
	e := local.New(&local.Options{Journal: j, Models: llm.Catalog{"offline": offline.Model{}}, Flows: flows.All()})
	defer e.Close(context.Background())
	for _, d := range demos {
		for _, f := range flows.All() {
			if f.Name() != d.Flow {
				continue
			}
			if _, err := e.Start(t.Context(), f, d.Input, &pawl.StartOptions{ID: d.ID, Model: d.Model}); err != nil {
				t.Fatal(err)
			}
			if rec, err := e.Wait(t.Context(), d.ID); err != nil || rec.Status != want[d.ID] {
				t.Errorf("%s is %s (%s), %v", d.ID, rec.Status, rec.Reason, err)
			}
			delete(want, d.ID)
		}
	}
	if len(want) > 0 {
		t.Errorf("%v are missing", want)
	}
}
