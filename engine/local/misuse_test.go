package local_test

import (
	"errors"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/internal/enginetest"
	"github.com/pawlrun/pawl/internal/checktest"
	"github.com/pawlrun/pawl/llm"
)

// TestFlowBugs: whatever flow code does wrong, its run fails with a message that
// says what, no goroutine is left, and after a mend it goes on.
func TestFlowBugs(t *testing.T) {
	first := func(r *pawl.Run) { pawl.Ask(r, "first", text("First")) }
	for name, tt := range map[string]struct {
		fn   func(r *pawl.Run) error
		kind pawl.ErrorKind
		want string
	}{
		"panics":                 {func(r *pawl.Run) error { panic("oh no") }, pawl.ErrFlow, "panic: oh no"},
		"returns an error":       {func(r *pawl.Run) error { return errors.New("own error") }, pawl.ErrFlow, "own error"},
		"exits its goroutine":    {func(r *pawl.Run) error { runtime.Goexit(); return nil }, pawl.ErrFlow, "ended its goroutine"},
		"a branch panics":        {inBranch(func(*pawl.Run) error { panic("in branch") }), pawl.ErrFlow, "panic: in branch"},
		"a branch returns error": {inBranch(func(*pawl.Run) error { return errors.New("of branch") }), pawl.ErrFlow, "of branch"},
		"bad name":               {func(r *pawl.Run) error { pawl.Ask(r, "a/b", text("x")); return nil }, pawl.ErrFlow, `name "a/b" has the character '/'`},
		"two branches of a name": {func(r *pawl.Run) error {
			pawl.Parallel(r, "p", pawl.Go("x", nil), pawl.Go("x", nil))
			return nil
		}, pawl.ErrFlow, `"p" has two branches named "x"`},
		"empty question": {func(r *pawl.Run) error { pawl.Ask(r, "q", pawl.Question[string]{}); return nil }, pawl.ErrFlow, "the question is empty"},
		"answer type that no vendor can enforce": {func(r *pawl.Run) error {
			pawl.Ask(r, "q", pawl.Messages[struct{ M map[string]int }]("Q", llm.User("q")))
			return nil
		}, pawl.ErrFlow, "has names that are not known before"},
		"outer run in a branch": {func(r *pawl.Run) error {
			pawl.Parallel(r, "p", pawl.Go("x", func(*pawl.Run) error { first(r); return nil }))
			return nil
		}, pawl.ErrFlow, `step "first" was called on a Run whose branch is parked`},
		"stray goroutine while parked": {func(r *pawl.Run) error {
			go func() { time.Sleep(time.Second / 2); pawl.Ask(r, "stray", text("S")) }()
			pawl.Ask(r, "slow", text("Slow"))
			return nil
		}, pawl.ErrFlow, `step "stray" was called on a Run whose branch is parked`},
		"stray goroutine and an early end": {func(r *pawl.Run) error {
			parked := make(chan bool)
			go func() { close(parked); pawl.Ask(r, "stray", text("S")) }()
			<-parked
			time.Sleep(time.Millisecond)
			return nil
		}, pawl.ErrFlow, `stray: the flow went on without this step's result`},
		"gate that panics": {func(r *pawl.Run) error {
			pawl.Ask(r, "q", text("Q").Gate("g", func(string) error { panic("gate bug") }))
			return nil
		}, pawl.ErrFlow, `gate "g": panicked: gate bug`},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				j := checktest.Memory(t)
				m := &script{Latency: time.Second}
				cleaned := 0
				build := func(fn func(*pawl.Run) error) pawl.Flow {
					return pawl.New("buggy", "Has a bug.", func(r *pawl.Run, in topic) (int, error) {
						defer func() { cleaned++ }()
						first(r)
						return 1, fn(r)
					})
				}
				rec := finish(t, newEngine(j, m), build(tt.fn))
				if rec.Status != pawl.StatusFailed || rec.Error == nil || rec.Error.Kind != tt.kind || !strings.Contains(string(rec.Error.Step)+": "+rec.Error.Message, tt.want) {
					t.Fatalf("%s: %+v", rec.Status, rec.Error)
				}
				if cleaned != 1 {
					t.Errorf("deferred functions ran %d times", cleaned)
				}
				fixed := build(func(*pawl.Run) error { return nil })
				e := newEngine(j, m, fixed)
				resume(t, e, rec.ID)
				if rec = follow(t, e, rec.ID); rec.Status != pawl.StatusDone || m.Calls("first") != 1 {
					t.Errorf("after the mend: %s, %d calls: %+v", rec.Status, m.Calls("first"), rec.Error)
				}
			})
		})
	}
}

func inBranch(fn func(*pawl.Run) error) func(*pawl.Run) error {
	return func(r *pawl.Run) error {
		pawl.Parallel(r, "p", pawl.Go("x", fn), pawl.Go("y", func(r *pawl.Run) error {
			pawl.Ask(r, "beside", text("B"))
			return nil
		}))
		return nil
	}
}

// TestStrayGoroutineInReplay: a goroutine that the flow started takes recorded
// results while the flow's code ends. The run may come to any end, in peace: the
// race detector looks on.
func TestStrayGoroutineInReplay(t *testing.T) {
	steps := func(r *pawl.Run) {
		for range 50 {
			pawl.Ask(r, "step", text("S"))
		}
	}
	for range 20 {
		rec, m := enginetest.Changed(t, newStore(t), steps, func(r *pawl.Run) {
			begun, ended := make(chan bool), make(chan bool)
			go func() {
				defer close(ended)
				close(begun)
				steps(r)
			}()
			<-begun
			t.Cleanup(func() { <-ended })
		})
		if m.Calls("step#50") != 1 || rec.Status != pawl.StatusFailed && rec.Status != pawl.StatusDone {
			t.Fatalf("%s after %d calls: %+v", rec.Status, m.Calls("step#50"), rec.Error)
		}
	}
}
