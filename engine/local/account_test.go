package local_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/local"
	"github.com/pawlrun/pawl/internal/checktest"
	"github.com/pawlrun/pawl/llm"
)

// A provider that refuses the account does not take a breakpoint's place.
func TestRefusedAccountBesideBreakpoint(t *testing.T) {
	m := &script{Replies: map[string][]any{"p/try/a": {&llm.Error{Kind: llm.Auth}}}}
	f := pawl.New("f", "Asks twice.", func(r *pawl.Run, in topic) (string, error) {
		pawl.Parallel(r, "p",
			pawl.Go("try", func(r *pawl.Run) error { pawl.TryAsk(r, "a", text("A")); return nil }),
			pawl.Go("look", func(r *pawl.Run) error { pawl.Ask(r, "b", text("B")); return nil }))
		return "", nil
	})
	e := newEngine(checktest.Memory(t), m)
	id, err := e.Start(t.Context(), f, json.RawMessage(`{}`), &pawl.StartOptions{Break: []pawl.Key{"p/look/b"}})
	if err != nil {
		t.Fatal(err)
	}
	if rec := follow(t, e, id); rec.Status != pawl.StatusFailed || len(rec.Blockers) != 2 || rec.Error.Step != "p/try/a" {
		t.Errorf("run is %s (%s), blockers %+v", rec.Status, rec.Reason, rec.Blockers)
	}
	decide(t, e, id, pawl.Decision{Key: "p/try/a", What: pawl.DecideSkip})
	rec := follow(t, e, id)
	if rec.Status != pawl.StatusWaiting || len(rec.Blockers) != 1 || rec.Blockers[0].Kind != pawl.BlockerBreakpoint {
		t.Errorf("run is %s (%s), blockers %+v", rec.Status, rec.Reason, rec.Blockers)
	}
}

func TestAuthStopsNewCalls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		denied := &llm.Error{Kind: llm.Auth, Message: "wrong key", Hint: "set the key"}
		m := &script{Latency: time.Second, Replies: map[string][]any{"items[0]/w": {denied}}}
		f := pawl.New("fan", "Fans out.", func(r *pawl.Run, in topic) (int, error) {
			pawl.Map(r, "items", make([]int, 10), func(r *pawl.Run, _ int) (string, error) {
				return pawl.Ask(r, "w", text("W")), nil
			}, pawl.Limit(2))
			return 1, nil
		})
		e := newEngine(checktest.Memory(t), m, f)
		rec := finish(t, e, f)
		if rec.Status != pawl.StatusFailed || rec.Error.Kind != "auth" || rec.Error.Hint != "set the key" || len(m.Requests) != 2 {
			t.Fatalf("%s %+v after %d requests", rec.Status, rec.Error, len(m.Requests))
		}
		resume(t, e, rec.ID)
		if rec = follow(t, e, rec.ID); rec.Status != pawl.StatusDone || len(m.Requests) != 11 {
			t.Errorf("%s after %d requests", rec.Status, len(m.Requests))
		}
	})
}

// TestAuthIsNoValue: a flow that takes failures as values stands still where the account
// is refused, and asks no further.
func TestAuthIsNoValue(t *testing.T) {
	m := &script{Replies: map[string][]any{"a": {&llm.Error{Kind: llm.Quota, Message: "no credit"}}}}
	f := pawl.New("try", "Tries.", func(r *pawl.Run, in topic) (string, error) {
		pawl.TryAsk(r, "a", text("A"))
		return pawl.Ask(r, "b", text("B")), nil
	})
	e := newEngine(checktest.Memory(t), m, f)
	rec := finish(t, e, f)
	if rec.Status != pawl.StatusFailed || rec.Error.Kind != "quota" || m.Calls("b") != 0 {
		t.Fatalf("%s %+v", rec.Status, rec.Error)
	}
	resume(t, e, rec.ID)
	if rec = follow(t, e, rec.ID); rec.Status != pawl.StatusDone {
		t.Errorf("%s %+v", rec.Status, rec.Error)
	}
}

// A refused account counts for its provider: branches that ask another one go on,
// whichever of its models a step asks, and the run stands still at the step that was
// refused.
func TestRefusedAccountIsOneProviders(t *testing.T) {
	for _, kind := range []llm.ErrorKind{llm.Quota, llm.Auth} {
		synctest.Test(t, func(t *testing.T) {
			m := &script{Latency: time.Second}
			poor := llm.Func(func(_ context.Context, req llm.Request, _ func(llm.Delta)) (llm.Response, error) {
				if req.Model != "a" {
					t.Errorf("the refused account was asked for %s", req.Model)
				}
				return llm.Response{}, &llm.Error{Kind: kind, Message: "no", Hint: "pay"}
			})
			f := pawl.New("f", "Asks two.", func(r *pawl.Run, in topic) (string, error) {
				out := pawl.Map(r, "m", []string{"poor", "test"}, func(r *pawl.Run, p string) (string, error) {
					q := text("Q")
					one := pawl.Ask(r, "one", q.Model(p+"/a"))
					two := pawl.Ask(r, "two", q.Model(p+"/a"))
					_, err := pawl.TryAsk(r, "late", q.Model("poor/b"))
					return one + two, err
				})
				return strings.Join(out, " "), nil
			})
			e := local.New(&local.Options{Journal: checktest.Memory(t), Models: llm.Catalog{"poor": poor, "test": m}, Model: "test/a", Flows: []pawl.Flow{f}})
			rec := follow(t, e, start(t, e, f))
			if rec.Status != pawl.StatusFailed || rec.Error.Step != "m[0]/one" || rec.Error.Kind != pawl.ErrorKind(kind) || rec.Error.Hint != "pay" {
				t.Errorf("%s: run is %s at %+v", kind, rec.Status, rec.Error)
			}
			if len(m.Requests) != 2 || len(rec.Blockers) != 1 {
				t.Errorf("%s: the other provider was asked %d times, want 2; blockers %+v", kind, len(m.Requests), rec.Blockers)
			}
		})
	}
}

// What a do's own service says of its account or its rate is no matter of the models.
func TestDoIsRefused(t *testing.T) {
	for _, kind := range []llm.ErrorKind{llm.Auth, llm.Quota} {
		f := pawl.New("f", "Does and asks.", func(r *pawl.Run, in topic) (string, error) {
			_, err := pawl.TryDo(r, "crm", "x", func(context.Context, string) (string, error) {
				return "", &llm.Error{Kind: kind, Message: "the CRM refuses its token"}
			})
			return pawl.Ask(r, "a", text("A")), err
		})
		m := &script{}
		e := newEngine(checktest.Memory(t), m)
		beside := pawl.New("g", "Does beside asking.", func(r *pawl.Run, in topic) (string, error) {
			pawl.Parallel(r, "p",
				pawl.Go("do", func(r *pawl.Run) error { pawl.Call(r, "f", f, in); return nil }),
				pawl.Go("ask", func(r *pawl.Run) error { pawl.Ask(r, "one", text("A")); pawl.Ask(r, "two", text("B")); return nil }))
			return "", nil
		})
		rec := finish(t, e, beside)
		if rec.Status != pawl.StatusFailed || rec.Error.Kind != pawl.ErrorKind(kind) || len(rec.Blockers) != 1 || m.Calls("p/ask/two") != 1 {
			t.Errorf("%s: run is %s (%s), %s", kind, rec.Status, rec.Reason, keys(rec))
		}
	}
}

// Steps that wait for a place when the account is refused are not asked, in a Try form
// either.
func TestRefusedWhileWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &refusing{calls: map[string]int{}, bad: map[string]bool{"one": true}, latency: time.Second}
		f := pawl.New("f", "Fans out.", func(r *pawl.Run, in topic) (int, error) {
			failed := 0
			for _, res := range pawl.TryMap(r, "m", make([]int, 70), func(r *pawl.Run, _ int) (string, error) { return pawl.Ask(r, "w", text("W")), nil }, pawl.Limit(70)) {
				if res.Err != nil {
					failed++
				}
			}
			return failed, nil
		})
		e := newEngine(checktest.Memory(t), m)
		rec := finish(t, e, f)
		if rec.Status != pawl.StatusFailed || len(rec.Blockers) != 64 || m.count("one") != 64 {
			t.Errorf("run is %s (%s): %d stand still after %d calls", rec.Status, rec.Reason, len(rec.Blockers), m.count("one"))
		}
		m.mend("one")
		resume(t, e, rec.ID)
		if rec = follow(t, e, rec.ID); rec.Status != pawl.StatusDone || string(rec.Output) != "0" || m.count("one") != 64+70 {
			t.Errorf("run is %s (%s): %s failures after %d calls", rec.Status, rec.Reason, rec.Output, m.count("one"))
		}
	})
}

// A step that backs off while the account is refused beside it is not what the run stands
// at: the refusal is.
func TestRefusedDuringBackoff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := llm.Func(func(_ context.Context, req llm.Request, _ func(llm.Delta)) (llm.Response, error) {
			if req.Meta.Key == "m[0]/w" {
				return llm.Response{}, &llm.Error{Kind: llm.Overloaded, Message: "busy"}
			}
			time.Sleep(200 * time.Millisecond)
			return llm.Response{}, &llm.Error{Kind: llm.Auth, Message: "bad key"}
		})
		f := pawl.New("f", "Fans out.", func(r *pawl.Run, in topic) (int, error) {
			return len(pawl.TryMap(r, "m", make([]int, 2), func(r *pawl.Run, _ int) (string, error) { return pawl.Ask(r, "w", text("W")), nil })), nil
		})
		rec := finish(t, newEngine(checktest.Memory(t), m), f)
		if rec.Status != pawl.StatusFailed || rec.Error.Kind != pawl.ErrorKind(llm.Auth) || len(rec.Blockers) != 1 || rec.Blockers[0].Key != "m[1]/w" {
			t.Errorf("run is %s (%s), %+v", rec.Status, rec.Reason, rec.Blockers)
		}
	})
}
