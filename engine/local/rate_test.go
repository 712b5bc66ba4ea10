package local_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/local"
	"github.com/pawlrun/pawl/internal/checktest"
	"github.com/pawlrun/pawl/internal/replay"
	"github.com/pawlrun/pawl/llm"
)

// window is a provider that takes a number of calls in each period and refuses the
// others, with or without word of when to come back.
type window struct {
	takes   int
	period  time.Duration
	says    bool
	latency time.Duration // of an answer; a refusal comes at once

	mu      sync.Mutex
	begin   time.Time
	used    int
	refused int
}

func (w *window) Generate(context.Context, llm.Request, func(llm.Delta)) (llm.Response, error) {
	if err := w.admit(); err != nil {
		return llm.Response{}, err
	}
	time.Sleep(w.latency) // of the bubble
	return llm.Response{Text: "ok"}, nil
}

func (w *window) admit() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	now := time.Now()
	if now.Sub(w.begin) >= w.period {
		w.begin, w.used = now, 0
	}
	if w.used < w.takes {
		w.used++
		return nil
	}
	w.refused++
	e := &llm.Error{Kind: llm.RateLimit, Message: fmt.Sprintf("slow down (%d)", w.refused), Status: 429}
	if w.says {
		e.RetryAfter = w.begin.Add(w.period).Sub(now)
	}
	return e
}

// mapOf asks so many questions, so many at a time.
func mapOf(n, limit int) pawl.Flow {
	return pawl.New("many", "Asks much.", func(r *pawl.Run, in topic) (int, error) {
		return len(pawl.Map(r, "m", make([]int, n), func(r *pawl.Run, _ int) (string, error) {
			return pawl.Ask(r, "a", text("A")), nil
		}, pawl.Limit(limit))), nil
	})
}

// TestMapUnderRateLimit: whatever a provider takes, a map of more ends done, about as
// soon as the provider lets it, and with few calls in vain.
func TestMapUnderRateLimit(t *testing.T) {
	for name, c := range map[string]struct {
		w       *window
		limit   int
		most    time.Duration
		refused int
	}{
		"three a second":               {&window{takes: 3, period: time.Second, says: true}, 16, 16 * time.Second, 60},
		"three a second, without word": {&window{takes: 3, period: time.Second}, 16, 40 * time.Second, 60},
		"one a second":                 {&window{takes: 1, period: time.Second, says: true}, 16, 45 * time.Second, 120},
		"ten a minute":                 {&window{takes: 10, period: time.Minute, says: true}, 64, 5 * time.Minute, 90},
		"ten a minute, without word":   {&window{takes: 10, period: time.Minute}, 64, 10 * time.Minute, 120},
		"two in two minutes":           {&window{takes: 2, period: 2 * time.Minute, says: true}, 5, 50 * time.Minute, 80},
		"slow answers":                 {&window{takes: 3, period: time.Second, says: true, latency: 5 * time.Second}, 16, 80 * time.Second, 60},
		"slower answers":               {&window{takes: 10, period: time.Minute, says: true, latency: 2 * time.Minute}, 40, 20 * time.Minute, 60},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				begin := time.Now()
				rec := finish(t, newEngine(checktest.Memory(t), c.w), mapOf(40, c.limit))
				if took := time.Since(begin); rec.Status != pawl.StatusDone || took > c.most || c.w.refused > c.refused {
					t.Errorf("%s (%s) after %v, %d calls were refused; want at most %v and %d", rec.Status, rec.Reason, took, c.w.refused, c.most, c.refused)
				}
				spared := 0
				for _, s := range rec.Steps {
					for _, at := range s.Attempts {
						if at.Uncounted {
							spared++
						}
						if at.Uncounted && (at.Outcome != pawl.OutcomeFailed || at.RetryAt == nil) {
							t.Errorf("%s: %+v", s.Key, at)
						}
					}
				}
				if spared == 0 && c.w.latency < c.w.period {
					t.Error("every attempt counted")
				}
			})
		})
	}
}

// TestRunsShareARate: runs of one model share what its provider takes, and none is
// starved.
func TestRunsShareARate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, other := &window{takes: 3, period: time.Second, says: true}, &script{Latency: time.Second}
		f := mapOf(20, 20)
		e := local.New(&local.Options{Journal: checktest.Memory(t), Models: llm.Catalog{"test": w, "other": other}, Model: "test/one", Flows: []pawl.Flow{f}})
		begin := time.Now()
		ids := []pawl.RunID{start(t, e, f), start(t, e, f), start(t, e, f)}
		free, err := e.Start(t.Context(), f, []byte(`{}`), &pawl.StartOptions{Model: "other/one"})
		if err != nil {
			t.Fatal(err)
		}
		if rec := follow(t, e, free); rec.Status != pawl.StatusDone || time.Since(begin) > 2*time.Second {
			t.Errorf("the run of another model is %s after %v", rec.Status, time.Since(begin))
		}
		for _, id := range ids {
			if rec := follow(t, e, id); rec.Status != pawl.StatusDone {
				t.Errorf("run is %s (%s)", rec.Status, rec.Reason)
			}
		}
		if took := time.Since(begin); took > 26*time.Second {
			t.Errorf("sixty calls took %v at three a second", took)
		}
	})
}

// TestRefusedForGood: refusals that no answer comes between count, and end the step.
func TestRefusedForGood(t *testing.T) {
	for _, says := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			w := &window{period: time.Second, says: says}
			rec := finish(t, newEngine(checktest.Memory(t), w), mapOf(20, 20))
			if rec.Status != pawl.StatusFailed || w.refused > 20*replay.MaxTransient {
				t.Errorf("%s after %d calls", rec.Status, w.refused)
			}
			for _, s := range rec.Steps {
				if n := len(s.Attempts); n > replay.MaxTransient {
					t.Errorf("%s had %d attempts", s.Key, n)
				}
			}
		})
	}
}

// TestSparedForHalfAnHour: a step that is refused for ever while another of its model
// is answered comes to its end.
func TestSparedForHalfAnHour(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := llm.Func(func(_ context.Context, req llm.Request, _ func(llm.Delta)) (llm.Response, error) {
			if req.Meta.Key == "p/poor/a" {
				return llm.Response{}, &llm.Error{Kind: llm.RateLimit, Message: "slow down", RetryAfter: 10 * time.Second}
			}
			time.Sleep(time.Second) // of the bubble
			return llm.Response{Text: "ok"}, nil
		})
		f := pawl.New("f", "Asks for an hour.", func(r *pawl.Run, in topic) (string, error) {
			pawl.Parallel(r, "p",
				pawl.Go("rich", func(r *pawl.Run) error {
					for range 3600 {
						pawl.Ask(r, "a", text("A"))
					}
					return nil
				}),
				pawl.Go("poor", func(r *pawl.Run) error { pawl.Ask(r, "a", text("A")); return nil }))
			return "", nil
		})
		rec := finish(t, newEngine(checktest.Memory(t), m), f)
		if rec.Status != pawl.StatusFailed || rec.Error.Step != "p/poor/a" {
			t.Fatalf("%s %+v", rec.Status, rec.Error)
		}
		for _, s := range rec.Steps {
			if s.Key != "p/poor/a" {
				continue
			}
			first, last := s.Attempts[0], s.Attempts[len(s.Attempts)-1]
			counted := 0
			for _, at := range s.Attempts {
				if !at.Uncounted {
					counted++
				}
			}
			if took := last.StartedAt.Sub(first.StartedAt.Time); took < replay.MaxSpared || took > replay.MaxSpared+5*time.Minute || counted != replay.MaxTransient {
				t.Errorf("it was given up after %v and %d attempts that counted", took, counted)
			}
		}
	})
}
