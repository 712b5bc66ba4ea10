package temporal_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/internal/enginetest"
	"github.com/pawlrun/pawl/engine/temporal"
	"github.com/pawlrun/pawl/llm"
)

// TestTime: what runs wait for comes by Temporal's timers, also while no worker is there. The
// suite of engines, whose hours need a clock that a test can move, leaves that out here.
func TestTime(t *testing.T) { onServers(t, testTime) }

func testTime(t *testing.T) {
	const wait = 2 * time.Second // longer than a run is kept in memory for
	cases := []struct {
		name string
		code func(r *pawl.Run) (string, error)
		want string
	}{
		{"sleep", func(r *pawl.Run) (string, error) {
			began := r.Now()
			pawl.Sleep(r, "nap", wait)
			return fmt.Sprint(r.Now().Sub(began) >= wait), nil
		}, `"true"`},
		{"deadline", func(r *pawl.Run) (string, error) {
			yes := pawl.Approve(r, "yes", "a", "A?", pawl.ApproveAfter(wait))
			n := pawl.Input[int](r, "n", "N?", pawl.AnswerAfter(wait, 7))
			return fmt.Sprint(yes.Approved, yes.Expired, n), nil
		}, `"true true 7"`},
		{"branches", func(r *pawl.Run) (string, error) {
			out := pawl.Map(r, "naps", []int{0, 1, 2}, func(r *pawl.Run, i int) (int, error) {
				pawl.Sleep(r, "nap", wait+time.Duration(i)*100*time.Millisecond)
				return i, nil
			})
			return fmt.Sprint(out), nil
		}, `"[0 1 2]"`},
		{"transient", func(r *pawl.Run) (string, error) { return pawl.Ask(r, "flaky", text("A")), nil }, `"FLAKY"`},
	}
	m := &enginetest.Script{Replies: map[string][]any{"flaky": {&llm.Error{Kind: llm.Overloaded, Message: "busy"}, "FLAKY"}}}
	e := open(t, temporal.Options{Models: models(m), Model: "test/one"})
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			id := start(t, e, flow(c.name, c.code))
			rec := enginetest.Follow(t, e, id)
			for rec.Status == pawl.StatusWaiting { // for a person, whose deadline will pass
				for ev, err := range e.Events(t.Context(), id, rec.LastSeq) {
					if err != nil {
						t.Fatal(err)
					}
					_ = ev
				}
				rec = enginetest.Status(t, e, id)
			}
			if rec.Status != pawl.StatusDone || string(rec.Output) != c.want {
				t.Errorf("%s (%s) %s, want %s", rec.Status, rec.Reason, rec.Output, c.want)
			}
		})
	}
	t.Run("nobody is there", func(t *testing.T) {
		f := flow("asleep", cases[0].code)
		o := temporal.Options{Queue: "test-" + string(pawl.NewRunID()), Models: models(m), Model: "test/one", Flows: []pawl.Flow{f}}
		e := connect(t, o)
		id := start(t, e, f)
		for ev, err := range e.Events(t.Context(), id, 0) { // until it sleeps
			if err != nil {
				t.Fatal(err)
			}
			if ev.Type == pawl.EventReleased {
				break
			}
		}
		if err := e.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
		again := open(t, o)
		if rec := enginetest.Follow(t, again, id); rec.Status != pawl.StatusDone || string(rec.Output) != `"true"` {
			t.Errorf("%s (%s) %s", rec.Status, rec.Reason, rec.Output)
		}
	})
}
