package local_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/local"
	"github.com/pawlrun/pawl/internal/checktest"
	"github.com/pawlrun/pawl/llm"
)

// errPanics panics with itself when it is asked what it says.
type errPanics struct{}

func (e errPanics) Error() string { panic(e) }

// errCode is an error as authors write them. A nil pointer to one is not nil.
type errCode struct{ code string }

func (e *errCode) Error() string { return "code " + e.code }

func (e *errCode) Timeout() bool { return e.code == "late" }

// errLoops holds itself.
type errLoops struct{}

func (e errLoops) Error() string { return "loops" }
func (e errLoops) Unwrap() error { return e }

// oddErrors are errors that cannot be asked, and what is said of each.
var oddErrors = map[string]struct {
	err  error
	says string
}{
	"panics":         {errPanics{}, "local_test.errPanics, of which a method panics"},
	"joined":         {errors.Join(errors.New("x"), errPanics{}), "of which a method panics"},
	"nil pointer":    {(*errCode)(nil), "a *local_test.errCode that is nil"},
	"nil pawl.Error": {(*pawl.Error)(nil), "a *pawl.Error that is nil"},
	"nil llm.Error":  {(*llm.Error)(nil), "a *llm.Error that is nil"},
	"wrapped nil":    {fmt.Errorf("wraps: %w", (*pawl.Error)(nil)), "a *pawl.Error that is nil"},
	"loops":          {errLoops{}, "it holds errors without end"},
}

// TestErrorsThatCannotBeAsked: whatever author code returns as an error, or panics with,
// and wherever, its run comes to rest and says what is wrong with it.
func TestErrorsThatCannotBeAsked(t *testing.T) {
	code := func(ctx context.Context, r llm.Request, _ func(llm.Delta)) (llm.Response, error) {
		return llm.Response{Text: `{"a":"x"}`}, nil
	}
	for kind, odd := range oddErrors {
		do := func(r *pawl.Run, opts ...pawl.DoOption) {
			pawl.Do(r, "d", 1, func(context.Context, int) (int, error) { return 1, odd.err }, opts...)
		}
		for where, fn := range map[string]func(r *pawl.Run, _ topic) (string, error){
			"flow":          func(*pawl.Run, topic) (string, error) { return "", odd.err },
			"panic":         func(*pawl.Run, topic) (string, error) { panic(odd.err) },
			"final":         func(*pawl.Run, topic) (string, error) { return "", pawl.Fail(odd.err) },
			"do":            func(r *pawl.Run, _ topic) (string, error) { do(r); return "", nil },
			"repeatable do": func(r *pawl.Run, _ topic) (string, error) { do(r, pawl.Repeatable); return "", nil },
			"gate": func(r *pawl.Run, _ topic) (string, error) {
				return pawl.Ask(r, "a", text("A").Gate("g", func(string) error { return odd.err })), nil
			},
			"branch": func(r *pawl.Run, _ topic) (string, error) {
				pawl.Map(r, "m", []int{1}, func(*pawl.Run, int) (int, error) { return 0, odd.err })
				return "", nil
			},
			"branch of a try": func(r *pawl.Run, _ topic) (string, error) {
				return "", pawl.TryMap(r, "m", []int{1}, func(*pawl.Run, int) (int, error) { return 0, odd.err })[0].Err
			},
			"model": func(r *pawl.Run, _ topic) (string, error) {
				return pawl.Ask(r, "a", text("A").Model("odd/one")), nil
			},
		} {
			t.Run(kind+" from a "+where, func(t *testing.T) {
				odd1 := llm.Func(func(context.Context, llm.Request, func(llm.Delta)) (llm.Response, error) {
					return llm.Response{Text: "x"}, odd.err
				})
				e := local.New(&local.Options{Journal: checktest.Memory(t), Models: llm.Catalog{"test": llm.Func(code), "odd": odd1}, Model: "test/one"})
				rec := finish(t, e, pawl.New("odd", "Returns an odd error.", fn))
				if rec.Status != pawl.StatusFailed || !strings.Contains(rec.Error.Message, odd.says) {
					t.Errorf("%s %+v", rec.Status, rec.Error)
				}
			})
		}
	}
}

// picky is a value whose own check misbehaves as the value says.
type picky struct {
	A string `json:"a"`
}

func (p picky) Validate() error {
	switch p.A {
	case "panic":
		panic(errPanics{})
	case "nil":
		return (*errCode)(nil)
	case "exit":
		runtime.Goexit()
	case "hang":
		<-hang
	}
	return nil
}

// hang is closed when a hanging Validate is to come back.
var hang chan struct{}

// TestDecidedValueThatBreaksItsGate: a gate that panics, ends its goroutine or does not
// come back on a value that a person gives turns that value down. The run goes on waiting,
// and takes the next one.
func TestDecidedValueThatBreaksItsGate(t *testing.T) {
	for how, says := range map[string]string{"panic": "panicked", "nil": "errCode that is nil", "exit": "ended its goroutine", "hang": "within 1m0s"} {
		synctest.Test(t, func(t *testing.T) {
			hang = make(chan struct{})
			defer close(hang)
			e := newEngine(checktest.Memory(t), &script{})
			id := start(t, e, pawl.New("f", "Asks a person.", func(r *pawl.Run, _ topic) (picky, error) {
				return pawl.Approve(r, "ok", picky{A: "fine"}, "ok?").Value, nil
			}))
			follow(t, e, id)
			err := e.Decide(t.Context(), id, pawl.Decision{Key: "ok", What: pawl.DecideApprove, Who: "a", Value: []byte(`{"a":"` + how + `"}`)})
			if err == nil || !strings.Contains(err.Error(), says) {
				t.Errorf("%s: %v, want %q", how, err, says)
			}
			if rec := follow(t, e, id); rec.Status != pawl.StatusWaiting {
				t.Errorf("%s: run is %s", how, rec.Status)
			}
			decide(t, e, id, pawl.Decision{Key: "ok", What: pawl.DecideApprove})
			if rec := follow(t, e, id); rec.Status != pawl.StatusDone {
				t.Errorf("%s: run is %s: %s", how, rec.Status, rec.Reason)
			}
		})
	}
}

// shy is data of a prompt that panics when it is written.
type shy struct{}

func (shy) MarshalJSON() ([]byte, error) { panic("shy") }
func (shy) String() string               { return "shy" }

var shyPrompt = pawl.PromptText[struct {
	Of shy
}, string]("purpose: Asking\n---\n# user\nTell me of {{.Of}}.")

// TestDataThatPanics: an engine compares what a prompt was given field by field. A field
// that cannot be written is left out, and the run goes on.
func TestDataThatPanics(t *testing.T) {
	m := &script{}
	rec := finish(t, newEngine(checktest.Memory(t), m), pawl.New("f", "Asks.", func(r *pawl.Run, _ topic) (string, error) {
		return pawl.Ask(r, "a", shyPrompt.With(struct{ Of shy }{})), nil
	}))
	if rec.Status != pawl.StatusDone {
		t.Errorf("%s: %s", rec.Status, rec.Reason)
	}
}

// TestRunThatEndsItsProcesses: a run that ended every process which took it up, before
// anything came of it, is not taken up again: a person is asked. Resumed, it is executed.
func TestRunThatEndsItsProcesses(t *testing.T) {
	j := checktest.Memory(t)
	executed := 0
	f := pawl.New("f", "Ends its process.", func(r *pawl.Run, _ topic) (string, error) { executed++; return "", nil })
	id, err := newEngine(j, &script{}).Start(t.Context(), f, []byte(`{"topic":"x"}`), &pawl.StartOptions{Queue: true})
	if err != nil {
		t.Fatal(err)
	}
	for died := range 3 {
		claim, err := j.Claim(t.Context(), id, false)
		if err != nil {
			t.Fatal(err)
		}
		if err := j.Release(t.Context(), claim); err != nil { // as a process does that ends: nothing is said
			t.Fatal(err)
		}
		if died == 1 { // somebody looks at it, which is nothing that came of it
			newEngine(j, &script{}, f).Get(t.Context(), id)
		}
	}
	e := newEngine(j, &script{}, f)
	work := func() {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if err := e.Work(ctx, &local.WorkOptions{Drain: true}); err != nil {
			t.Fatal(err)
		}
	}
	work()
	rec := status(t, e, id)
	if rec.Status != pawl.StatusFailed || rec.Error.Kind != pawl.ErrUnknown || !strings.Contains(rec.Error.Message, "3 times in a row") || executed != 0 {
		t.Fatalf("%s %+v, executed %d times", rec.Status, rec.Error, executed)
	}
	if len(rec.Blockers) != 1 || rec.Blockers[0].Kind != pawl.BlockerFailure {
		t.Errorf("in its way: %+v", rec.Blockers)
	}
	resume(t, e, id)
	if rec := follow(t, e, id); rec.Status != pawl.StatusDone || executed != 1 {
		t.Errorf("%s %s, executed %d times", rec.Status, rec.Reason, executed)
	}
}
