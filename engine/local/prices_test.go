package local_test

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/local"
	"github.com/pawlrun/pawl/internal/checktest"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/llm"
)

func pricedEngine(j journal.Journal, m llm.Model, p llm.Prices, flows ...pawl.Flow) *local.Engine {
	return local.New(&local.Options{Journal: j, Models: llm.Catalog{"test": m}, Model: "test/one", Prices: p, Flows: flows})
}

// Each attempt that used something has its cost, whatever became of it, and the
// run has their sum.
func TestCosts(t *testing.T) {
	used := &llm.Usage{InputTokens: 1000, CachedTokens: 600, OutputTokens: 100}
	for _, c := range []struct {
		name   string
		usage  *llm.Usage // of the second step
		prices llm.Prices
		steps  [2]float64
		sum    float64
	}{
		{"known", used, llm.Prices{"test/one": {Input: 2, CachedInput: new(0.5), Output: 8}}, [2]float64{0.0019, 0.0019}, 0.0038},
		{"free", used, llm.Prices{"test/*": {}}, [2]float64{0, 0}, 0},
		{"no price", used, llm.Prices{}, [2]float64{-1, -1}, -1},
		{"none comes with the program", used, nil, [2]float64{-1, -1}, -1},
		{"one used nobody knows how much", nil, llm.Prices{"test/one": {Input: 2, CachedInput: new(0.5), Output: 8}}, [2]float64{0.0019, -1}, -1},
		{"one was too long", &llm.Usage{InputTokens: 2000}, llm.Prices{"test/one": {Input: 2, CachedInput: new(0.5), Output: 8, MaxInputTokens: 1999}}, [2]float64{0.0019, -1}, -1},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				failed := false
				m := llm.Func(func(_ context.Context, req llm.Request, _ func(llm.Delta)) (llm.Response, error) {
					switch {
					case req.Meta.Key == "b":
						return llm.Response{Text: "B", Usage: c.usage}, nil
					case failed:
						return llm.Response{Text: "A", Usage: used}, nil
					}
					failed = true // and was not billed
					return llm.Response{}, &llm.Error{Kind: llm.Overloaded}
				})
				f := pawl.New("two", "Asks twice.", func(r *pawl.Run, in topic) (string, error) {
					return pawl.Ask(r, "a", text("A")) + pawl.Ask(r, "b", text("B")), nil
				})
				rec := finish(t, pricedEngine(checktest.Memory(t), m, c.prices), f)
				for i, s := range rec.Steps {
					got, last := -1.0, s.Attempts[len(s.Attempts)-1]
					if last.Usage != nil {
						got = cost(last.Usage.CostUSD)
					}
					if got != c.steps[i] {
						t.Errorf("step %s costs %v, wants %v", s.Key, got, c.steps[i])
					}
				}
				if got := cost(rec.Usage.CostUSD); got != c.sum || rec.Usage.ModelCalls != 3 {
					t.Errorf("the run costs %v in %d calls, wants %v in 3", got, rec.Usage.ModelCalls, c.sum)
				}
			})
		})
	}
}

// What the provider's cache saved is kept with each call by the prices of its time, and the
// run has the sum, whichever way it went.
func TestCacheSavings(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := llm.Func(func(_ context.Context, req llm.Request, _ func(llm.Delta)) (llm.Response, error) {
			u := &llm.Usage{InputTokens: 1000, CacheWriteTokens: 800, OutputTokens: 100}
			if req.Meta.Key == "b" {
				u.CachedTokens, u.CacheWriteTokens = 800, 100
			}
			return llm.Response{Text: "X", Usage: u}, nil
		})
		f := pawl.New("two", "Asks twice.", func(r *pawl.Run, in topic) (string, error) {
			return pawl.Ask(r, "a", text("A")) + pawl.Ask(r, "b", text("B")), nil
		})
		rec := finish(t, pricedEngine(checktest.Memory(t), m, llm.Prices{"test/one": {Input: 4, CachedInput: new(0.4), CacheWrite: new(5.0), Output: 20}}, f), f)
		for i, want := range []pawl.UsageRecord{
			{CacheWriteTokens: 800, CostUSD: new(0.0068), CacheSavedUSD: -0.0008},
			{CacheWriteTokens: 100, CostUSD: new(0.00322), CacheSavedUSD: 0.00278},
			{CacheWriteTokens: 900, CostUSD: new(0.01002), CacheSavedUSD: 0.00198},
		} {
			u := rec.Usage
			if i < 2 {
				u = *rec.Steps[i].Attempts[0].Usage
			}
			if u.CacheWriteTokens != want.CacheWriteTokens || cost(u.CostUSD) != *want.CostUSD || u.CacheSavedUSD != want.CacheSavedUSD {
				t.Errorf("%d: %d written, cost %v, saved %v; wants %d, %v, %v", i, u.CacheWriteTokens, cost(u.CostUSD), u.CacheSavedUSD, want.CacheWriteTokens, *want.CostUSD, want.CacheSavedUSD)
			}
		}
	})
}

// What the answer's service tier costs is what counts. Where that is not known the next call
// stops at a budget in dollars, whatever the model's own price is, and the tier stands in the
// record.
func TestServiceTiersCost(t *testing.T) {
	prices := llm.Prices{"test/one": {Input: 4, Output: 20, Tiers: map[string]float64{"priority": 2.5}}}
	for tier, want := range map[string]*float64{"": new(0.006), "default": new(0.006), "priority": new(0.015), "ultrafast": nil, strings.Repeat("é", 100): nil} {
		synctest.Test(t, func(t *testing.T) {
			m := llm.Func(func(context.Context, llm.Request, func(llm.Delta)) (llm.Response, error) {
				return llm.Response{Text: "X", Usage: &llm.Usage{InputTokens: 1000, OutputTokens: 100, ServiceTier: tier}}, nil
			})
			f := pawl.New("two", "Asks twice.", func(r *pawl.Run, in topic) (string, error) {
				return pawl.Ask(r, "a", text("A")) + pawl.Ask(r, "b", text("B")), nil
			})
			e := pricedEngine(checktest.Memory(t), m, prices, f)
			id, err := e.Start(t.Context(), f, []byte(`{"topic":"x"}`), &pawl.StartOptions{Budget: &pawl.Budget{USD: new(100.0)}})
			if err != nil {
				t.Fatal(err)
			}
			rec, err := e.Wait(t.Context(), id)
			if err != nil {
				t.Fatal(err)
			}
			at := rec.Steps[0].Attempts[0]
			if at.ServiceTier != tier[:min(len(tier), 100)] {
				t.Errorf("tier %q is kept as %q", tier, at.ServiceTier)
			}
			if want == nil {
				if at.Usage.CostUSD != nil || rec.Status != pawl.StatusWaiting || len(rec.Blockers) != 1 || rec.Blockers[0].Unpriced != "test/one" {
					t.Errorf("tier %q: cost %v, %s, %+v", tier, cost(at.Usage.CostUSD), rec.Status, rec.Blockers)
				}
				return
			}
			if cost(at.Usage.CostUSD) != *want || rec.Status != pawl.StatusDone || cost(rec.Usage.CostUSD) != 2**want {
				t.Errorf("tier %q: cost %v, %s, %v in all; wants %v", tier, cost(at.Usage.CostUSD), rec.Status, cost(rec.Usage.CostUSD), *want)
			}
		})
	}
}

// offline costs nothing, and that is known to whoever gives no prices.
func TestOfflineIsFree(t *testing.T) {
	e, _ := goldenEngine(checktest.Memory(t))
	defer e.Close(t.Context())
	g := goldenRuns["blog-parallel"]
	id, err := e.Start(t.Context(), g.flow, []byte(g.input), &pawl.StartOptions{Model: "offline"})
	if err != nil {
		t.Fatal(err)
	}
	if rec := follow(t, e, id); cost(rec.Usage.CostUSD) != 0 || rec.Usage.ModelCalls == 0 {
		t.Errorf("costs %v", cost(rec.Usage.CostUSD))
	}
}

// What a call has cost stays what it cost, at whatever prices a run is resumed;
// answers that were turned down and cut short were paid for too.
func TestCostsStay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cut := error(&llm.Error{Kind: llm.Truncated, Partial: "a", Usage: &llm.Usage{InputTokens: 100, OutputTokens: 100}})
		m := &script{Replies: map[string][]any{"a": {cut}, "b": {error(&llm.Error{Kind: llm.Refused, Usage: &llm.Usage{}})}}}
		f := pawl.New("two", "Asks twice.", func(r *pawl.Run, in topic) (string, error) {
			return pawl.Ask(r, "a", text("A")) + pawl.Ask(r, "b", text("B")), nil
		})
		j := checktest.Memory(t)
		first := pricedEngine(j, m, llm.Prices{"test/one": {Input: 1, Output: 1}}, f)
		rec := finish(t, first, f)
		if got := cost(rec.Usage.CostUSD); rec.Status != pawl.StatusFailed || got != 0.000215 {
			t.Fatalf("run is %s and costs %v", rec.Status, got)
		}
		if err := first.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
		second := pricedEngine(j, m, llm.Prices{"test/one": {Input: 1000, Output: 1000}}, f)
		defer second.Close(t.Context())
		resume(t, second, rec.ID)
		rec = follow(t, second, rec.ID)
		if got := cost(rec.Usage.CostUSD); rec.Status != pawl.StatusDone || got != 0.015215 {
			t.Errorf("run is %s and costs %v, wants the old calls at the old price and the new one at the new", rec.Status, got)
		}
	})
}
