package sqlite

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/journal"
)

// A list must not read or sort all runs for the newest few: in a store of many it
// would get slower with each.
func TestListReadsNoMoreThanItShows(t *testing.T) {
	db := openDB(t)
	for _, tt := range []struct {
		filter pawl.RunFilter
		want   string // how SQLite finds the runs
	}{
		{pawl.RunFilter{Limit: 5}, "SCAN r"}, // by n, from its end
		{pawl.RunFilter{Flow: "article", Limit: 5}, "SEARCH r USING INDEX runs_flow (flow=?)"},
		{pawl.RunFilter{Prefix: "ab", Limit: 5}, "SEARCH r USING INDEX sqlite_autoindex_runs_1 (id>? AND id<?)"},
		{pawl.RunFilter{Prefix: "ab", Flow: "article", Limit: 5}, "SEARCH r USING INDEX sqlite_autoindex_runs_1 (id>? AND id<?)"},
		{pawl.RunFilter{Base: "ab", Program: "shop", Current: true}, "SEARCH r USING INDEX runs_base (base=?)"},
		{pawl.RunFilter{Program: "shop", Limit: 5}, "SCAN r"},
		{pawl.RunFilter{Flow: "article", Statuses: []pawl.Status{pawl.StatusDone, pawl.StatusFailed}, Limit: 5}, "SEARCH r USING INDEX runs_flow (flow=?)"},
	} {
		query, args := listQuery(tt.filter)
		steps := strings.Split(plan(t, db, query, args...), "\n")
		sorts := strings.Contains(strings.Join(steps, "\n"), "TEMP B-TREE")
		if steps[0] != tt.want || sorts != (tt.filter.Prefix != "") {
			t.Errorf("%+v: SQLite plans %q, wants %q first", tt.filter, steps, tt.want)
		}
	}
}

// Runs of some statuses are found by each of them, and of each no more is read than shown.
func TestListFindsStatuses(t *testing.T) {
	db := openDB(t)
	for _, f := range []pawl.RunFilter{
		{Statuses: []pawl.Status{pawl.StatusFailed}, Limit: 5},
		{Statuses: []pawl.Status{pawl.StatusFailed, pawl.StatusWaiting}, Flow: "article", Program: "shop", Limit: 5},
	} {
		query, args := listQuery(f)
		steps := plan(t, db, query, args...)
		if n := strings.Count(steps, "USING COVERING INDEX runs_status (status=?)") + strings.Count(steps, "USING INDEX runs_status (status=?)"); n != len(f.Statuses) || strings.Contains(steps, "SCAN r\n") {
			t.Errorf("%+v: SQLite plans\n%s", f, steps)
		}
	}
}

func TestCreatedTellsHowRunsBegan(t *testing.T) {
	db := openDB(t)
	inputs := map[pawl.RunID]string{"r1": `{"topic":"tides"}`, "r2": fmt.Sprintf(`{"topic":%q}`, strings.Repeat("x", 1<<20)), "r3": `{"topic":"moons"}`}
	for id, input := range inputs {
		if _, err := db.Create(t.Context(), journal.NewRun{ID: id}, []journal.Draft{{Type: pawl.EventCreated, Body: journal.Created{Flow: string(id), Input: json.RawMessage(input)}}}); err != nil {
			t.Fatal(err)
		}
	}
	created, err := db.Created(t.Context(), []pawl.RunID{"r2", "none", "r1"})
	if err != nil || len(created) != 2 {
		t.Fatal(len(created), err)
	}
	for id, c := range created {
		if c.Flow != string(id) || string(c.Input) != inputs[id] {
			t.Errorf("run %s began as %.200v", id, c)
		}
	}
	if created, err := db.Created(t.Context(), nil); err != nil || len(created) != 0 {
		t.Error(created, err)
	}
}
