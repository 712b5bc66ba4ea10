package enginetest

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pawlrun/pawl"
)

// placesAreForWork: in a map of 40 with three places ten items wait for a person, and
// the other 30 get done. Each that is decided about goes on in its turn, also in an
// engine that was opened meanwhile, whose flow code is executed in the same order.
func placesAreForWork(t *testing.T, open store) {
	m := &Script{Latency: 200 * time.Millisecond}
	var order, before []string // in this execution, and in the one before
	f := pawl.New("letters", "Write letters.", func(r *pawl.Run, in Topic) (int, error) {
		before, order = order, nil
		items := make([]int, 40)
		for i := range items {
			items[i] = i
		}
		return len(pawl.Map(r, "letters", items, func(r *pawl.Run, i int) (string, error) {
			order = append(order, fmt.Sprint("begins ", i))
			if i%4 == 1 {
				pawl.Approve(r, "may", i, "Write it?")
				order = append(order, fmt.Sprint("goes on ", i))
			}
			return pawl.Ask(r, "write", Text("Writing")), nil
		}, pawl.Limit(3))), nil
	})
	again := func() { // with new memory
		t.Helper()
		settle(t) // flow code is not at it
		if n := min(len(before), len(order)); !slices.Equal(before[:n], order[:n]) {
			t.Fatalf("flow code was executed as\n%s\nthen as\n%s", strings.Join(before, "\n"), strings.Join(order, "\n"))
		}
	}
	e := open(m, f)
	rec := Finish(t, e, f)
	if done := strings.Count(Keys(rec), "write:done"); rec.Status != pawl.StatusWaiting || len(rec.Blockers) != 10 || done != 30 {
		t.Fatalf("run is %s, %d are done, %d wait for a person", rec.Status, done, len(rec.Blockers))
	}
	for i, b := range rec.Blockers {
		if i%3 == 0 {
			e = open(m, f)
		}
		Decide(t, e, rec.ID, pawl.Decision{Key: b.Key, What: pawl.DecideApprove})
		if i%2 == 1 {
			pass(500 * time.Millisecond)
			again()
		}
	}
	rec = Follow(t, e, rec.ID)
	again()
	if rec.Status != pawl.StatusDone || len(m.Requests) != 40 || m.Most != 3 {
		t.Errorf("run is %s, %d calls, at most %d at once", rec.Status, len(m.Requests), m.Most)
	}
	var went string
	for _, s := range order {
		if i, found := strings.CutPrefix(s, "goes on"); found {
			went += i
		}
	}
	if want := " 1 5 9 13 17 21 25 29 33 37"; went != want {
		t.Errorf("they went on as%s, want%s", went, want)
	}
}

// oneAfterAnother: in order, none begins before the one ahead of it has ended.
func oneAfterAnother(t *testing.T, open store) {
	m := &Script{}
	var order []string
	f := pawl.New("chapters", "Write chapters.", func(r *pawl.Run, in Topic) (string, error) {
		order = nil
		pawl.Map(r, "chapters", []int{1, 2, 3}, func(r *pawl.Run, i int) (int, error) {
			order = append(order, fmt.Sprint("begins ", i))
			if i == 2 {
				pawl.Sleep(r, "rest", 3*time.Second)
				pawl.Approve(r, "ok", i, "Good?")
			}
			pawl.Ask(r, "write", Text("Writing"))
			order = append(order, fmt.Sprint("ends ", i))
			return i, nil
		}, pawl.InOrder)
		return strings.Join(order, ", "), nil
	})
	e := open(m, f)
	id := Start(t, e, f)
	rec := Follow(t, e, id)
	if rec.Status != pawl.StatusWaiting || len(rec.Blockers) != 1 || len(m.Requests) != 1 {
		t.Fatalf("run is %s: %s", rec.Status, Keys(rec))
	}
	e = open(m, f)
	Decide(t, e, id, pawl.Decision{Key: "chapters[1]/ok", What: pawl.DecideApprove})
	rec = Follow(t, e, id)
	if want := `"begins 1, ends 1, begins 2, ends 2, begins 3, ends 3"`; string(rec.Output) != want {
		t.Errorf("run is %s: %s", rec.Status, rec.Output)
	}
}
