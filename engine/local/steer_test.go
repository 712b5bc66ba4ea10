package local_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/local"
	"github.com/pawlrun/pawl/internal/checktest"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/llm"
)

func start(t *testing.T, e pawl.Engine, f pawl.Flow) pawl.RunID {
	t.Helper()
	id, err := e.Start(t.Context(), f, json.RawMessage(`{}`), nil)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func resume(t *testing.T, e pawl.Engine, id pawl.RunID) {
	t.Helper()
	if err := e.Direct(t.Context(), id, pawl.Directive{What: pawl.DirectResume, Who: "me"}); err != nil {
		t.Fatal(err)
	}
}

var abc = pawl.New("abc", "Does a, b and c.", func(r *pawl.Run, in topic) (string, error) {
	return pawl.Ask(r, "a", text("A")) + pawl.Ask(r, "b", text("B")) + pawl.Ask(r, "c", text("C")), nil
})

func TestPauseWaitsForCallsInFlight(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &script{latency: time.Second}
		e := newEngine(checktest.Memory(t), m)
		id := start(t, e, abc)
		time.Sleep(1500 * time.Millisecond) // b is in flight
		if err := e.Direct(t.Context(), id, pawl.Directive{What: pawl.DirectPause, Who: "me"}); err != nil {
			t.Fatal(err)
		}
		if rec, _ := e.Get(t.Context(), id); rec.Status != pawl.StatusPausing {
			t.Errorf("status %s while b is in flight, want pausing", rec.Status)
		}
		rec := follow(t, e, id)
		if rec.Status != pawl.StatusPaused || m.calls("b") != 1 || m.calls("c") != 0 || rec.Steps[1].Status != pawl.StepDone {
			t.Fatalf("status %s, steps %s", rec.Status, keys(rec))
		}
		resume(t, e, id)
		if rec = follow(t, e, id); rec.Status != pawl.StatusDone || m.calls("b") != 1 {
			t.Errorf("status %s, %d calls of b", rec.Status, m.calls("b"))
		}
	})
}

func TestResumeTakesPauseBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newEngine(checktest.Memory(t), &script{latency: time.Second})
		id := start(t, e, abc)
		synctest.Wait()
		if err := e.Direct(t.Context(), id, pawl.Directive{What: pawl.DirectPause, Who: "me"}); err != nil {
			t.Fatal(err)
		}
		resume(t, e, id)
		if rec := follow(t, e, id); rec.Status != pawl.StatusDone {
			t.Errorf("status %s", rec.Status)
		}
	})
}

func TestCloseCutsAndCallBecomesUnknown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := checktest.Memory(t)
		m := &script{latency: time.Hour}
		e := newEngine(j, m)
		id := start(t, e, abc)
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := e.Close(ctx); err != nil {
			t.Fatal(err)
		}
		rec, err := e.Get(t.Context(), id)
		if err != nil || rec.Status != pawl.StatusQueued || rec.Reason != "its engine was closed" {
			t.Fatalf("status %s (%s), %v", rec.Status, rec.Reason, err)
		}
		if _, err := e.Start(t.Context(), abc, json.RawMessage(`{}`), nil); !errors.Is(err, pawl.ErrStopped) {
			t.Errorf("a closed engine starts runs: %v", err)
		}
		m.latency = time.Second
		e = newEngine(j, m, abc)
		resume(t, e, id)
		rec = follow(t, e, id)
		if at := rec.Steps[0].Attempts; rec.Status != pawl.StatusDone || at[0].Outcome != pawl.OutcomeUnknown || len(at) != 2 || rec.Usage.ModelCalls != 4 {
			t.Errorf("status %s, attempts %+v, usage %+v", rec.Status, at, rec.Usage)
		}
	})
}

// TestThirdUnknownAsks: three crashes in a row in one call, and a person is
// asked; resuming is the answer.
func TestThirdUnknownAsks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := checktest.Memory(t)
		m := &script{latency: time.Hour}
		var id pawl.RunID
		cut := func() {
			e := newEngine(j, m, abc)
			if id == "" {
				id = start(t, e, abc)
			} else {
				resume(t, e, id)
			}
			synctest.Wait()
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			e.Close(ctx)
		}
		cut()
		cut()
		cut()
		e := newEngine(j, m, abc)
		resume(t, e, id)
		rec := follow(t, e, id)
		if rec.Status != pawl.StatusWaiting || len(rec.Blockers) != 1 || rec.Blockers[0].Kind != pawl.BlockerUnknown || rec.Blockers[0].Key != "a" {
			t.Fatalf("status %s, blockers %+v", rec.Status, rec.Blockers)
		}
		if m.calls("a") != 3 {
			t.Errorf("%d calls before a person was asked, want 3", m.calls("a"))
		}
		m.latency = time.Second
		if err := e.Decide(t.Context(), id, pawl.Decision{Key: "a", What: pawl.DecideRetry, Who: "me", Digest: "sha256:other"}); !errors.Is(err, pawl.ErrConflict) {
			t.Errorf("a decision on something else was taken: %v", err)
		}
		if err := e.Decide(t.Context(), id, pawl.Decision{Key: "a", What: pawl.DecideRetry, Who: "me", Digest: rec.Blockers[0].Digest}); err != nil {
			t.Fatal(err)
		}
		if rec = follow(t, e, id); rec.Status != pawl.StatusDone || len(rec.Decisions) != 1 || rec.Decisions[0].Who != "me" {
			t.Errorf("status %s, decisions %+v", rec.Status, rec.Decisions)
		}
	})
}

func TestUnknownPolicyAsk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := pawl.New("once", "Asks once.", func(r *pawl.Run, in topic) (string, error) {
			return pawl.Ask(r, "a", text("A").OnUnknown(pawl.UnknownAsk)), nil
		})
		j := checktest.Memory(t)
		m := &script{latency: time.Hour}
		e := newEngine(j, m)
		id := start(t, e, f)
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		e.Close(ctx)
		e = newEngine(j, m, f)
		resume(t, e, id)
		if rec := follow(t, e, id); rec.Status != pawl.StatusWaiting || m.calls("a") != 1 {
			t.Errorf("status %s after %d calls", rec.Status, m.calls("a"))
		}
	})
}

// TestSiblingsOfAFailureRunOn: a failed branch stands still, the others finish,
// and then the run rests.
func TestSiblingsOfAFailureRunOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &script{latency: time.Second, replies: map[string][]any{"items[0]/one": {&llm.Error{Kind: llm.Invalid, Message: "bad"}}}}
		f := pawl.New("fan", "Fans out.", func(r *pawl.Run, in topic) (int, error) {
			pawl.Map(r, "items", []int{0, 1}, func(r *pawl.Run, _ int) (string, error) {
				return pawl.Ask(r, "one", text("1")) + pawl.Ask(r, "two", text("2")), nil
			})
			return 1, nil
		})
		e := newEngine(checktest.Memory(t), m, f)
		rec := finish(t, e, f)
		if want := "items:running items[0]/one:failed items[1]/one:done items[1]/two:done"; rec.Status != pawl.StatusFailed || keys(rec) != want {
			t.Fatalf("%s: %s", rec.Status, keys(rec))
		}
		resume(t, e, rec.ID)
		if rec = follow(t, e, rec.ID); rec.Status != pawl.StatusDone || m.calls("items[1]/one") != 1 {
			t.Errorf("%s: %s", rec.Status, keys(rec))
		}
	})
}

// TestRetryWhileSiblingsRun: a blocker can be lifted while the run is live.
func TestRetryWhileSiblingsRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &script{latency: time.Second, replies: map[string][]any{"both/x/quick": {&llm.Error{Kind: llm.Invalid, Message: "bad"}}}}
		f := pawl.New("pair", "Two branches.", func(r *pawl.Run, in topic) (int, error) {
			pawl.Parallel(r, "both",
				pawl.In("x", func(r *pawl.Run) error { pawl.Ask(r, "quick", text("x")); return nil }),
				pawl.In("y", func(r *pawl.Run) error {
					for range 5 {
						pawl.Ask(r, "slow", text("y"))
					}
					return nil
				}))
			return 1, nil
		})
		e := newEngine(checktest.Memory(t), m, f)
		id := start(t, e, f)
		time.Sleep(1500 * time.Millisecond)
		if err := e.Decide(t.Context(), id, pawl.Decision{Key: "both/x/quick", What: pawl.DecideRetry, Who: "me"}); err != nil {
			t.Fatal(err)
		}
		if rec := follow(t, e, id); rec.Status != pawl.StatusDone || rec.Error != nil {
			t.Errorf("%s %+v", rec.Status, rec.Error)
		}
	})
}

func TestAuthStopsNewCalls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		denied := &llm.Error{Kind: llm.Auth, Message: "wrong key", Hint: "set the key"}
		m := &script{latency: time.Second, replies: map[string][]any{"items[0]/w": {denied}}}
		f := pawl.New("fan", "Fans out.", func(r *pawl.Run, in topic) (int, error) {
			pawl.Map(r, "items", make([]int, 10), func(r *pawl.Run, _ int) (string, error) {
				return pawl.Ask(r, "w", text("W")), nil
			}, pawl.Limit(2))
			return 1, nil
		})
		e := newEngine(checktest.Memory(t), m, f)
		rec := finish(t, e, f)
		if rec.Status != pawl.StatusFailed || rec.Error.Kind != "auth" || rec.Error.Hint != "set the key" || len(m.requests) != 2 {
			t.Fatalf("%s %+v after %d requests", rec.Status, rec.Error, len(m.requests))
		}
		resume(t, e, rec.ID)
		if rec = follow(t, e, rec.ID); rec.Status != pawl.StatusDone || len(m.requests) != 11 {
			t.Errorf("%s after %d requests", rec.Status, len(m.requests))
		}
	})
}

// TestAuthAsValueStillStops: a flow that takes the refusal as a value and asks
// on does not hang.
func TestAuthAsValueStillStops(t *testing.T) {
	m := &script{replies: map[string][]any{"a": {&llm.Error{Kind: llm.Quota, Message: "no credit"}}}}
	f := pawl.New("try", "Tries.", func(r *pawl.Run, in topic) (string, error) {
		pawl.TryAsk(r, "a", text("A"))
		return pawl.Ask(r, "b", text("B")), nil
	})
	e := newEngine(checktest.Memory(t), m, f)
	rec := finish(t, e, f)
	if rec.Status != pawl.StatusFailed || rec.Error.Kind != "quota" || m.calls("b") != 0 {
		t.Fatalf("%s %+v", rec.Status, rec.Error)
	}
	resume(t, e, rec.ID)
	if rec = follow(t, e, rec.ID); rec.Status != pawl.StatusDone {
		t.Errorf("%s %+v", rec.Status, rec.Error)
	}
}

// TestRateLimitSlowsAll: after a 429 with a delay no call of that model leaves
// before the delay is over, in any run.
func TestRateLimitSlowsAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &script{latency: time.Second, replies: map[string][]any{"a": {&llm.Error{Kind: llm.RateLimit, RetryAfter: time.Minute}}}}
		e := newEngine(checktest.Memory(t), m, abc)
		begin := time.Now()
		first := start(t, e, abc)
		time.Sleep(2 * time.Second)
		second := start(t, e, abc)
		rec := follow(t, e, second)
		if got := rec.Steps[0].Attempts[0].StartedAt.Sub(begin); got < time.Minute {
			t.Errorf("another run's call left %v after the start", got)
		}
		rec = follow(t, e, first)
		if at := rec.Steps[0].Attempts; len(at) != 2 || at[0].RetryAt == nil || at[1].StartedAt.Before(at[0].RetryAt.Time) {
			t.Errorf("attempts %+v", at)
		}
	})
}

func TestAtMost64InFlight(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &script{latency: time.Second}
		f := pawl.New("wide", "Fans out wide.", func(r *pawl.Run, in topic) (int, error) {
			pawl.Map(r, "items", make([]int, 150), func(r *pawl.Run, _ int) (string, error) {
				return pawl.Ask(r, "w", text("W")), nil
			}, pawl.Limit(1000))
			return 1, nil
		})
		begin := time.Now()
		rec := finish(t, newEngine(checktest.Memory(t), m), f)
		if d := time.Since(begin); rec.Status != pawl.StatusDone || m.most != 64 || d != 3*time.Second {
			t.Errorf("%s: at most %d in flight, %v", rec.Status, m.most, d)
		}
	})
}

func TestTransientFailuresAreRetriedFiveTimes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		down := error(&llm.Error{Kind: llm.Overloaded, Message: "down"})
		m := &script{replies: map[string][]any{"a": {down, down, down, down, down}}}
		e := newEngine(checktest.Memory(t), m, abc)
		begin := time.Now()
		rec := finish(t, e, abc)
		d := time.Since(begin)
		if rec.Status != pawl.StatusFailed || m.calls("a") != 5 || !strings.Contains(rec.Error.Message, "still failing after 5 attempts: overloaded: down") {
			t.Fatalf("%s after %d calls: %+v", rec.Status, m.calls("a"), rec.Error)
		}
		if low, high := 12*time.Second, 18*time.Second; d < low || d > high { // 1+2+4+8 s, off by 20 %
			t.Errorf("took %v, want %v to %v", d, low, high)
		}
		resume(t, e, rec.ID)
		if rec = follow(t, e, rec.ID); rec.Status != pawl.StatusDone || rec.Steps[0].Attempts[5].Number != 6 {
			t.Errorf("%s: %+v", rec.Status, rec.Steps[0].Attempts)
		}
	})
}

func TestHungModelTimesOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := 0
		hung := llm.Func(func(ctx context.Context, req llm.Request, _ func(llm.Delta)) (llm.Response, error) {
			if n++; n == 1 {
				<-ctx.Done()
				return llm.Response{}, &llm.Error{Kind: llm.Timeout, Message: "no answer"}
			}
			return llm.Response{Text: "late"}, nil
		})
		begin := time.Now()
		rec := finish(t, newEngine(checktest.Memory(t), hung), pawl.New("one", "Asks.", func(r *pawl.Run, in topic) (string, error) {
			return pawl.Ask(r, "a", text("A")), nil
		}))
		if d := time.Since(begin); rec.Status != pawl.StatusDone || d < 3*time.Minute || d > 3*time.Minute+2*time.Second {
			t.Errorf("%s after %v", rec.Status, d)
		}
	})
}

func TestTruncatedAnswerGetsOneLargerLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cut := error(&llm.Error{Kind: llm.Truncated, Message: "cut", Partial: "{", Usage: &llm.Usage{OutputTokens: 100}})
		f := pawl.New("one", "Asks.", func(r *pawl.Run, in topic) (string, error) {
			return pawl.Ask(r, "a", text("A").MaxTokens(100)) + pawl.Ask(r, "b", text("B")), nil
		})
		m := &script{replies: map[string][]any{"a": {cut}, "b": {cut, cut}}}
		rec := finish(t, newEngine(checktest.Memory(t), m), f)
		if m.requests[0].MaxTokens != 100 || m.requests[1].MaxTokens != 200 || m.requests[3].MaxTokens != 1024 {
			t.Errorf("limits %d %d %d", m.requests[0].MaxTokens, m.requests[1].MaxTokens, m.requests[3].MaxTokens)
		}
		if rec.Status != pawl.StatusFailed || rec.Error.Kind != "truncated" || rec.Error.Step != "b" || m.calls("b") != 2 {
			t.Errorf("%s %+v", rec.Status, rec.Error)
		}
	})
}

// A strict engine refuses a finished step that is asked for in other words; one
// that is not keeps its result and marks it.
func TestStrict(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		words := "A"
		f := pawl.New("f", "Asks in words that change.", func(r *pawl.Run, in topic) (string, error) {
			return pawl.Ask(r, "a", text(words)) + pawl.Ask(r, "b", text("B")), nil
		})
		j, m := journal.NewMemory(), &script{replies: map[string][]any{"b": {pawl.ErrGate}}}
		loose := newEngine(j, m, f)
		id := start(t, loose, f)
		follow(t, loose, id)
		words = "another A"
		strict := local.New(&local.Options{Journal: j, Models: llm.Catalog{"test": m}, Model: "test/one", Flows: []pawl.Flow{f}, Strict: true})
		resume(t, strict, id)
		rec := follow(t, strict, id)
		if rec.Status != pawl.StatusFailed || rec.Error.Kind != pawl.ErrMismatch || rec.Error.Step != "a" || len(m.requests) != 2 {
			t.Fatalf("strict: run is %s, %+v, %d calls", rec.Status, rec.Error, len(m.requests))
		}
		resume(t, loose, id)
		if rec := follow(t, loose, id); rec.Status != pawl.StatusDone || !rec.Steps[0].Stale || m.calls("a") != 1 {
			t.Errorf("not strict: run is %s, stale %v, %d calls of a", rec.Status, rec.Steps[0].Stale, m.calls("a"))
		}
	})
}
