package local_test

import (
	"testing"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/local"
	"github.com/pawlrun/pawl/journal"
)

// A list by status goes by how runs stand, and not by what is stored of one whose process
// died; as many are listed as may be.
func TestListByStatus(t *testing.T) {
	j := journal.NewMemory()
	defer j.Close()
	e := local.New(&local.Options{Journal: j})
	for id, status := range map[pawl.RunID]pawl.Status{"held": pawl.StatusRunning, "lost": pawl.StatusRunning, "stopped": pawl.StatusPausing, "over": pawl.StatusDone} {
		c, err := j.Create(t.Context(), journal.NewRun{ID: id, Flow: "f", Summary: journal.Summary{Status: status}}, []journal.Draft{{Type: pawl.EventCreated, Body: journal.Created{Flow: "f"}}})
		if err == nil && id != "held" {
			err = j.Release(t.Context(), c)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	for status, want := range map[pawl.Status]pawl.RunID{pawl.StatusRunning: "held", pawl.StatusQueued: "lost", pawl.StatusPaused: "stopped", pawl.StatusDone: "over", pawl.StatusPausing: ""} {
		for limit := range 3 {
			list, err := e.List(t.Context(), pawl.RunFilter{Statuses: []pawl.Status{status}, Limit: limit})
			if err != nil || want == "" && len(list) != 0 || want != "" && (len(list) != 1 || list[0].ID != want) {
				t.Errorf("%s with limit %d: %+v, %v", status, limit, list, err)
			}
		}
	}
}
