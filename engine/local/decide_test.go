package local_test

import (
	"context"
	"encoding/json"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/internal/enginetest"
	"github.com/pawlrun/pawl/engine/local"
	"github.com/pawlrun/pawl/internal/checktest"
	"github.com/pawlrun/pawl/llm"
)

// A decision that is refused changes nothing: what was held back stays so.
func TestRefusedDecisionBeginsNothing(t *testing.T) {
	m := &script{Replies: map[string][]any{"m[0]/a": {&llm.Error{Kind: llm.Auth}}}}
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
	before := len(m.Requests)
	refused(t, e.Decide(t.Context(), rec.ID, pawl.Decision{Key: "m[0]/a", What: pawl.DecideSupply, Value: json.RawMessage("3")}), pawl.ErrInput, "not a text")
	refused(t, e.Decide(t.Context(), rec.ID, pawl.Decision{Key: "m[0]/a", What: pawl.DecideSupply, Value: json.RawMessage("{bad")}), pawl.ErrInput, "not JSON")
	if now := follow(t, e, rec.ID); now.Status != rec.Status || now.Reason != rec.Reason || len(now.Blockers) != len(rec.Blockers) || len(m.Requests) != before {
		t.Errorf("run is %s (%s), %d calls more", now.Status, now.Reason, len(m.Requests)-before)
	}
	decide(t, e, rec.ID, pawl.Decision{Key: "m[0]/a", What: pawl.DecideSupply, Value: json.RawMessage(`"mine"`)})
	if now := follow(t, e, rec.ID); now.Status != pawl.StatusDone {
		t.Errorf("run is %s (%s)", now.Status, now.Reason)
	}
}

// TestRefusedDecisionChangesNothing: deciding about nothing does not wake a run,
// and deciding about something does not end its pause.
func TestRefusedDecisionChangesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &script{Latency: time.Second, Replies: map[string][]any{"a": {&llm.Error{Kind: llm.Refused}}}}
		e := newEngine(checktest.Memory(t), m)
		rec := finish(t, e, abc)
		if err := e.Decide(t.Context(), rec.ID, pawl.Decision{Key: "nonsense", What: pawl.DecideRetry}); !errors.Is(err, pawl.ErrConflict) {
			t.Fatalf("decided about nothing: %v", err)
		}
		if again := follow(t, e, rec.ID); again.LastSeq != rec.LastSeq {
			t.Errorf("a refused decision added events %d to %d", rec.LastSeq, again.LastSeq)
		}
		id := start(t, e, abc)
		synctest.Wait()
		if err := e.Direct(t.Context(), id, pawl.Directive{What: pawl.DirectPause, Who: "me"}); err != nil {
			t.Fatal(err)
		}
		if rec = follow(t, e, id); rec.Status != pawl.StatusPaused {
			t.Fatalf("status %s", rec.Status)
		}
		calls := len(m.Requests)
		if err := e.Decide(t.Context(), id, pawl.Decision{Key: "a", What: pawl.DecideRetry}); !errors.Is(err, pawl.ErrConflict) {
			t.Fatalf("decided about nothing: %v", err)
		}
		time.Sleep(time.Minute)
		if rec = follow(t, e, id); rec.Status != pawl.StatusPaused || len(m.Requests) != calls {
			t.Errorf("%s after %d more calls", rec.Status, len(m.Requests)-calls)
		}
	})
}

// TestPausedStaysPausedAfterDecision: lifting a blocker of a paused run is
// recorded, and the run stays paused.
func TestPausedStaysPausedAfterDecision(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &script{Latency: time.Second, Replies: map[string][]any{"items[0]/w": {&llm.Error{Kind: llm.Refused}}}}
		f := pawl.New("two", "Two.", func(r *pawl.Run, in topic) (int, error) {
			pawl.Map(r, "items", []int{0, 1}, func(r *pawl.Run, _ int) (string, error) { return pawl.Ask(r, "w", text("W")), nil })
			return 1, nil
		})
		e := newEngine(checktest.Memory(t), m)
		id := start(t, e, f)
		synctest.Wait()
		if err := e.Direct(t.Context(), id, pawl.Directive{What: pawl.DirectPause, Who: "me"}); err != nil {
			t.Fatal(err)
		}
		if rec := follow(t, e, id); rec.Status != pawl.StatusPaused || len(rec.Blockers) != 1 {
			t.Fatalf("%s, blockers %+v", rec.Status, rec.Blockers)
		}
		if err := e.Decide(t.Context(), id, pawl.Decision{Key: "items[0]/w", What: pawl.DecideRetry}); err != nil {
			t.Fatal(err)
		}
		if rec := follow(t, e, id); rec.Status != pawl.StatusPaused || len(rec.Blockers) != 0 || m.Calls("items[0]/w") != 1 {
			t.Fatalf("%s, blockers %+v", rec.Status, rec.Blockers)
		}
		resume(t, e, id)
		if rec := follow(t, e, id); rec.Status != pawl.StatusDone {
			t.Errorf("%s", rec.Status)
		}
	})
}

// TestBlockerIsLiftedOnce: of two decisions at once one wins.
func TestBlockerIsLiftedOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &script{Latency: time.Second, Replies: map[string][]any{"b": {&llm.Error{Kind: llm.Refused}}}}
		e := newEngine(checktest.Memory(t), m)
		rec := finish(t, e, abc)
		errs := make(chan error, 2)
		for range 2 {
			go func() { errs <- e.Decide(t.Context(), rec.ID, pawl.Decision{Key: "b", What: pawl.DecideRetry}) }()
		}
		first, second := <-errs, <-errs
		if (first == nil) == (second == nil) {
			t.Errorf("both got the same: %v, %v", first, second)
		}
		if rec = follow(t, e, rec.ID); rec.Status != pawl.StatusDone || len(rec.Decisions) != 1 {
			t.Errorf("%s with %d decisions", rec.Status, len(rec.Decisions))
		}
	})
}

// While the flow itself stands still nothing else of it can be decided, and the
// refusal says so; once it is mended all goes on.
func TestDecideBesideABug(t *testing.T) {
	bug := true
	f := pawl.New("f", "Asks beside a bug.", func(r *pawl.Run, in topic) (string, error) {
		pawl.Parallel(r, "p",
			pawl.Go("a", func(r *pawl.Run) error {
				pawl.Approve(r, "ok", "x", "OK?")
				pawl.Approve(r, "sure", "x", "Sure?")
				return nil
			}),
			pawl.Go("b", func(r *pawl.Run) error {
				pawl.Ask(r, "s", text("S"))
				if bug {
					return errors.New("a bug")
				}
				return nil
			}))
		return pawl.Ask(r, "b", text("B")), nil
	})
	e := newEngine(checktest.Memory(t), &script{})
	rec := finish(t, e, f)
	if rec.Status != pawl.StatusFailed || len(rec.Blockers) != 2 {
		t.Fatalf("run is %s (%s), %+v", rec.Status, rec.Reason, rec.Blockers)
	}
	enginetest.CheckStanding(t, e, rec)
	for range 2 { // whether the bug is there or not
		refused(t, e.Decide(t.Context(), rec.ID, pawl.Decision{Key: "p/a/ok", What: pawl.DecideApprove}), pawl.ErrConflict, "the flow itself")
		bug = false
	}
	if now := status(t, e, rec.ID); now.LastSeq != rec.LastSeq {
		t.Errorf("a refused decision added %d events", now.LastSeq-rec.LastSeq)
	}
	decide(t, e, rec.ID, pawl.Decision{What: pawl.DecideRetry})
	for _, key := range []pawl.Key{"p/a/ok", "p/a/sure"} {
		if rec = follow(t, e, rec.ID); rec.Status != pawl.StatusWaiting || len(rec.Blockers) != 1 {
			t.Fatalf("run is %s (%s), %+v", rec.Status, rec.Reason, rec.Blockers)
		}
		decide(t, e, rec.ID, pawl.Decision{Key: key, What: pawl.DecideApprove})
	}
	if rec = follow(t, e, rec.ID); rec.Status != pawl.StatusDone {
		t.Errorf("run is %s (%s)", rec.Status, rec.Reason)
	}
}

// Who decides may lack what it takes to execute the run: a worker that offers to,
// and is busy, carries the decision out when it can.
func TestDecideWithoutTheModel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j, m := checktest.Memory(t), &script{Latency: time.Minute}
		e := newEngine(j, m, publish, twoAsks)
		rec := finish(t, e, publish)
		if _, err := e.Start(t.Context(), twoAsks, json.RawMessage(`{}`), &pawl.StartOptions{Queue: true}); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		done := make(chan error)
		go func() { done <- e.Work(ctx, &local.WorkOptions{Limit: 1}) }()
		time.Sleep(time.Second) // it has taken the other run up
		desk := local.New(&local.Options{Journal: j, Model: "none/such", Flows: []pawl.Flow{publish}})
		began := time.Now()
		decide(t, desk, rec.ID, pawl.Decision{Key: "publish", What: pawl.DecideApprove})
		if took := time.Since(began); took < time.Minute {
			t.Errorf("it was carried out after %s, while the worker was busy", took)
		}
		if rec = follow(t, desk, rec.ID); rec.Status != pawl.StatusDone || len(rec.Decisions) != 1 {
			t.Errorf("run is %s (%s)", rec.Status, rec.Reason)
		}
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}
