package local_test

import (
	"context"
	"encoding/json"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/checktest"
	"github.com/pawlrun/pawl/llm"
)

var tomorrow = pawl.New("tomorrow", "Asks a person until tomorrow.", func(r *pawl.Run, in topic) (string, error) {
	a := pawl.Approve(r, "ok", "x", pawl.Asking{Question: "OK?", Deadline: 24 * time.Hour, Default: pawl.DecideReject})
	return "by " + a.Who, a.Err()
})

// Whoever follows a run that was decided before its deadline need not wait for that.
func TestFollowAfterDecidedDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newEngine(checktest.Memory(t), &script{})
		defer e.Close(t.Context())
		rec := finish(t, e, tomorrow)
		decide(t, e, rec.ID, pawl.Decision{Key: "ok", What: pawl.DecideApprove})
		synctest.Wait()
		soon, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		for _, err := range e.Events(soon, rec.ID, 0) {
			if err != nil {
				t.Fatal(err)
			}
		}
		if rec = status(t, e, rec.ID); rec.Status != pawl.StatusDone {
			t.Errorf("run is %s (%s)", rec.Status, rec.Reason)
		}

		rec = finish(t, e, tomorrow)
		direct(t, e, rec.ID, pawl.Directive{What: pawl.DirectPause})
		for _, err := range e.Events(soon, rec.ID, 0) {
			if err != nil {
				t.Fatal(err)
			}
		}
	})
}

// A decision that was recorded before the deadline counts, whenever it is carried
// out; one that was recorded after it does not.
func TestRecordedBeforeDeadline(t *testing.T) {
	for name, up := range map[string]bool{"engine up": true, "engine down": false} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				j := checktest.Memory(t)
				e := newEngine(j, &script{}, tomorrow)
				early, late := finish(t, e, tomorrow), finish(t, e, tomorrow)
				record := func(id pawl.RunID) {
					t.Helper()
					if err := e.Record(t.Context(), id, pawl.Decision{Key: "ok", What: pawl.DecideApprove, Who: "anna"}); err != nil {
						t.Fatal(err)
					}
				}
				record(early.ID)
				if !up {
					e.Close(t.Context())
				}
				time.Sleep(25 * time.Hour)
				if !up {
					record(late.ID)
					e = newEngine(j, &script{}, tomorrow)
					resume(t, e, early.ID)
					resume(t, e, late.ID)
				}
				defer e.Close(t.Context())
				if rec := follow(t, e, early.ID); rec.Status != pawl.StatusDone || string(rec.Output) != `"by anna"` {
					t.Errorf("recorded in time: run is %s (%s), %s", rec.Status, rec.Reason, rec.Output)
				}
				if rec := follow(t, e, late.ID); rec.Status != pawl.StatusCanceled || !rec.Decisions[0].Expired {
					t.Errorf("recorded late: run is %s (%s)", rec.Status, rec.Reason)
				}
			})
		})
	}
}

// A decision that is refused changes nothing: what was held back stays so.
func TestRefusedDecisionBeginsNothing(t *testing.T) {
	m := &script{replies: map[string][]any{"m[0]/a": {&llm.Error{Kind: llm.Auth}}}}
	f := pawl.New("f", "Asks thrice.", func(r *pawl.Run, in topic) (int, error) {
		pawl.Map(r, "m", []int{1, 2, 3}, func(r *pawl.Run, n int) (string, error) {
			if n > 1 {
				pawl.Do(r, "first", n, func(_ context.Context, n int) (int, error) { return n, nil })
			}
			return pawl.Ask(r, "a", text("A")), nil
		})
		return 1, nil
	})
	e := newEngine(checktest.Memory(t), m)
	rec := finish(t, e, f)
	if rec.Status != pawl.StatusFailed {
		t.Fatalf("run is %s (%s)", rec.Status, rec.Reason)
	}
	before := len(m.requests)
	refused(t, e.Decide(t.Context(), rec.ID, pawl.Decision{Key: "m[0]/a", What: pawl.DecideSupply, Value: json.RawMessage("3")}), pawl.ErrInput, "not a text")
	refused(t, e.Decide(t.Context(), rec.ID, pawl.Decision{Key: "m[0]/a", What: pawl.DecideSupply, Value: json.RawMessage("{bad")}), pawl.ErrInput, "not JSON")
	if now := follow(t, e, rec.ID); now.Status != rec.Status || now.Reason != rec.Reason || len(now.Blockers) != len(rec.Blockers) || len(m.requests) != before {
		t.Errorf("run is %s (%s), %d calls more", now.Status, now.Reason, len(m.requests)-before)
	}
	decide(t, e, rec.ID, pawl.Decision{Key: "m[0]/a", What: pawl.DecideSupply, Value: json.RawMessage(`"mine"`)})
	if now := follow(t, e, rec.ID); now.Status != pawl.StatusDone {
		t.Errorf("run is %s (%s)", now.Status, now.Reason)
	}
}
