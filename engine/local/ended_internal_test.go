package local

import (
	"context"
	"encoding/json"
	"fmt"
	"runtime"
	"testing"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/internal/exec"
	"github.com/pawlrun/pawl/internal/checktest"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/llm"
)

// TestEndedHereIsThatRun: whoever waited for a run that was removed since is not told of it as
// the one that has its id now, and that one is not told of as the other.
func TestEndedHereIsThatRun(t *testing.T) {
	release := make(chan struct{})
	f := pawl.New("counts", "Counts.", func(r *pawl.Run, in struct{ N int }) (int, error) {
		return pawl.Do(r, "held", in.N, func(_ context.Context, n int) (int, error) { <-release; return n, nil }), nil
	})
	const id = "000000000000"
	j := checktest.Memory(t)
	e := New(&Options{Journal: j, Model: "test/one", Models: llm.Catalog{"test": nil}, Flows: []pawl.Flow{f}})
	defer e.Close(context.Background())
	ran := func(n int) *exec.Run {
		t.Helper()
		if _, err := e.Start(t.Context(), f, json.RawMessage(fmt.Sprintf(`{"N":%d}`, n)), &pawl.StartOptions{ID: id}); err != nil {
			t.Fatal(err)
		}
		r := e.run(id)
		if r == nil || e.endedHere(r) != nil {
			t.Fatalf("the run is held, and counts as ended: %v", r)
		}
		release <- struct{}{}
		for { // it may be asked at any time
			if st := e.endedHere(r); st != nil {
				e.cache.put(st) // for who asks next
				return r
			}
			runtime.Gosched()
		}
	}
	first := ran(1)
	if _, err := j.Remove(t.Context(), journal.Shown{Run: id}); err != nil {
		t.Fatal(err)
	}
	second := ran(2)
	if st := e.endedHere(first); st != nil {
		t.Errorf("who waited for the first run is told %s", st.Record().Output)
	}
	st := e.endedHere(second)
	if st == nil || string(st.Record().Output) != "2" {
		t.Fatalf("who waited for the second run is told %+v", st)
	}
	if st := e.endedHere(second); st != nil { // it was given away
		t.Errorf("a second one is told %+v, which is the first one's", st)
	}
	if rec, err := e.Wait(t.Context(), id); err != nil || string(rec.Output) != "2" {
		t.Errorf("who waits now: %s, %v", rec.Output, err)
	}
}
