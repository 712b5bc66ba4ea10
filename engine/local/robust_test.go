package local_test

import (
	"context"
	"encoding/json"
	"errors"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/checktest"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/llm"
)

// wide asks 70 questions at once, more than may be in flight.
var wide = pawl.New("wide", "Fans out wide.", func(r *pawl.Run, in topic) (int, error) {
	pawl.Map(r, "items", make([]int, 70), func(r *pawl.Run, _ int) (string, error) {
		return pawl.Ask(r, "w", text("W")), nil
	}, pawl.Limit(100))
	return 1, nil
})

// TestSlotsComeBack: whatever ends a run gives its places among the calls in
// flight back.
func TestSlotsComeBack(t *testing.T) {
	end := map[string]func(t *testing.T, e pawl.Engine, id pawl.RunID, j *crashing){
		"journal fails": func(t *testing.T, e pawl.Engine, id pawl.RunID, j *crashing) {},
		"paused": func(t *testing.T, e pawl.Engine, id pawl.RunID, j *crashing) {
			synctest.Wait()
			if err := e.Direct(t.Context(), id, pawl.Directive{What: pawl.DirectPause}); err != nil {
				t.Fatal(err)
			}
		},
	}
	for name, act := range end {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				j := &crashing{Journal: checktest.Memory(t), left: 1 << 30}
				if name == "journal fails" {
					j.left = 1 // the intents
				}
				m := &script{latency: time.Second}
				e := newEngine(j, m)
				id := start(t, e, wide)
				act(t, e, id, j)
				for _, err := range e.Events(t.Context(), id, 0) {
					_ = err // it may have been dropped
				}
				j.mu.Lock()
				j.left, j.dead = 1<<30, false
				j.mu.Unlock()
				before := m.most
				m.most = 0
				if rec := finish(t, e, wide); rec.Status != pawl.StatusDone || m.most != 64 {
					t.Errorf("%s with at most %d calls in flight (%d before)", rec.Status, m.most, before)
				}
			})
		})
	}
}

// TestRefusedDecisionChangesNothing: deciding about nothing does not wake a run,
// and deciding about something does not end its pause.
func TestRefusedDecisionChangesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &script{latency: time.Second, replies: map[string][]any{"a": {&llm.Error{Kind: llm.Refused}}}}
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
		calls := len(m.requests)
		if err := e.Decide(t.Context(), id, pawl.Decision{Key: "a", What: pawl.DecideRetry}); !errors.Is(err, pawl.ErrConflict) {
			t.Fatalf("decided about nothing: %v", err)
		}
		time.Sleep(time.Minute)
		if rec = follow(t, e, id); rec.Status != pawl.StatusPaused || len(m.requests) != calls {
			t.Errorf("%s after %d more calls", rec.Status, len(m.requests)-calls)
		}
	})
}

// TestPausedStaysPausedAfterDecision: lifting a blocker of a paused run is
// recorded, and the run stays paused.
func TestPausedStaysPausedAfterDecision(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &script{latency: time.Second, replies: map[string][]any{"items[0]/w": {&llm.Error{Kind: llm.Refused}}}}
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
		if rec := follow(t, e, id); rec.Status != pawl.StatusPaused || len(rec.Blockers) != 0 || m.calls("items[0]/w") != 1 {
			t.Fatalf("%s, blockers %+v", rec.Status, rec.Blockers)
		}
		resume(t, e, id)
		if rec := follow(t, e, id); rec.Status != pawl.StatusDone {
			t.Errorf("%s", rec.Status)
		}
	})
}

// TestStepCodeThatEndsItsGoroutine: runtime.Goexit in a step's code or gate
// fails the step.
func TestStepCodeThatEndsItsGoroutine(t *testing.T) {
	exit := true
	f := pawl.New("exits", "Exits.", func(r *pawl.Run, in topic) (int, error) {
		return pawl.Do(r, "d", 1, func(context.Context, int) (int, error) {
			if exit {
				runtime.Goexit()
			}
			return 1, nil
		}), nil
	})
	e := newEngine(checktest.Memory(t), &script{})
	rec := finish(t, e, f)
	if rec.Status != pawl.StatusFailed || !strings.Contains(rec.Error.Message, "ended its goroutine") {
		t.Fatalf("%s %+v", rec.Status, rec.Error)
	}
	exit = false
	resume(t, e, rec.ID)
	if rec = follow(t, e, rec.ID); rec.Status != pawl.StatusDone {
		t.Errorf("%s %+v", rec.Status, rec.Error)
	}
}

// TestRefusedAccountAndTry: after a refusal that the flow takes as a value,
// further tries get it as a value too.
func TestRefusedAccountAndTry(t *testing.T) {
	m := &script{replies: map[string][]any{"a": {&llm.Error{Kind: llm.Auth, Message: "no"}}}}
	f := pawl.New("tries", "Tries.", func(r *pawl.Run, in topic) (string, error) {
		_, first := pawl.TryAsk(r, "a", text("A"))
		_, second := pawl.TryAsk(r, "b", text("B"))
		var third error
		for _, res := range pawl.TryMap(r, "m", []int{1, 2}, func(r *pawl.Run, _ int) (string, error) { return pawl.Ask(r, "c", text("C")), nil }, pawl.Limit(1)) {
			third = errors.Join(third, res.Err)
		}
		if first == nil || second == nil || third == nil {
			return "", errors.New("no failure came back")
		}
		return pawl.Do(r, "d", 1, func(context.Context, int) (string, error) { return "done", nil }), nil
	})
	rec := finish(t, newEngine(checktest.Memory(t), m), f)
	if rec.Status != pawl.StatusDone || len(m.requests) != 1 {
		t.Errorf("%s after %d requests: %+v", rec.Status, len(m.requests), rec.Error)
	}
}

// TestConcurrentResumes: of many at once all succeed, and nothing is made twice.
func TestConcurrentResumes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &script{latency: time.Second, replies: map[string][]any{"b": {&llm.Error{Kind: llm.Refused}}}}
		e := newEngine(checktest.Memory(t), m)
		rec := finish(t, e, abc)
		var wg sync.WaitGroup
		for i := range 8 {
			wg.Go(func() {
				if err := e.Direct(t.Context(), rec.ID, pawl.Directive{What: pawl.DirectResume, Take: i%2 == 0}); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if rec = follow(t, e, rec.ID); rec.Status != pawl.StatusDone || m.calls("b") != 2 || m.calls("c") != 1 || len(rec.Decisions) != 1 {
			t.Errorf("%s, %d and %d calls, %d decisions", rec.Status, m.calls("b"), m.calls("c"), len(rec.Decisions))
		}
	})
}

// TestBlockerIsLiftedOnce: of two decisions at once one wins.
func TestBlockerIsLiftedOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &script{latency: time.Second, replies: map[string][]any{"b": {&llm.Error{Kind: llm.Refused}}}}
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

// TestOversizedValues: what the journal cannot hold fails the step or the flow,
// or is cut, and the run stays resumable.
func TestOversizedValues(t *testing.T) {
	huge := strings.Repeat("x", journal.MaxValueBytes+1)
	for name, tt := range map[string]struct {
		fn   func(r *pawl.Run) (string, error)
		want pawl.Status
	}{
		"prompt": {func(r *pawl.Run) (string, error) { return pawl.Ask(r, "q", text(huge)), nil }, pawl.StatusFailed},
		"output": {func(r *pawl.Run) (string, error) { return huge, nil }, pawl.StatusFailed},
		"error":  {func(r *pawl.Run) (string, error) { return "", errors.New(huge) }, pawl.StatusFailed},
		"note":   {func(r *pawl.Run) (string, error) { r.Note("%s", huge); return "", nil }, pawl.StatusDone},
		"complaint": {func(r *pawl.Run) (string, error) {
			return pawl.Ask(r, "q", text("Q").Gate("g", func(string) error { return errors.New(huge) })), nil
		}, pawl.StatusFailed},
		"do error": {func(r *pawl.Run) (string, error) {
			return pawl.Do(r, "d", 1, func(context.Context, int) (string, error) { return "", errors.New(huge) }), nil
		}, pawl.StatusFailed},
	} {
		t.Run(name, func(t *testing.T) {
			e := newEngine(checktest.Memory(t), &script{})
			rec := finish(t, e, pawl.New("huge", "Is huge.", func(r *pawl.Run, in topic) (string, error) { return tt.fn(r) }))
			if rec.Status != tt.want {
				t.Errorf("%s: %.200s", rec.Status, rec.Reason)
			}
		})
	}
}

// TestDoneHasNoBlockers: what stood in the way of a finished run is gone.
func TestDoneHasNoBlockers(t *testing.T) {
	m := &script{replies: map[string][]any{"p/x/a": {&llm.Error{Kind: llm.Refused}}}}
	broken := true
	f := pawl.New("both", "Fails twice.", func(r *pawl.Run, in topic) (int, error) {
		pawl.Parallel(r, "p",
			pawl.In("x", func(r *pawl.Run) error { pawl.Ask(r, "a", text("A")); return nil }),
			pawl.In("y", func(r *pawl.Run) error {
				pawl.Ask(r, "b", text("B"))
				if broken {
					return errors.New("broken")
				}
				return nil
			}))
		return 1, nil
	})
	e := newEngine(checktest.Memory(t), m)
	rec := finish(t, e, f)
	if rec.Status != pawl.StatusFailed {
		t.Fatalf("%s", rec.Status)
	}
	broken = false
	resume(t, e, rec.ID)
	if rec = follow(t, e, rec.ID); rec.Status != pawl.StatusDone || len(rec.Blockers) != 0 || rec.Error != nil {
		t.Errorf("%s, blockers %+v, error %+v", rec.Status, rec.Blockers, rec.Error)
	}
}

// TestCloseGivesUpOnFlowCodeThatBlocks: a flow that never returns cannot keep
// the engine open.
func TestCloseGivesUpOnFlowCodeThatBlocks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		stop := make(chan struct{})
		e := newEngine(checktest.Memory(t), &script{})
		start(t, e, pawl.New("stuck", "Is stuck.", func(r *pawl.Run, in topic) (int, error) { <-stop; return 1, nil }))
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		begin := time.Now()
		e.Close(ctx)
		if d := time.Since(begin); d > 10*time.Second {
			t.Errorf("Close took %v", d)
		}
		close(stop)
	})
}

// TestModelsOfARun: a result keeps its place whichever of the run's models gave
// it.
func TestModelsOfARun(t *testing.T) {
	m := &script{replies: map[string][]any{"a": {pawl.ErrGate}, "b": {pawl.ErrGate}}}
	e := newEngine(checktest.Memory(t), m)
	rec := finish(t, e, abc)
	for _, model := range []string{"test/two", "test/three"} {
		if err := e.Direct(t.Context(), rec.ID, pawl.Directive{What: pawl.DirectResume, Model: model}); err != nil {
			t.Fatal(err)
		}
		rec = follow(t, e, rec.ID)
	}
	if rec.Status != pawl.StatusDone || rec.Steps[0].Stale || rec.Steps[1].Stale {
		t.Errorf("%s, stale %v %v", rec.Status, rec.Steps[0].Stale, rec.Steps[1].Stale)
	}
}

// TestFollowFromBeyond: following from an event that there is not ends with the
// run.
func TestFollowFromBeyond(t *testing.T) {
	e := newEngine(checktest.Memory(t), &script{})
	rec := finish(t, e, abc)
	for ev, err := range e.Events(t.Context(), rec.ID, rec.LastSeq+100) {
		t.Errorf("got %v, %v", ev, err)
	}
}

// TestWait: whoever waits for a run gets its record once it is at rest, and the
// error of their own context if that ends before.
func TestWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newEngine(checktest.Memory(t), &script{latency: 2 * time.Second})
		id := start(t, e, abc)
		ctx, cancel := context.WithTimeout(t.Context(), 1500*time.Millisecond)
		defer cancel()
		if _, err := e.Wait(ctx, id); !errors.Is(err, pawl.ErrStopped) || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("no longer waited for: %v", err)
		}
		if rec, err := e.Wait(t.Context(), id); err != nil || rec.Status != pawl.StatusDone || keys(rec) != "a:done b:done c:done" {
			t.Errorf("%s %v, %v", rec.Status, keys(rec), err)
		}
		if _, err := e.Wait(t.Context(), "000000000000"); !errors.Is(err, pawl.ErrNotFound) {
			t.Errorf("a run that there is not: %v", err)
		}
	})
}

// TestRejectionInABranch: a branch that rejects ends the run as canceled,
// whatever its siblings would have done.
func TestRejectionInABranch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &script{latency: time.Second}
		f := pawl.New("no", "Says no.", func(r *pawl.Run, in topic) (int, error) {
			pawl.Parallel(r, "p",
				pawl.In("x", func(r *pawl.Run) error { return pawl.ErrRejected }),
				pawl.In("y", func(r *pawl.Run) error { pawl.Ask(r, "a", text("A")); panic("after all") }))
			return 1, nil
		})
		rec := finish(t, newEngine(checktest.Memory(t), m), f)
		if rec.Status != pawl.StatusCanceled {
			t.Errorf("%s %+v", rec.Status, rec.Error)
		}
	})
}

// TestDeferredStepInATryBranch: a deferred step of a branch that ends does
// nothing, and the branch's failure is the true one.
func TestDeferredStepInATryBranch(t *testing.T) {
	m := &script{replies: map[string][]any{"m[0]/a": {&llm.Error{Kind: llm.Refused, Message: "the true one"}}}}
	f := pawl.New("defers", "Defers.", func(r *pawl.Run, in topic) (string, error) {
		res := pawl.TryMap(r, "m", []int{0}, func(r *pawl.Run, _ int) (string, error) {
			defer pawl.Do(r, "cleanup", 1, nothing)
			return pawl.Ask(r, "a", text("A")), nil
		})
		return res[0].Err.Error(), nil
	})
	rec := finish(t, newEngine(checktest.Memory(t), m), f)
	if !strings.Contains(string(rec.Output), "the true one") || strings.Contains(keys(rec), "cleanup") {
		t.Errorf("%s: %s, steps %s", rec.Status, rec.Output, keys(rec))
	}
}

// TestAFinishedRunIsNotClaimed: resuming what is done is refused and adds
// nothing.
func TestAFinishedRunIsNotClaimed(t *testing.T) {
	e := newEngine(checktest.Memory(t), &script{})
	rec := finish(t, e, abc)
	err := e.Direct(t.Context(), rec.ID, pawl.Directive{What: pawl.DirectResume})
	if !errors.Is(err, pawl.ErrConflict) || !strings.Contains(err.Error(), "is done") {
		t.Errorf("resumed: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var pe *pawl.Error
	if _, err := e.Start(ctx, abc, json.RawMessage(`{}`), nil); !errors.As(err, &pe) {
		t.Errorf("error %T", err)
	}
}
