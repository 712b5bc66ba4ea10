package local_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/checktest"
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
				m := &script{Latency: time.Second}
				e := newEngine(j, m)
				id := start(t, e, wide)
				act(t, e, id, j)
				for _, err := range e.Events(t.Context(), id, 0) {
					_ = err // it may have been dropped
				}
				j.mu.Lock()
				j.left, j.dead = 1<<30, false
				j.mu.Unlock()
				before := m.Most
				m.Most = 0
				if rec := finish(t, e, wide); rec.Status != pawl.StatusDone || m.Most != 64 {
					t.Errorf("%s with at most %d calls in flight (%d before)", rec.Status, m.Most, before)
				}
			})
		})
	}
}

// TestRateLimitSlowsAll: after a 429 with a delay no call of that model leaves
// before the delay is over, in any run.
func TestRateLimitSlowsAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &script{Latency: time.Second, Replies: map[string][]any{"a": {&llm.Error{Kind: llm.RateLimit, RetryAfter: time.Minute}}}}
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
		m := &script{Latency: time.Second}
		f := pawl.New("wide", "Fans out wide.", func(r *pawl.Run, in topic) (int, error) {
			pawl.Map(r, "items", make([]int, 150), func(r *pawl.Run, _ int) (string, error) {
				return pawl.Ask(r, "w", text("W")), nil
			}, pawl.Limit(1000))
			return 1, nil
		})
		begin := time.Now()
		rec := finish(t, newEngine(checktest.Memory(t), m), f)
		if d := time.Since(begin); rec.Status != pawl.StatusDone || m.Most != 64 || d != 3*time.Second {
			t.Errorf("%s: at most %d in flight, %v", rec.Status, m.Most, d)
		}
	})
}
