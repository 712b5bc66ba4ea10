package local_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/local"
	"github.com/pawlrun/pawl/internal/checktest"
	"github.com/pawlrun/pawl/llm"
)

// busy is a model whose calls take a second, and which sees how many are in flight, of
// each model and in all.
type busy struct {
	mu         sync.Mutex
	now, most  map[string]int
	refuseOnce bool
}

func (b *busy) Generate(ctx context.Context, req llm.Request, _ func(llm.Delta)) (llm.Response, error) {
	b.mu.Lock()
	if b.now == nil {
		b.now, b.most = map[string]int{}, map[string]int{}
	}
	refuse := b.refuseOnce
	b.refuseOnce = false
	for _, name := range []string{req.Model, "all"} {
		b.now[name]++
		b.most[name] = max(b.most[name], b.now[name])
	}
	b.mu.Unlock()
	time.Sleep(time.Second)
	b.mu.Lock()
	b.now[req.Model]--
	b.now["all"]--
	b.mu.Unlock()
	if refuse {
		return llm.Response{}, &llm.Error{Kind: llm.RateLimit, Message: "slow down"}
	}
	return llm.Response{Text: "yes"}, nil
}

// Calls in flight are bounded for a model, and for all models of a provider together.
func TestMaxCalls(t *testing.T) {
	f := pawl.New("two", "Asks two models.", func(r *pawl.Run, in topic) (int, error) {
		return len(pawl.Map(r, "items", make([]int, 24), func(r *pawl.Run, _ int) (string, error) {
			return pawl.Ask(r, "one", text("1")) + pawl.Ask(r, "two", text("2").Model("test/two")), nil
		}, pawl.Limit(100))), nil
	})
	for _, c := range []struct {
		name          string
		max           map[string]int
		one, two, all int // 0: not bounded
		refuse        bool
	}{
		{"none", nil, 24, 24, 24, false},
		{"one model", map[string]int{"test/one": 3}, 3, 24, 0, false},
		{"more than there are", map[string]int{"test/one": 500}, 24, 24, 24, false},
		{"all of a provider", map[string]int{"test/*": 1}, 1, 1, 1, false},
		{"both", map[string]int{"test/*": 4, "test/two": 1}, 4, 1, 4, false},
		{"another provider", map[string]int{"other/*": 1}, 24, 24, 24, false},
		{"and never more after a refusal", map[string]int{"test/*": 2}, 2, 2, 2, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m := &busy{refuseOnce: c.refuse}
				e := local.New(&local.Options{Journal: checktest.Memory(t), Models: llm.Catalog{"test": m}, Model: "test/one", Flows: []pawl.Flow{f}, MaxCalls: c.max})
				rec := finish(t, e, f)
				if rec.Status != pawl.StatusDone || m.most["one"] != c.one || m.most["two"] > c.two || c.all > 0 && m.most["all"] != c.all {
					t.Errorf("run is %s, at most %v", rec.Status, m.most)
				}
			})
		})
	}
}

func TestMaxCallsRefuses(t *testing.T) {
	for want, max := range map[string]map[string]int{
		`"" is no model`:               {"": 1},
		`"test/" is no model`:          {"test/": 1},
		"test/one: 0 calls":            {"test/one": 0},
		`"test/g*": * stands for all`:  {"test/g*": 1},
		`"/one" is no model`:           {"/one": 1},
		"test/*: -1 calls, wants 1 or": {"test/*": -1},
	} {
		func() {
			defer func() {
				if p := recover(); !strings.Contains(fmt.Sprint(p), want) {
					t.Errorf("%v: %v, wants %q", max, p, want)
				}
			}()
			local.New(&local.Options{Journal: checktest.Memory(t), MaxCalls: max})
		}()
	}
}

// The time of an attempt begins when its call leaves. What it waits for a place, behind
// calls of others, is not part of it.
func TestWaitingForAPlaceIsNoPartOfTheTimeout(t *testing.T) {
	for _, max := range []map[string]int{{"test/one": 1}, {"test/*": 1}} {
		synctest.Test(t, func(t *testing.T) {
			m := &busy{}
			f := pawl.New("queue", "Asks at once.", func(r *pawl.Run, in topic) (int, error) {
				return len(pawl.Map(r, "items", make([]int, 60), func(r *pawl.Run, _ int) (string, error) {
					return pawl.Ask(r, "w", text("W").Timeout(2*time.Second)), nil
				}, pawl.Limit(100))), nil
			})
			e := local.New(&local.Options{Journal: checktest.Memory(t), Models: llm.Catalog{"test": m}, Model: "test/one", Flows: []pawl.Flow{f}, MaxCalls: max})
			begin := time.Now()
			rec := finish(t, e, f)
			if rec.Status != pawl.StatusDone || rec.Usage.ModelCalls != 60 || time.Since(begin) != time.Minute {
				t.Errorf("run is %s after %d calls in %s: %+v", rec.Status, rec.Usage.ModelCalls, time.Since(begin), rec.Error)
			}
		})
	}
}

// A call that waits for a place that all models of a provider have together leaves no
// earlier than the provider asked its model to wait, and calls of other models pass it.
func TestSharedPlacesKeepTheDelay(t *testing.T) {
	f := pawl.New("two", "Asks two models.", func(r *pawl.Run, in topic) (int, error) {
		return len(pawl.Map(r, "items", []int{0, 1, 2, 3}, func(r *pawl.Run, i int) (string, error) {
			return pawl.Ask(r, "a", text("1").Model([]string{"test/one", "test/two"}[i/2])), nil
		}, pawl.Limit(100))), nil
	})
	for name, max := range map[string]map[string]int{"alone": {"test/one": 1, "test/two": 1}, "together": {"test/*": 1}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				begin := time.Now()
				early := map[string]int{}
				var mu sync.Mutex
				m := llm.Func(func(_ context.Context, r llm.Request, _ func(llm.Delta)) (llm.Response, error) {
					left := 30*time.Second - time.Since(begin)
					mu.Lock()
					if left > 0 {
						early[r.Model]++
					}
					mu.Unlock()
					time.Sleep(100 * time.Millisecond)
					if r.Model == "one" && left > 0 {
						return llm.Response{}, &llm.Error{Kind: llm.RateLimit, Message: "slow down", RetryAfter: left - 100*time.Millisecond}
					}
					return llm.Response{Text: "yes"}, nil
				})
				e := local.New(&local.Options{Journal: checktest.Memory(t), Models: llm.Catalog{"test": m}, Model: "test/one", Flows: []pawl.Flow{f}, MaxCalls: max})
				if rec := finish(t, e, f); rec.Status != pawl.StatusDone || early["one"] != 1 || early["two"] != 2 {
					t.Errorf("run is %s; before the 30 s were over there left %v", rec.Status, early)
				}
			})
		})
	}
}

// The engine's timeout stands above the question's and the prompt's, which stand in this
// order above 3 minutes. Who was too slow for it is told how long that was.
func TestTimeoutOfTheEngine(t *testing.T) {
	prompt := pawl.PromptText[say, string]("purpose: Saying\ntimeout: 50s\n---\n# user\n{{.Text}}")
	f := pawl.New("times", "Asks.", func(r *pawl.Run, in topic) (string, error) {
		pawl.TryAsk(r, "call", prompt.With(say{"a"}).Timeout(20*time.Second).Tries(1))
		pawl.TryAsk(r, "header", prompt.With(say{"a"}).Tries(1))
		pawl.TryAsk(r, "default", text("Ask").Tries(1))
		return "", nil
	}, pawl.Prompts(prompt))
	for timeout, want := range map[time.Duration][]time.Duration{
		0:                {20 * time.Second, 50 * time.Second, 3 * time.Minute},
		10 * time.Minute: {10 * time.Minute, 10 * time.Minute, 10 * time.Minute},
	} {
		synctest.Test(t, func(t *testing.T) {
			hung := llm.Func(func(ctx context.Context, _ llm.Request, _ func(llm.Delta)) (llm.Response, error) {
				<-ctx.Done()
				return llm.Response{}, &llm.Error{Kind: llm.Timeout, Message: "no answer", Hint: "may be billed"}
			})
			e := local.New(&local.Options{Journal: checktest.Memory(t), Models: llm.Catalog{"test": hung}, Model: "test/one", Flows: []pawl.Flow{f}, Timeout: timeout})
			rec := finish(t, e, f)
			for i, key := range []pawl.Key{"call", "header", "default"} {
				step := rec.Steps[len(rec.Steps)-1]
				at := step.Attempts[0]
				if took := at.EndedAt.Sub(at.StartedAt.Time); step.Key != key || took != want[i] {
					t.Errorf("%s: took %s, wants %s", step.Key, took, want[i])
				}
				if says := fmt.Sprintf("timeout: no answer (an attempt has %s)", want[i]); at.Error.Message != says || !strings.HasPrefix(at.Error.Hint, "give attempts more time") || !strings.HasSuffix(at.Error.Hint, "; may be billed") {
					t.Errorf("%s: %+v", key, at.Error)
				}
				decide(t, e, rec.ID, pawl.Decision{What: pawl.DecideSkip, Key: key, Who: "anna"})
				rec = follow(t, e, rec.ID)
			}
			if rec.Status != pawl.StatusDone {
				t.Errorf("run is %s (%s)", rec.Status, rec.Reason)
			}
		})
	}
}
