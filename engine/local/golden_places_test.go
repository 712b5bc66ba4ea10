package local_test

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/local"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/llm"
)

// TestOlderPlaces: in a map that an older program began, branches that stand keep
// their places, from wherever the run goes on. Its flow's notes say in which order its
// code was executed.
func TestOlderPlaces(t *testing.T) {
	events := readGolden(t, goldenDir+"/places-v0.1.jsonl")
	var want []string
	for _, ev := range events {
		if ev.Type == pawl.EventNote {
			note, err := journal.Decode[journal.Note](ev)
			if err != nil {
				t.Fatal(err)
			}
			want = append(want, note.Text)
		}
	}
	opened := 1 + slices.IndexFunc(events, func(ev pawl.Event) bool { return ev.Type == pawl.EventScope })
	for n := opened; n < len(events); n += stride(false) {
		synctest.Test(t, func(t *testing.T) {
			var got []string
			f := goldenPlaces(func(what string) { got = append(got, what) })
			e := local.New(&local.Options{Journal: stored(t, events[:n]), Models: llm.Catalog{"test": &oracle{calls: map[pawl.Key]int{}}}, Flows: []pawl.Flow{f}, Evict: 1 << 60})
			defer e.Close(t.Context())
			resume(t, e, events[0].Run)
			if rec := end(t, e, events[0].Run); rec.Status != pawl.StatusDone {
				t.Fatalf("with the first %d events the run is %s: %+v", n, rec.Status, rec.Error)
			}
			under := 0
			for _, what := range got {
				switch {
				case strings.HasPrefix(what, "begins part "):
				case strings.HasPrefix(what, "begins "):
					under++
				case strings.HasPrefix(what, "ends "):
					under--
				}
				if under > 2 {
					t.Fatalf("with the first %d events there are more than two items under way at %q in %q", n, what, got)
				}
			}
			replayed := 0
			for _, ev := range events[:n] {
				if ev.Type == pawl.EventNote {
					replayed++
				}
			}
			if d := cmp.Diff(want[:replayed], got[:replayed]); d != "" {
				t.Errorf("with the first %d events flow code was executed in another order (-recorded +now):\n%s", n, d)
			}
		})
	}
}
