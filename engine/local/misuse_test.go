package local_test

import (
	"errors"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pawlrun/pawl"
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
			pawl.Parallel(r, "p", pawl.In("x", nil), pawl.In("x", nil))
			return nil
		}, pawl.ErrFlow, `"p" has two branches named "x"`},
		"empty question": {func(r *pawl.Run) error { pawl.Ask(r, "q", pawl.Question[string]{}); return nil }, pawl.ErrFlow, "the question is empty"},
		"answer type that no vendor can enforce": {func(r *pawl.Run) error {
			pawl.Ask(r, "q", pawl.Messages[struct{ M map[string]int }]("Q", llm.User("q")))
			return nil
		}, pawl.ErrFlow, "has names that are not known before"},
		"outer run in a branch": {func(r *pawl.Run) error {
			pawl.Parallel(r, "p", pawl.In("x", func(*pawl.Run) error { first(r); return nil }))
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
		}, pawl.ErrFlow, `without the result of step "stray"`},
		"gate that panics": {func(r *pawl.Run) error {
			pawl.Ask(r, "q", text("Q").Gate("g", func(string) error { panic("gate bug") }))
			return nil
		}, pawl.ErrFlow, `gate "g": panicked: gate bug`},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				j := checktest.Memory(t)
				m := &script{latency: time.Second}
				cleaned := 0
				build := func(fn func(*pawl.Run) error) pawl.Flow {
					return pawl.New("buggy", "Has a bug.", func(r *pawl.Run, in topic) (int, error) {
						defer func() { cleaned++ }()
						first(r)
						return 1, fn(r)
					})
				}
				rec := finish(t, newEngine(j, m), build(tt.fn))
				if rec.Status != pawl.StatusFailed || rec.Error == nil || rec.Error.Kind != tt.kind || !strings.Contains(rec.Error.Message, tt.want) {
					t.Fatalf("%s: %+v", rec.Status, rec.Error)
				}
				if cleaned != 1 {
					t.Errorf("deferred functions ran %d times", cleaned)
				}
				fixed := build(func(*pawl.Run) error { return nil })
				e := newEngine(j, m, fixed)
				resume(t, e, rec.ID)
				if rec = follow(t, e, rec.ID); rec.Status != pawl.StatusDone || m.calls("first") != 1 {
					t.Errorf("after the mend: %s, %d calls: %+v", rec.Status, m.calls("first"), rec.Error)
				}
			})
		})
	}
}

func inBranch(fn func(*pawl.Run) error) func(*pawl.Run) error {
	return func(r *pawl.Run) error {
		pawl.Parallel(r, "p", pawl.In("x", fn), pawl.In("y", func(r *pawl.Run) error {
			pawl.Ask(r, "beside", text("B"))
			return nil
		}))
		return nil
	}
}

// TestRecoverSeesNothing: a flow that recovers from everything cannot keep a
// failed step from ending its branch.
func TestRecoverSeesNothing(t *testing.T) {
	m := &script{replies: map[string][]any{"a": {pawl.ErrGate}}}
	saw := any("nothing")
	f := pawl.New("greedy", "Recovers.", func(r *pawl.Run, in topic) (int, error) {
		func() {
			defer func() {
				if p := recover(); p != nil {
					saw = p
				}
				defer func() { pawl.Ask(r, "cleanup", text("C")) }() // journals nothing
			}()
			pawl.Ask(r, "a", text("A"))
		}()
		return 1, nil
	})
	rec := finish(t, newEngine(checktest.Memory(t), m), f)
	if rec.Status != pawl.StatusFailed || saw != "nothing" || keys(rec) != "a:failed" {
		t.Errorf("%s, recovered %v, steps %s", rec.Status, saw, keys(rec))
	}
}

func TestRejectedFlowIsCanceled(t *testing.T) {
	f := pawl.New("no", "Says no.", func(r *pawl.Run, in topic) (int, error) { return 0, pawl.ErrRejected })
	rec := finish(t, newEngine(checktest.Memory(t), &script{}), f)
	if rec.Status != pawl.StatusCanceled || rec.Error == nil {
		t.Errorf("%s %+v", rec.Status, rec.Error)
	}
}

// changed runs a flow that stops in the middle, then goes on with other code.
func changed(t *testing.T, before, after func(r *pawl.Run)) (pawl.RunRecord, *script) {
	t.Helper()
	j := checktest.Memory(t)
	m := &script{}
	rec := finish(t, newEngine(j, m), pawl.New("f", "F.", func(r *pawl.Run, in topic) (int, error) {
		before(r)
		return 0, errors.New("stop here")
	}))
	f := pawl.New("f", "F.", func(r *pawl.Run, in topic) (int, error) { after(r); return 1, nil })
	e := newEngine(j, m, f)
	resume(t, e, rec.ID)
	return follow(t, e, rec.ID), m
}

func TestMismatchNamesBothSides(t *testing.T) {
	ask := func(r *pawl.Run) { pawl.Ask(r, "a", text("A")) }
	rec, _ := changed(t, ask, func(r *pawl.Run) { pawl.Do(r, "a", 1, nothing) })
	want := `step "a" is recorded as ask, the flow now asks for do`
	if rec.Status != pawl.StatusFailed || rec.Error.Kind != pawl.ErrMismatch || !strings.Contains(rec.Error.Message, want) || rec.Blockers[0].Kind != pawl.BlockerMismatch {
		t.Errorf("%s %+v", rec.Status, rec.Error)
	}
	rec, _ = changed(t, ask, func(r *pawl.Run) { pawl.Map(r, "a", []int{1}, func(*pawl.Run, int) (int, error) { return 0, nil }) })
	if rec.Error == nil || rec.Error.Kind != pawl.ErrMismatch || rec.Error.Step != "a" {
		t.Errorf("%s %+v", rec.Status, rec.Error)
	}
	rec, _ = changed(t, ask, func(r *pawl.Run) { pawl.Ask(r, "a", pawl.Messages[outline]("A", llm.User("A"))) })
	if rec.Error == nil || rec.Error.Kind != pawl.ErrMismatch {
		t.Errorf("a result that no longer decodes: %s %+v", rec.Status, rec.Error)
	}
}

func TestStaleAndUnused(t *testing.T) {
	rec, m := changed(t,
		func(r *pawl.Run) {
			pawl.Ask(r, "a", text("A"))
			pawl.Ask(r, "b", text("B"))
			pawl.Ask(r, "c", text("C"))
		},
		func(r *pawl.Run) { pawl.Ask(r, "a", text("A, edited")); pawl.Ask(r, "c", text("C")) })
	if rec.Status != pawl.StatusDone || len(m.requests) != 3 {
		t.Fatalf("%s after %d requests: %+v", rec.Status, len(m.requests), rec.Error)
	}
	a, b, c := rec.Steps[0], rec.Steps[1], rec.Steps[2]
	if !a.Stale || a.Unused || b.Stale || !b.Unused || c.Stale || c.Unused {
		t.Errorf("a %v %v, b %v %v, c %v %v", a.Stale, a.Unused, b.Stale, b.Unused, c.Stale, c.Unused)
	}
}

// TestAnotherModelOnResume: finished steps keep their results and are not
// called stale for it; new ones ask the new model.
func TestAnotherModelOnResume(t *testing.T) {
	j := checktest.Memory(t)
	m := &script{replies: map[string][]any{"b": {pawl.ErrGate}}}
	e := newEngine(j, m, abc)
	rec := finish(t, e, abc)
	if err := e.Direct(t.Context(), rec.ID, pawl.Directive{What: pawl.DirectResume, Who: "me", Model: "nobody/x"}); !errors.Is(err, pawl.ErrInput) {
		t.Fatalf("an unknown model was taken: %v", err)
	}
	if err := e.Direct(t.Context(), rec.ID, pawl.Directive{What: pawl.DirectResume, Who: "me", Model: "test/two"}); err != nil {
		t.Fatal(err)
	}
	rec = follow(t, e, rec.ID)
	if rec.Status != pawl.StatusDone || rec.Steps[0].Stale || m.requests[3].Model != "two" || rec.Model != "test/two" {
		t.Errorf("%s, stale %v, asked %q", rec.Status, rec.Steps[0].Stale, m.requests[3].Model)
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
		rec, m := changed(t, steps, func(r *pawl.Run) {
			begun, ended := make(chan bool), make(chan bool)
			go func() {
				defer close(ended)
				close(begun)
				steps(r)
			}()
			<-begun
			t.Cleanup(func() { <-ended })
		})
		if m.calls("step#50") != 1 || rec.Status != pawl.StatusFailed && rec.Status != pawl.StatusDone {
			t.Fatalf("%s after %d calls: %+v", rec.Status, m.calls("step#50"), rec.Error)
		}
	}
}
