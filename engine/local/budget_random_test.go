package local_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/local"
	"github.com/pawlrun/pawl/internal/checktest"
	"github.com/pawlrun/pawl/llm"
)

// meter is a model that answers after a random time, well or badly, and counts.
type meter struct {
	mu     sync.Mutex
	rand   *rand.Rand
	calls  int64
	tokens int64
}

func (m *meter) Generate(ctx context.Context, req llm.Request, _ func(llm.Delta)) (llm.Response, error) {
	m.mu.Lock()
	used := &llm.Usage{InputTokens: m.rand.Int64N(10), OutputTokens: m.rand.Int64N(int64(req.MaxTokens))}
	m.calls++
	m.tokens += used.InputTokens + used.OutputTokens
	fate, d := m.rand.IntN(10), time.Duration(m.rand.IntN(5000))*time.Millisecond
	m.mu.Unlock()
	select {
	case <-time.After(d):
	case <-ctx.Done():
		return llm.Response{}, &llm.Error{Kind: llm.Canceled}
	}
	switch fate {
	case 0:
		return llm.Response{}, &llm.Error{Kind: llm.Timeout}
	case 1:
		return llm.Response{}, &llm.Error{Kind: llm.Network, Usage: used}
	case 2:
		return llm.Response{Text: "bad", Usage: used}, nil
	}
	return llm.Response{Text: "good", Usage: used}, nil
}

// However a run with a budget is killed, taken and resumed, and whatever becomes
// of its calls, no more of them are made and no more tokens taken than its limits
// say; and it comes to its end when they are raised.
func TestNeverOverspent(t *testing.T) {
	seeds := 150
	if testing.Short() {
		seeds = 30
	}
	blocked := 0
	for seed := range uint64(seeds) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { blocked += neverOverspent(t, seed) })
		})
	}
	if blocked < seeds {
		t.Errorf("%d budget blockers under %d seeds: this tests too little", blocked, seeds)
	}
}

func neverOverspent(t *testing.T, seed uint64) (blocked int) {
	r := rand.New(rand.NewPCG(seed, 9))
	m := &meter{rand: rand.New(rand.NewPCG(seed, 10))}
	question := pawl.Messages[string]("Ask", llm.User("Ask")).MaxTokens(200).Gate("good", func(s string) error {
		if s != "good" {
			return errors.New("is bad")
		}
		return nil
	})
	n, limit := 1+r.IntN(8), r.IntN(4)
	f := pawl.New("f", "Asks for many.", func(r *pawl.Run, in topic) (int, error) {
		pawl.Ask(r, "first", question)
		pawl.Map(r, "items", make([]int, n), func(r *pawl.Run, _ int) (string, error) {
			pawl.Ask(r, "a", question)
			pawl.Sleep(r, "nap", 3*time.Second)
			return pawl.Ask(r, "b", question), nil
		}, pawl.Limit(limit))
		return n, nil
	})
	calls, tokens := int64(r.IntN(2*n)), int64(300+r.IntN(200*n))
	j := checktest.Memory(t)
	var engines []*local.Engine
	engine := func() *local.Engine {
		e := newEngine(j, m, f)
		engines = append(engines, e)
		return e
	}
	e := engine()
	id := startWith(t, e, f, &pawl.Budget{Calls: new(calls), Tokens: new(tokens)})
	check := func() pawl.RunRecord {
		t.Helper()
		rec := status(t, e, id)
		m.mu.Lock()
		defer m.mu.Unlock()
		b := rec.Budget
		if m.calls > calls || m.tokens > tokens {
			t.Fatalf("%d calls of %d, %d tokens of %d", m.calls, calls, m.tokens, tokens)
		}
		if s := b.Spent.Tokens + b.Reserved.Tokens; s > tokens || s < m.tokens {
			t.Fatalf("%d tokens are spent or reserved, %d were taken, %d is the limit", s, m.tokens, tokens)
		}
		if n := b.Spent.Calls + b.Reserved.Calls; n < m.calls || n != rec.Usage.ModelCalls {
			t.Fatalf("%+v, %d were made, usage says %d", b, m.calls, rec.Usage.ModelCalls)
		}
		return rec
	}
	goOn := func(take bool) { // an engine from before may have woken it meanwhile
		t.Helper()
		err := e.Direct(t.Context(), id, pawl.Directive{What: pawl.DirectResume, Who: "anna", Take: take})
		if err != nil && !errors.Is(err, pawl.ErrConflict) {
			t.Fatal(err)
		}
	}
	gone, leave := context.WithCancel(t.Context())
	leave()
	defer func() {
		for _, e := range engines {
			e.Close(gone)
		}
	}()
	for range 1000 {
		time.Sleep(time.Duration(r.IntN(4000)) * time.Millisecond)
		synctest.Wait()
		rec := check()
		if rec.Status == pawl.StatusDone {
			break
		}
		open := 0
		for _, b := range rec.Blockers {
			switch b.Kind {
			case pawl.BlockerBudget:
				open++
			case pawl.BlockerUnknown, pawl.BlockerFailure:
				decide(t, e, id, pawl.Decision{Key: b.Key, What: pawl.DecideRetry})
			}
		}
		if blocked += open; open > 1 {
			t.Fatalf("%d budget blockers", open)
		}
		switch r.IntN(12) {
		case 0, 1:
			e = engine()
			goOn(true)
		case 2:
			e.Close(gone)
			e = engine()
			goOn(false)
		case 3:
			direct(t, e, id, pawl.Directive{What: pawl.DirectGuide, Text: "Be brief."})
		case 4:
			if rec.Status == pawl.StatusRunning {
				direct(t, e, id, pawl.Directive{What: pawl.DirectPause})
				goOn(true)
			}
		case 5, 6, 7, 8:
			if open > 0 {
				calls, tokens = calls+int64(r.IntN(4)), tokens+int64(r.IntN(1500))
				raise(t, e, id, pawl.Budget{Calls: new(calls), Tokens: new(tokens)})
			}
		}
	}
	if rec := check(); rec.Status != pawl.StatusDone {
		t.Errorf("run is %s (%s)", rec.Status, rec.Reason)
	}
	return blocked
}

// Many raise at once, here and in another process, while calls are in flight: one
// of them lifts the blocker, and none is lost.
func TestRaisedOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "data")
	f := pawl.New("wide", "Asks for 16.", func(r *pawl.Run, in topic) (int, error) {
		return len(pawl.Map(r, "items", make([]int, 16), func(r *pawl.Run, _ int) (string, error) {
			return pawl.Ask(r, "ask", text("Ask")), nil
		})), nil
	})
	gate := make(chan struct{})
	m := llm.Func(func(context.Context, llm.Request, func(llm.Delta)) (llm.Response, error) {
		<-gate
		return llm.Response{Text: "x"}, nil
	})
	owner, other := newEngine(openStore(t, path), m, f), newEngine(openStore(t, path), m, f)
	id := startWith(t, owner, f, &pawl.Budget{Calls: new(int64(1))})
	for range owner.Events(t.Context(), id, 4) { // created, claimed, scope, intent, blocker
		break
	}
	b := status(t, owner, id).Blockers[0]
	errs := make(chan error)
	for i := range 10 {
		e := []*local.Engine{owner, other}[i%2]
		go func() {
			errs <- e.Decide(t.Context(), id, pawl.Decision{Key: b.Key, What: pawl.DecideRaise, Who: "anna", Digest: b.Digest, Budget: &pawl.Budget{Calls: new(int64(16))}})
		}()
	}
	won := 0
	for range 10 {
		if err := <-errs; err == nil {
			won++
		} else {
			refused(t, err, pawl.ErrConflict, "raise by anna")
		}
	}
	close(gate)
	rec := follow(t, owner, id)
	if won != 1 || rec.Status != pawl.StatusDone || len(rec.Decisions) != 1 || rec.Usage.ModelCalls != 16 {
		t.Errorf("%d won, run is %s with %d decisions and %d calls", won, rec.Status, len(rec.Decisions), rec.Usage.ModelCalls)
	}
}

// A raise that was only recorded is carried out by whoever takes the run up.
func TestRaiseRecorded(t *testing.T) {
	path := filepath.Join(t.TempDir(), "data")
	f := chain(2)
	e := newEngine(openStore(t, path), &script{}, f)
	id := startWith(t, e, f, &pawl.Budget{Calls: new(int64(1))})
	follow(t, e, id)
	clerk := newEngine(openStore(t, path), &script{}) // knows no flow
	if err := clerk.Record(t.Context(), id, pawl.Decision{What: pawl.DecideRaise, Who: "bob", Budget: &pawl.Budget{Calls: new(int64(2))}}); err != nil {
		t.Fatal(err)
	}
	if err := e.Work(t.Context(), &local.WorkOptions{Drain: true}); err != nil {
		t.Fatal(err)
	}
	if rec := status(t, e, id); rec.Status != pawl.StatusDone || rec.Decisions[0].Who != "bob" || *rec.Budget.Limit.Calls != 2 {
		t.Errorf("run is %s (%s), %+v", rec.Status, rec.Reason, rec.Decisions)
	}
}

// Timers beside a budget blocker run out, also those of a run that has given its
// memory up, and the steps that wait with the blocker do not hold it in memory.
func TestBudgetAndTimers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := pawl.New("f", "Asks and sleeps.", func(r *pawl.Run, in topic) (int, error) {
			pawl.Parallel(r, "p",
				pawl.Go("a", func(r *pawl.Run) error { pawl.Ask(r, "ask", text("A")); return nil }),
				pawl.Go("b", func(r *pawl.Run) error { pawl.Ask(r, "ask", text("B")); return nil }),
				pawl.Go("c", func(r *pawl.Run) error { pawl.Sleep(r, "nap", time.Hour); return nil }))
			return 1, nil
		})
		e := newEngine(checktest.Memory(t), &script{}, f)
		defer e.Close(t.Context())
		id := startWith(t, e, f, &pawl.Budget{Calls: new(int64(0))})
		rec := follow(t, e, id)
		if rec.Status != pawl.StatusWaiting || len(rec.Blockers) != 1 || rec.Blockers[0].Key != "p/a/ask" {
			t.Fatalf("run is %s (%s), %+v", rec.Status, rec.Reason, rec.Blockers)
		}
		time.Sleep(2 * time.Hour)
		synctest.Wait()
		rec = status(t, e, id)
		if rec.Status != pawl.StatusWaiting || len(rec.Blockers) != 1 || rec.Steps[len(rec.Steps)-1].Status == pawl.StepWaiting {
			t.Fatalf("run is %s (%s), %s", rec.Status, rec.Reason, keys(rec))
		}
		raise(t, e, id, pawl.Budget{Calls: new(int64(2))})
		if rec = follow(t, e, id); rec.Status != pawl.StatusDone {
			t.Errorf("run is %s (%s)", rec.Status, rec.Reason)
		}
	})
}
