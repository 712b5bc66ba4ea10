package view_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/view"
	"github.com/pawlrun/pawl/journal"
)

// listing is an engine that has runs, and notes with which limits they were asked for.
type listing struct {
	pawl.Engine
	runs   []pawl.RunSummary
	limits []int
}

func (l *listing) List(_ context.Context, f pawl.RunFilter) (list []pawl.RunSummary, err error) {
	l.limits = append(l.limits, f.Limit)
	for _, r := range l.runs {
		if (f.Flow == "" || f.Flow == r.Flow) && (len(f.Statuses) == 0 || slices.Contains(f.Statuses, r.Status)) && !r.CreatedAt.Before(f.Since) && (f.Limit <= 0 || len(list) < f.Limit) {
			list = append(list, r)
		}
	}
	return list, nil
}

func (l *listing) Get(_ context.Context, id pawl.RunID) (pawl.RunRecord, error) {
	return pawl.RunRecord{ID: id, Flow: "letter", Input: json.RawMessage(`{"topic":"t","token":""}`)}, nil
}

func (l *listing) Created(_ context.Context, ids []pawl.RunID) (map[pawl.RunID]journal.Created, error) {
	all := map[pawl.RunID]journal.Created{}
	for _, id := range ids {
		all[id] = journal.Created{Flow: "letter", Input: json.RawMessage(fmt.Sprintf(`{"topic":"About %s","token":"%s"}`, id, token))}
	}
	return all, nil
}

// A selection says how many there are beside those that are listed, reads no more than
// it has to, and finds no text that is hidden.
func TestSelect(t *testing.T) {
	noon := time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC)
	var runs []pawl.RunSummary // the newest first
	for i := range 9 {
		status := pawl.StatusDone
		if i%3 == 0 {
			status = pawl.StatusFailed
		}
		runs = append(runs, pawl.RunSummary{ID: pawl.RunID(fmt.Sprint("r", i)), Flow: "letter", Status: status, Reason: "why", CreatedAt: pawl.At(noon.Add(-time.Duration(i) * time.Hour))})
	}
	for _, tt := range []struct {
		name   string
		s      view.Selection
		want   string
		all    int
		limits string
	}{
		{"all", view.Selection{}, "r0 r1 r2 r3 r4 r5 r6 r7 r8", 9, "[0]"},
		{"limit", view.Selection{RunFilter: pawl.RunFilter{Limit: 2}}, "r0 r1", 9, "[3 0]"},
		{"limit that is enough", view.Selection{RunFilter: pawl.RunFilter{Limit: 9}}, "r0 r1 r2 r3 r4 r5 r6 r7 r8", 9, "[10]"},
		{"status", view.Selection{RunFilter: pawl.RunFilter{Limit: 2, Statuses: []pawl.Status{pawl.StatusFailed}}}, "r0 r3", 3, "[3 0]"},
		{"since", view.Selection{RunFilter: pawl.RunFilter{Since: noon.Add(-2 * time.Hour)}}, "r0 r1 r2", 3, "[0]"},
		{"text", view.Selection{RunFilter: pawl.RunFilter{Limit: 1, Text: "ABOUT R"}}, "r0", 9, "[0]"},
		{"text of one", view.Selection{RunFilter: pawl.RunFilter{Text: "about r4"}, Bare: true}, "r4", 1, "[0]"},
		{"hidden text", view.Selection{RunFilter: pawl.RunFilter{Text: token}}, "", 0, "[0]"},
	} {
		e := &listing{runs: append([]pawl.RunSummary(nil), runs...)}
		v := view.New(e, struct {
			journal.Reader
			*listing
		}{nil, e}, []pawl.Flow{letter})
		list, all, err := v.Select(t.Context(), tt.s)
		var ids []string
		for _, r := range list {
			ids = append(ids, string(r.ID))
		}
		if got := strings.Join(ids, " "); err != nil || got != tt.want || all != tt.all || fmt.Sprint(e.limits) != tt.limits {
			t.Errorf("%s: %s of %d with limits %v, %v; want %s of %d with %s", tt.name, got, all, e.limits, err, tt.want, tt.all, tt.limits)
		}
	}
}
