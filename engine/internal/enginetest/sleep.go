package enginetest

import (
	"testing"
	"time"

	"github.com/pawlrun/pawl"
)

// Paused while it sleeps a run stays paused when its time has come; resumed it
// goes on at once.
func pauseWhileAsleep(t *testing.T, open store) {
	m := &Script{}
	both := pawl.New("both", "Sleeps beside a question.", func(r *pawl.Run, in Topic) (string, error) {
		pawl.Parallel(r, "p",
			pawl.Go("sleep", func(r *pawl.Run) error { pawl.Sleep(r, "s", 4*time.Second); pawl.Ask(r, "late", Text("L")); return nil }),
			pawl.Go("ask", func(r *pawl.Run) error { pawl.Ask(r, "a", Text("A")); return nil }))
		return "", nil
	})
	m.Latency = 2 * time.Second
	e := open(m)
	id := Start(t, e, both)
	Until(t, "a is asked", func() bool { return m.Calls("p/ask/a") == 1 })
	if err := e.Direct(t.Context(), id, pawl.Directive{What: pawl.DirectPause, Who: "me"}); err != nil {
		t.Fatal(err)
	}
	pass(6 * time.Second)
	if rec := Status(t, e, id); rec.Status != pawl.StatusPaused || m.Calls("p/sleep/late") != 0 {
		t.Fatalf("run is %s, %d late calls", rec.Status, m.Calls("p/sleep/late"))
	}
	began := time.Now()
	Resume(t, e, id)
	if rec := Follow(t, e, id); rec.Status != pawl.StatusDone {
		t.Errorf("run is %s (%s)", rec.Status, rec.Reason)
	}
	took(t, began, 2*time.Second, 2*time.Second)
}

// A failed step beside a sleeping one: the run sleeps on, then fails, and both
// can be gone on with.
func failureBesideASleep(t *testing.T, open store) {
	m := &Script{Replies: map[string][]any{"p/ask/a": {pawl.ErrGate}}}
	both := pawl.New("both", "Sleeps beside a failure.", func(r *pawl.Run, in Topic) (string, error) {
		pawl.Parallel(r, "p",
			pawl.Go("sleep", func(r *pawl.Run) error { pawl.Sleep(r, "s", 5*time.Second); pawl.Ask(r, "late", Text("L")); return nil }),
			pawl.Go("ask", func(r *pawl.Run) error { pawl.Ask(r, "a", Text("A")); return nil }))
		return "", nil
	})
	for _, early := range []bool{false, true} {
		e := open(m)
		m.Replies["p/ask/a"] = []any{pawl.ErrGate}
		id := Start(t, e, both)
		Until(t, "the run waits", func() bool { return Status(t, e, id).Status == pawl.StatusWaiting })
		if rec := Status(t, e, id); rec.Status != pawl.StatusWaiting || len(rec.Blockers) != 1 {
			t.Fatalf("run is %s (%s) with %d blockers", rec.Status, rec.Reason, len(rec.Blockers))
		}
		if early { // a decision that names nothing leaves it asleep
			if err := e.Decide(t.Context(), id, pawl.Decision{Key: "nope", What: pawl.DecideRetry}); err == nil {
				t.Error("a decision on nothing was taken")
			}
			if err := e.Decide(t.Context(), id, pawl.Decision{Key: "p/ask/a", What: pawl.DecideRetry, Who: "me"}); err != nil {
				t.Fatal(err)
			}
			if rec := Follow(t, e, id); rec.Status != pawl.StatusDone {
				t.Errorf("retried while it slept: run is %s (%s)", rec.Status, rec.Reason)
			}
			continue
		}
		if rec := Follow(t, e, id); rec.Status != pawl.StatusFailed || m.Calls("p/sleep/late") != 1 {
			t.Errorf("run is %s (%s), %d late calls", rec.Status, rec.Reason, m.Calls("p/sleep/late"))
		}
		Resume(t, e, id)
		if rec := Follow(t, e, id); rec.Status != pawl.StatusDone || m.Calls("p/sleep/late") != 1 {
			t.Errorf("resumed: run is %s (%s), %d late calls", rec.Status, rec.Reason, m.Calls("p/sleep/late"))
		}
	}
}

// A step that was a sleep and is now another kind stops the run.
func sleepMismatch(t *testing.T, open store) {
	m := &Script{}
	f := func(asks bool) pawl.Flow {
		return pawl.New("f", "Sleeps or asks.", func(r *pawl.Run, in Topic) (string, error) {
			if asks {
				return pawl.Ask(r, "x", Text("X")), nil
			}
			pawl.Sleep(r, "x", 3*time.Second)
			return "", nil
		})
	}
	e := open(m, f(false))
	id := Start(t, e, f(false))
	Until(t, "it sleeps", func() bool { return Status(t, e, id).Status == pawl.StatusWaiting })
	e = open(m, f(true))
	Resume(t, e, id)
	if rec := Follow(t, e, id); rec.Status != pawl.StatusFailed || rec.Error.Kind != pawl.ErrMismatch || len(m.Requests) != 0 {
		t.Errorf("run is %s: %+v", rec.Status, rec.Error)
	}
}

// A sleep lasts as long as it says, in a branch too, and its siblings do not wait.
func sleeps(t *testing.T, open store) {
	m := &Script{Latency: time.Second}
	f := pawl.New("naps", "Sleeps.", func(r *pawl.Run, in Topic) (string, error) {
		pawl.Ask(r, "a", Text("A"))
		pawl.Sleep(r, "nap", 3*time.Second)
		pawl.Parallel(r, "p",
			pawl.Go("x", func(r *pawl.Run) error { pawl.Sleep(r, "nap", 2*time.Second); return nil }),
			pawl.Go("y", func(r *pawl.Run) error { pawl.Ask(r, "b", Text("B")); return nil }))
		return pawl.Ask(r, "c", Text("C")), nil
	})
	rec := Finish(t, open(m, f), f)
	if rec.Status != pawl.StatusDone || Keys(rec) != "a:done nap:done p:done p/x/nap:done p/y/b:done c:done" || len(m.Requests) != 3 {
		t.Fatalf("run is %s (%s), %s, %d calls", rec.Status, rec.Reason, Keys(rec), len(m.Requests))
	}
	if nap := rec.Steps[1]; nap.Kind != pawl.KindSleep || nap.EndedAt.Sub(nap.StartedAt.Time) < 3*time.Second {
		t.Errorf("it slept from %v to %v", nap.StartedAt, nap.EndedAt)
	}
}
