package local_test

import (
	"encoding/json"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/checktest"
	"github.com/pawlrun/pawl/llm"
)

// twoDesks asks two people at once, the first under a name, and then a third.
func twoDesks(first string) pawl.Flow {
	return pawl.New("desks", "Asks at two desks.", func(r *pawl.Run, in topic) (string, error) {
		pawl.Parallel(r, "desks",
			pawl.Go("a", func(r *pawl.Run) error { pawl.Approve(r, first, "x", "OK?"); return nil }),
			pawl.Go("b", func(r *pawl.Run) error { pawl.Approve(r, "ok", "x", "OK?"); return nil }))
		pawl.Approve(r, "last", "x", "OK?")
		return "done", nil
	})
}

func approves(key pawl.Key) pawl.Decision {
	return pawl.Decision{Key: key, What: pawl.DecideApprove, Who: "anna"}
}

// openKeys are the keys of what stands in a run's way.
func openKeys(rec pawl.RunRecord) (keys []pawl.Key) {
	for _, b := range rec.Blockers {
		keys = append(keys, b.Key)
	}
	return keys
}

// TestScopeEndsWithdraw: a question that the flow asks no more is open until the branch
// that asked it has ended, and then in no inbox. Code that asks it again opens it anew.
func TestScopeEndsWithdraw(t *testing.T) {
	j := checktest.Memory(t)
	e := newEngine(j, &script{}, twoDesks("old"))
	id := start(t, e, twoDesks("old"))
	follow(t, e, id)
	e.Close(t.Context())
	stands := func(want ...pawl.Key) {
		t.Helper()
		rec := follow(t, e, id)
		if got := openKeys(rec); !slices.Equal(got, want) {
			t.Fatalf("run is %s (%s), open are %v, wants %v", rec.Status, rec.Reason, got, want)
		}
		inbox, err := e.Inbox(t.Context(), pawl.RunFilter{})
		if err != nil || len(inbox) != len(want) {
			t.Errorf("inbox %+v, %v", inbox, err)
		}
	}

	e = newEngine(j, &script{}, twoDesks("new"))
	resume(t, e, id)
	stands("desks/a/old", "desks/b/ok", "desks/a/new")
	decide(t, e, id, approves("desks/a/new"))
	stands("desks/b/ok")
	refused(t, e.Decide(t.Context(), id, approves("desks/a/old")), pawl.ErrConflict, `the flow does not ask for step "desks/a/old" any more`)
	e.Close(t.Context())

	e = newEngine(j, &script{}, twoDesks("old"))
	resume(t, e, id)
	stands("desks/b/ok", "desks/a/old")
	decide(t, e, id, approves("desks/a/old"))
	decide(t, e, id, approves("desks/b/ok"))
	stands("last")
	decide(t, e, id, approves("last"))
	if rec := follow(t, e, id); rec.Status != pawl.StatusDone {
		t.Errorf("run is %s (%s)", rec.Status, rec.Reason)
	}
}

// TestScopeEndsUnused: a decision that waited for a question within a scope is unused
// when that has ended, and one about the run's own steps when the run has.
func TestScopeEndsUnused(t *testing.T) {
	j := checktest.Memory(t)
	e := newEngine(j, &script{}, twoDesks("old"))
	id := start(t, e, twoDesks("old"))
	follow(t, e, id)
	if err := e.Record(t.Context(), id, approves("desks/a/old")); err != nil {
		t.Fatal(err)
	}
	e.Close(t.Context())
	says := func(key pawl.Key, waits, unused bool) {
		t.Helper()
		rec := follow(t, e, id)
		i := slices.IndexFunc(rec.Decisions, func(d pawl.Decision) bool { return d.Key == key })
		if i < 0 || rec.Decisions[i].Waits != waits || rec.Decisions[i].Unused != unused {
			t.Errorf("run is %s (%s), decisions %+v, wants that about %s to wait: %v, to be unused: %v", rec.Status, rec.Reason, rec.Decisions, key, waits, unused)
		}
	}
	e = newEngine(j, &script{}, twoDesks("new"))
	resume(t, e, id)
	says("desks/a/old", true, false)
	decide(t, e, id, approves("desks/a/new"))
	says("desks/a/old", false, true)
	decide(t, e, id, approves("desks/b/ok"))
	follow(t, e, id)
	if err := e.Record(t.Context(), id, approves("last")); err != nil {
		t.Fatal(err)
	}
	says("last", true, false)
	e.Close(t.Context())

	e = newEngine(j, &script{}, pawl.New("desks", "Asks nobody.", func(r *pawl.Run, in topic) (string, error) { return "done", nil }))
	resume(t, e, id)
	says("last", false, true)
	if rec := follow(t, e, id); rec.Status != pawl.StatusDone || len(rec.Blockers) != 0 {
		t.Errorf("run is %s (%s), %v", rec.Status, rec.Reason, openKeys(rec))
	}
}

// TestRecordedSupplyOfAMismatch: a result that is recorded for a step whose own answers
// another question counts when the flow asks.
func TestRecordedSupplyOfAMismatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j, m := checktest.Memory(t), &echo{refuse: map[string]error{"the end": &llm.Error{Kind: llm.Refused, Message: "no"}}}
		f, _ := about([]string{"cat"})
		e := identityEngine(j, m, f)
		id := start(t, e, f)
		follow(t, e, id)
		e.Close(t.Context())
		m.refuse = nil
		g, _ := about([]string{"dog"})
		e = identityEngine(j, m, g)
		resume(t, e, id)
		if rec := follow(t, e, id); len(rec.Blockers) != 1 || rec.Blockers[0].Kind != pawl.BlockerMismatch {
			t.Fatalf("run is %s (%s)", rec.Status, rec.Reason)
		}
		supply := pawl.Decision{Key: "items[0]/rate", What: pawl.DecideSupply, Who: "anna", Value: json.RawMessage(`"about dog"`)}
		if err := e.Record(t.Context(), id, supply); err != nil {
			t.Fatal(err)
		}
		resume(t, e, id)
		rec := follow(t, e, id)
		if len(rec.Blockers) != 1 || rec.Blockers[0].Key != "items[0]/note" || len(m.asked) != 2 {
			t.Errorf("run is %s (%s), asked %q", rec.Status, rec.Reason, m.asked)
		}
		decide(t, e, id, pawl.Decision{Key: "items[0]/note", What: pawl.DecideRetry})
		if rec = follow(t, e, id); rec.Status != pawl.StatusDone || string(rec.Output) != `"about dog"` {
			t.Errorf("run is %s (%s), %s", rec.Status, rec.Reason, rec.Output)
		}
	})
}

// TestRecordBesideAnExecution: whoever executes the run says what it makes of a decision
// that is only to be recorded; what it refuses is not lost.
func TestRecordBesideAnExecution(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := checktest.Memory(t)
		f := pawl.New("f", "F.", func(r *pawl.Run, in topic) (bool, error) {
			pawl.Sleep(r, "soon", 500*time.Millisecond) // the run is kept, and held
			return pawl.Approve(r, "ok", "x", "OK?").Approved, nil
		})
		e := newEngine(j, &script{}, f)
		id := start(t, e, f)
		synctest.Wait()
		other := newEngine(j, &script{}, f)
		refused(t, other.Record(t.Context(), id, approves("ok")), pawl.ErrConflict, `nothing stands in the way of step "ok"`)
		if rec := follow(t, e, id); rec.Status != pawl.StatusWaiting || len(rec.Decisions) != 0 {
			t.Errorf("run is %s (%s), decisions %+v", rec.Status, rec.Reason, rec.Decisions)
		}
	})
}
