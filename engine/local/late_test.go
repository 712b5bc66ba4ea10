package local_test

import (
	"context"
	"encoding/json"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	"weak"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/local"
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

// holding is a flow that asks a person, whose question has a gate that holds
// something, beside a step that ends when it is let go.
type holding struct {
	pawl.Flow
	held chan weak.Pointer[[1 << 20]byte]
	free chan struct{}
}

func (f holding) Invoke(h pawl.Host, _ json.RawMessage) (json.RawMessage, error) {
	h.Fork(pawl.Fork{Name: "p", Kind: pawl.KindParallel, Names: []string{"ask", "hold"}, N: 2, Run: func(h pawl.Host, i int) error {
		if i == 1 {
			h.Step(pawl.Step{Name: "x", Do: &pawl.DoStep{Input: json.RawMessage("1"), Fn: func(context.Context, string, json.RawMessage) (json.RawMessage, error) {
				<-f.free
				return json.RawMessage("1"), nil
			}}})
			return nil
		}
		x := new([1 << 20]byte)
		f.held <- weak.Make(x)
		h.Wait(pawl.Wait{Name: "ok", Kind: pawl.KindInput, Question: "OK?", For: 24 * time.Hour,
			Default: &pawl.Decision{What: pawl.DecideAnswer, Value: json.RawMessage(`"no"`)},
			Gates:   []pawl.Gate{{Name: "g", Check: func(*pawl.Candidate) error { x[0]++; return nil }}}})
		return nil
	}})
	return json.RawMessage(`"done"`), nil
}

// What a run holds while it waits is given back when it was answered, not when its
// deadline would have passed.
func TestAnsweredInTimeGivesTheMemoryBack(t *testing.T) {
	f := holding{tomorrow, make(chan weak.Pointer[[1 << 20]byte], 1), make(chan struct{})}
	e := newEngine(checktest.Memory(t), &script{})
	id := start(t, e, f)
	held := <-f.held
	for ev, err := range e.Events(t.Context(), id, 0) {
		if err != nil {
			t.Fatal(err)
		}
		if ev.Type == pawl.EventBlocker {
			break
		}
	}
	decide(t, e, id, pawl.Decision{Key: "p/ask/ok", What: pawl.DecideAnswer, Value: json.RawMessage(`"yes"`)})
	close(f.free)
	if rec := follow(t, e, id); rec.Status != pawl.StatusDone {
		t.Fatalf("run is %s (%s)", rec.Status, rec.Reason)
	}
	if err := e.Close(t.Context()); err != nil { // its goroutines have ended
		t.Fatal(err)
	}
	runtime.GC()
	if held.Value() != nil {
		t.Error("what it held is still there")
	}
}

// A provider that refuses the account does not take a breakpoint's place.
func TestRefusedAccountBesideBreakpoint(t *testing.T) {
	m := &script{replies: map[string][]any{"p/try/a": {&llm.Error{Kind: llm.Auth}}}}
	f := pawl.New("f", "Asks twice.", func(r *pawl.Run, in topic) (string, error) {
		pawl.Parallel(r, "p",
			pawl.In("try", func(r *pawl.Run) error { pawl.TryAsk(r, "a", text("A")); return nil }),
			pawl.In("look", func(r *pawl.Run) error { pawl.Ask(r, "b", text("B")); return nil }))
		return "", nil
	})
	e := newEngine(checktest.Memory(t), m)
	id, err := e.Start(t.Context(), f, json.RawMessage(`{}`), &pawl.StartOptions{Break: []pawl.Key{"p/look/b"}})
	if err != nil {
		t.Fatal(err)
	}
	rec := follow(t, e, id)
	if rec.Status != pawl.StatusWaiting || len(rec.Blockers) != 1 || rec.Blockers[0].Kind != pawl.BlockerBreakpoint {
		t.Errorf("run is %s (%s), blockers %+v", rec.Status, rec.Reason, rec.Blockers)
	}
}

// A step that is short of budget and then waits for a place among the calls, which
// a refusal has slowed, is still short when it gets the place: it waits on.
func TestShortOfBudgetAndSlowed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &script{latency: 5 * time.Minute, replies: map[string][]any{"p/d/x": {&llm.Error{Kind: llm.RateLimit, RetryAfter: time.Minute}}}}
		ask := func(name, prompt string) pawl.Branch {
			return pawl.In(name, func(r *pawl.Run) error {
				q := pawl.Messages[string]("Asking", llm.User(prompt)).MaxTokens(100).Timeout(time.Hour)
				pawl.Ask(r, "x", q)
				return nil
			})
		}
		f := pawl.New("f", "Asks within a budget.", func(r *pawl.Run, in topic) (string, error) {
			pawl.Parallel(r, "p", ask("a", "A"), ask("d", "D"), ask("c", strings.Repeat("long ", 100)))
			return "", nil
		})
		e := newEngine(checktest.Memory(t), m)
		id, err := e.Start(t.Context(), f, json.RawMessage(`{}`), &pawl.StartOptions{Budget: &pawl.Budget{Tokens: new(int64(700))}})
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second)
		if n := m.calls("p/c/x"); n != 0 || m.calls("p/d/x") != 1 {
			t.Fatalf("%d calls of c, %d of d", n, m.calls("p/d/x"))
		}
		decide(t, e, id, pawl.Decision{What: pawl.DecideRaise, Budget: &pawl.Budget{Tokens: new(int64(701))}})
		rec := follow(t, e, id)
		if rec.Status != pawl.StatusDone || m.calls("p/c/x") != 1 {
			t.Errorf("run is %s (%s), %d calls of c", rec.Status, rec.Reason, m.calls("p/c/x"))
		}
	})
}

// Who decides may lack what it takes to execute the run: a worker that offers to,
// and is busy, carries the decision out when it can.
func TestDecideWithoutTheModel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j, m := checktest.Memory(t), &script{latency: time.Minute}
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
