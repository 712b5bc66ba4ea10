package local_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/checktest"
	"github.com/pawlrun/pawl/internal/replay"
	"github.com/pawlrun/pawl/llm"
)

// Each kind of limit stops the run before the call that could pass it, says so
// with the numbers, and lets it go on once raised.
func TestBudgets(t *testing.T) {
	prices := llm.Prices{"test/one": {Input: 100, Output: 100}}
	for _, c := range []struct {
		name  string
		limit pawl.Budget
		says  string
		lifts pawl.Budget
		spent string
		calls int
		raise pawl.Budget
	}{
		{"calls", pawl.Budget{Calls: new(int64(2))}, "the next call of ask#3 would be number 3; 0 of 2 calls are left", pawl.Budget{Calls: new(int64(4))}, "2 calls 30 tokens $0.003", 2, pawl.Budget{Calls: new(int64(4))}},
		{"no call", pawl.Budget{Calls: new(int64(0))}, "the next call of ask would be number 1; 0 of 0 calls are left", pawl.Budget{Calls: new(int64(1))}, "0 calls 0 tokens $0", 0, pawl.Budget{Calls: new(int64(4))}},
		{"tokens", pawl.Budget{Tokens: new(int64(4140))}, "the next call of ask#3 may take up to 4,115 tokens; 4,110 of 4,140 are left; so far 2 calls took 30 tokens", pawl.Budget{Tokens: new(int64(8300))}, "2 calls 30 tokens $0.003", 2, pawl.Budget{Tokens: new(int64(8300))}},
		{"dollars", pawl.Budget{USD: new(0.414)}, "the next call of ask#3 may cost up to $0.4115; $0.411 of $0.414 are left; so far 2 calls took $0.003", pawl.Budget{USD: new(0.83)}, "2 calls 30 tokens $0.003", 2, pawl.Budget{USD: new(0.83)}},
		{"two of them", pawl.Budget{Calls: new(int64(0)), Tokens: new(int64(100)), USD: new(9.0)}, "the next call of ask would be number 1; 0 of 0 calls are left; it may take up to 4,115 tokens; 100 of 100 are left", pawl.Budget{Tokens: new(int64(4200)), Calls: new(int64(1))}, "0 calls 0 tokens $0", 0, pawl.Budget{Calls: new(int64(4)), Tokens: new(int64(8200))}},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := &script{}
			e := pricedEngine(checktest.Memory(t), m, prices)
			rec := follow(t, e, startWith(t, e, chain(4), &c.limit))
			if rec.Status != pawl.StatusWaiting || len(rec.Blockers) != 1 || m.Calls("ask#3") != 0 {
				t.Fatalf("run is %s (%s), %d blockers", rec.Status, rec.Reason, len(rec.Blockers))
			}
			b := rec.Blockers[0]
			if b.Kind != pawl.BlockerBudget || b.Question != c.says || rec.Reason != c.says {
				t.Errorf("%s: %s\nwants %s", b.Kind, b.Question, c.says)
			}
			want := []pawl.Action{{Name: pawl.DecideRaise, Budget: &c.lifts}, {Name: pawl.DecideCancel}}
			if diff := cmp.Diff(want, b.Actions); diff != "" {
				t.Errorf("actions: %s", diff)
			}
			if got := spent(t, rec); got != c.spent+", reserved 0 calls 0 tokens $0" || rec.Usage.ModelCalls != int64(c.calls) {
				t.Errorf("%s, wants %s", got, c.spent)
			}
			if s := rec.Steps[len(rec.Steps)-1]; s.Status != pawl.StepWaiting || s.Kind != pawl.KindAsk || s.Purpose != "Ask" {
				t.Errorf("step %+v", s)
			}
			raise(t, e, rec.ID, c.raise)
			rec = follow(t, e, rec.ID)
			if rec.Status != pawl.StatusDone || rec.Usage.ModelCalls != 4 || len(rec.Blockers) != 0 || rec.Decisions[0].Digest != b.Digest || rec.Decisions[0].Key != b.Key {
				t.Errorf("run is %s (%s)", rec.Status, rec.Reason)
			}
			if inbox, err := e.Inbox(t.Context(), pawl.RunFilter{}); err != nil || len(inbox) != 0 {
				t.Errorf("inbox %+v, %v", inbox, err)
			}
			if got := spent(t, rec); got != "4 calls 60 tokens $0.006, reserved 0 calls 0 tokens $0" {
				t.Error(got)
			}
		})
	}
}

// A run that is killed with a call in flight has spent what that had reserved.
func TestBudgetAfterCrash(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := checktest.Memory(t)
		prices := llm.Prices{"test/*": {Input: 100, Output: 100}}
		m := &script{Latency: time.Hour}
		first := pricedEngine(j, m, prices, chain(2))
		id := startWith(t, first, chain(2), &pawl.Budget{Calls: new(int64(2)), USD: new(0.5)})
		time.Sleep(time.Second)
		if got := spent(t, status(t, first, id)); got != "0 calls 0 tokens $0, reserved 1 calls 4115 tokens $0.4115" {
			t.Error(got)
		}
		second := pricedEngine(j, &script{}, prices, chain(2))
		if err := second.Direct(t.Context(), id, pawl.Directive{What: pawl.DirectResume, Who: "anna", Take: true}); err != nil {
			t.Fatal(err)
		}
		rec := follow(t, second, id)
		if got := spent(t, rec); rec.Status != pawl.StatusWaiting || got != "1 calls 4115 tokens $0.4115, reserved 0 calls 0 tokens $0" || rec.Usage.ModelCalls != 1 {
			t.Fatalf("run is %s (%s), %s", rec.Status, rec.Reason, got)
		}
		if rec.Reason != "the next call of ask may cost up to $0.4115; $0.0885 of $0.5 are left; so far 1 call took $0.4115" {
			t.Error(rec.Reason)
		}
		raise(t, second, id, pawl.Budget{USD: new(9.0)})
		rec = follow(t, second, id)
		if rec.Status != pawl.StatusWaiting || rec.Reason != "the next call of ask#2 would be number 3; 0 of 2 calls are left; so far 2 calls took $0.413" || *rec.Budget.Limit.USD != 9 {
			t.Fatalf("run is %s (%s)", rec.Status, rec.Reason)
		}
		raise(t, second, id, pawl.Budget{Calls: new(int64(3))})
		if rec = follow(t, second, id); rec.Status != pawl.StatusDone || spent(t, rec) != "3 calls 4145 tokens $0.4145, reserved 0 calls 0 tokens $0" {
			t.Errorf("run is %s (%s), %s", rec.Status, rec.Reason, spent(t, rec))
		}
		if err := first.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
	})
}

// A limit in dollars cannot be kept without a price: the run says which is missing
// and goes on when there is one, or when the limit is given up.
func TestBudgetWithoutPrice(t *testing.T) {
	j := checktest.Memory(t)
	m := &script{}
	e := pricedEngine(j, m, llm.Prices{}, chain(2))
	const says = "what the next call of ask may cost is not known: give test/one a price, or raise the budget without a limit in dollars"
	given, priced := startWith(t, e, chain(2), &pawl.Budget{USD: new(1.0)}), startWith(t, e, chain(2), &pawl.Budget{USD: new(1.0)})
	for _, id := range []pawl.RunID{given, priced} {
		if rec := follow(t, e, id); rec.Status != pawl.StatusWaiting || rec.Reason != says || len(m.Requests) != 0 {
			t.Fatalf("run is %s (%s)", rec.Status, rec.Reason)
		}
	}
	raise(t, e, given, pawl.Budget{Calls: new(int64(10))})
	if rec := follow(t, e, given); rec.Status != pawl.StatusDone || rec.Budget.Limit.USD != nil || rec.Budget.Spent.USD != nil {
		t.Errorf("run is %s (%s), %+v", rec.Status, rec.Reason, rec.Budget)
	}
	resume(t, e, priced)
	if rec := follow(t, e, priced); rec.Status != pawl.StatusWaiting || rec.Reason != says {
		t.Errorf("run is %s (%s)", rec.Status, rec.Reason)
	}
	e2 := pricedEngine(j, m, llm.Prices{"test/one": {Input: 1, Output: 1}}, chain(2))
	resume(t, e2, priced)
	if rec := follow(t, e2, priced); rec.Status != pawl.StatusDone || *rec.Budget.Limit.USD != 1 {
		t.Errorf("run is %s (%s)", rec.Status, rec.Reason)
	}

	// What went before is not known either.
	id := startWith(t, e, chain(2), &pawl.Budget{Calls: new(int64(1))})
	follow(t, e, id)
	raise(t, e2, id, pawl.Budget{Calls: new(int64(9)), USD: new(5.0)})
	if rec := follow(t, e2, id); rec.Status != pawl.StatusWaiting || !strings.HasPrefix(rec.Reason, "what has been spent before ask#2 is not known") {
		t.Errorf("run is %s (%s)", rec.Status, rec.Reason)
	}
	raise(t, e2, id, pawl.Budget{Calls: new(int64(9))})
	if rec := follow(t, e2, id); rec.Status != pawl.StatusDone {
		t.Errorf("run is %s (%s)", rec.Status, rec.Reason)
	}
}

// Repairs and attempts that were turned down are calls, and what was turned down
// took no tokens.
func TestBudgetOfAttempts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := pawl.New("f", "Outlines.", func(r *pawl.Run, in topic) (string, error) {
			return pawl.Ask(r, "outline", pawl.Messages[outline]("Outlining", llm.User("Outline"))).Title, nil
		})
		m := &script{Replies: map[string][]any{"outline": {"no", error(&llm.Error{Kind: llm.RateLimit}), error(&llm.Error{Kind: llm.Timeout}), "never sent"}}}
		e := newEngine(checktest.Memory(t), m)
		rec := follow(t, e, startWith(t, e, f, &pawl.Budget{Calls: new(int64(3))}))
		timedOut := replay.Estimate(m.Requests[2].Messages, m.Requests[2].Schema, m.Requests[2].MaxTokens, nil, "").Tokens
		if rec.Status != pawl.StatusWaiting || len(m.Requests) != 3 || rec.Budget.Spent.Tokens != 15+timedOut {
			t.Errorf("run is %s (%s), %s, wants %d tokens", rec.Status, rec.Reason, spent(t, rec), 15+timedOut)
		}
		if s := rec.Steps[0]; s.Status != pawl.StepWaiting || len(s.Attempts) != 3 {
			t.Errorf("step is %s after %d attempts", s.Status, len(s.Attempts))
		}
		raise(t, e, rec.ID, pawl.Budget{Calls: new(int64(4))})
		if rec = follow(t, e, rec.ID); len(m.Requests) != 4 || rec.Steps[0].Attempts[3].Number != 4 {
			t.Errorf("run is %s (%s)", rec.Status, rec.Reason)
		}
		if last := m.Requests[3].Messages; len(last) != 3 { // the round goes on: the repair of "no"
			t.Errorf("the last request has %d messages", len(last))
		}
	})
}

// Answers that are of no use are paid all the same: where they do not say what they
// took, what was reserved for them counts, and the cost is unknown.
func TestUselessAnswersCount(t *testing.T) {
	for _, c := range []struct {
		err   llm.Error
		calls int64
		usd   float64
		cost  bool // known
	}{
		{llm.Error{Kind: llm.Overloaded, Message: "a tool was called", Answered: true}, 5, 0.5, false},
		{llm.Error{Kind: llm.Truncated, Message: "cut"}, 2, 0.2, false},
		{llm.Error{Kind: llm.Refused, Message: "no"}, 1, 0.1, false},
		{llm.Error{Kind: llm.Filtered, Message: "no", Answered: true}, 1, 0.1, false},
		{llm.Error{Kind: llm.Overloaded, Message: "no text", Answered: true, Usage: &llm.Usage{InputTokens: 10, OutputTokens: 5}}, 5, 0.075, true},
		{llm.Error{Kind: llm.Overloaded, Message: "busy", Status: 503}, 5, 0, true},
	} {
		synctest.Test(t, func(t *testing.T) {
			m := llm.Func(func(context.Context, llm.Request, func(llm.Delta)) (llm.Response, error) {
				return llm.Response{}, &c.err
			})
			e := pricedEngine(checktest.Memory(t), m, llm.Prices{"test/one": {Input: 1000, Output: 1000}}, asks)
			rec := follow(t, e, startWith(t, e, asks, &pawl.Budget{USD: new(1000.0)}))
			u, spent := rec.Usage, rec.Budget.Spent
			if rec.Status != pawl.StatusFailed || u.ModelCalls != c.calls || spent.Calls != c.calls || spent.USD == nil || *spent.USD < c.usd || c.usd == 0 && *spent.USD > 0 {
				t.Errorf("%v: %s after %d calls, $%v spent, want $%v", &c.err, rec.Status, u.ModelCalls, *spent.USD, c.usd)
			}
			if known := u.CostUSD != nil; known != (c.cost && c.usd > 0) {
				t.Errorf("%v: the cost is %v", &c.err, u.CostUSD)
			}
		})
	}
}

// A step that is short of budget and then waits for a place among the calls, which
// a refusal has slowed, is still short when it gets the place: it waits on.
func TestShortOfBudgetAndSlowed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &script{Latency: 5 * time.Minute, Replies: map[string][]any{"p/d/x": {&llm.Error{Kind: llm.RateLimit, RetryAfter: time.Minute}}}}
		ask := func(name, prompt string) pawl.Branch {
			return pawl.Go(name, func(r *pawl.Run) error {
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
		if n := m.Calls("p/c/x"); n != 0 || m.Calls("p/d/x") != 1 {
			t.Fatalf("%d calls of c, %d of d", n, m.Calls("p/d/x"))
		}
		decide(t, e, id, pawl.Decision{What: pawl.DecideRaise, Budget: &pawl.Budget{Tokens: new(int64(701))}})
		rec := follow(t, e, id)
		if rec.Status != pawl.StatusDone || m.Calls("p/c/x") != 1 {
			t.Errorf("run is %s (%s), %d calls of c", rec.Status, rec.Reason, m.Calls("p/c/x"))
		}
	})
}
