package temporal

import (
	"slices"
	"testing"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/internal/enginetest"
	"github.com/pawlrun/pawl/internal/temporaltest"
	"github.com/pawlrun/pawl/llm"
)

// TestStanding: who starts a worker is told of which build it is, and of workers of others as long
// as these have workers and runs.
func TestStanding(t *testing.T) { temporaltest.Each(t, testStanding) }

func testStanding(t *testing.T, s *temporaltest.Server) {
	f := testFlow("asks", func(r *pawl.Run) (string, error) { return pawl.Input[string](r, "who", "Who?"), nil })
	open := deployed(t, s, Options{Models: llm.Catalog{"test": asker(nil)}, Flows: []pawl.Flow{f}})
	one, two := open("one"), open("two")
	roles(t, one, lasting)
	said := func(e *Engine) []string {
		t.Helper()
		lines, err := e.Standing(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return lines
	}
	own := func(build string, e *Engine) []string {
		return []string{"build " + build + ", task queue " + e.keeper.queue}
	}
	if got := said(two); !slices.Equal(got, own("two", two)) {
		t.Errorf("without runs: %q", got)
	}
	enginetest.Follow(t, one, enginetest.Start(t, one, f))
	want := append(own("two", two), "workers of other builds are there, which keep their runs: task queue "+one.keeper.queue+" has 1 worker and 1 run")
	for got := said(two); !slices.Equal(got, want); got = said(two) {
		if len(got) > 1 { // the list lags behind, and has it or has it not
			t.Fatalf("%q, want %q", got, want)
		}
	}
	if got := said(one); !slices.Equal(got, own("one", one)) {
		t.Errorf("of itself: %q", got)
	}
	closed(t, one)
	if got := said(two); !slices.Equal(got, own("two", two)) {
		t.Errorf("when the other is gone: %q", got)
	}
}
