package temporal_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"go.temporal.io/sdk/client"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/internal/enginetest"
	"github.com/pawlrun/pawl/engine/temporal"
	"github.com/pawlrun/pawl/llm"
)

type none struct{}

// flow makes a flow without input.
func flow(name string, code func(r *pawl.Run) (string, error)) pawl.Flow {
	return pawl.New(name, "Is a test.", func(r *pawl.Run, _ none) (string, error) { return code(r) })
}

// text asks for plain text.
func text(s string) pawl.Question[string] { return enginetest.Text(s) }

func start(t *testing.T, e pawl.Engine, f pawl.Flow) pawl.RunID { return enginetest.Start(t, e, f) }

// speaker is a model that says what a function returns.
type speaker func(ctx context.Context, r llm.Request) (string, error)

func (s speaker) Generate(ctx context.Context, r llm.Request, _ func(llm.Delta)) (llm.Response, error) {
	said, err := s(ctx, r)
	return llm.Response{Text: said, Usage: &llm.Usage{InputTokens: 1, OutputTokens: 1}}, err
}

// TestSizes: what is larger than Temporal takes fails the step that it is of, or is refused to
// who sends it, and no workflow is ended for it or tries for ever. With a store of blobs it
// passes.
func TestSizes(t *testing.T) { onServers(t, testSizes) }

func testSizes(t *testing.T) {
	large := strings.Repeat("x", 3<<20)
	cases := []struct {
		name string
		code func(r *pawl.Run) (string, error)
		says string // of the step
	}{
		{"answer", func(r *pawl.Run) (string, error) { return fmt.Sprint(len(pawl.Ask(r, "a", text("large")))), nil }, "the result takes"},
		{"question", func(r *pawl.Run) (string, error) { return fmt.Sprint(len(pawl.Ask(r, "a", text(large)))), nil }, `step "a": a message or a schema takes 314`},
		{"conversation", func(r *pawl.Run) (string, error) {
			part := strings.Repeat("z", 400<<10)
			return pawl.Ask(r, "a", text("A").Then(llm.Assistant(part), llm.User(part), llm.Assistant(part+"."), llm.User(part+"."))), nil
		}, `step "a": the request takes`},
		{"do", func(r *pawl.Run) (string, error) {
			s := pawl.Do(r, "a", none{}, func(context.Context, none) (string, error) { return large, nil })
			return fmt.Sprint(len(s)), nil
		}, "the result takes"},
		{"error", func(r *pawl.Run) (string, error) {
			_, err := pawl.TryDo(r, "a", none{}, func(context.Context, none) (string, error) { return "", errors.New(large) })
			return fmt.Sprint(len(err.Error()) > 1000), nil
		}, ""},
		{"output", func(r *pawl.Run) (string, error) { return large, nil }, "takes 314"},
		{"many", func(r *pawl.Run) (string, error) {
			n := 0
			for _, s := range pawl.Map(r, "all", make([]int, 12), func(r *pawl.Run, _ int) (string, error) { return pawl.Ask(r, "a", text("900 KB")), nil }) {
				n += len(s)
			}
			return fmt.Sprint(n), nil
		}, ""},
	}
	m := speaker(func(_ context.Context, r llm.Request) (string, error) {
		if r.Messages[0].Text() == "large" {
			return large, nil
		}
		return strings.Repeat("y", 900<<10), nil
	})
	alone := open(t, temporal.Options{Models: models(m), Model: "test/one", Build: "alone"})
	stored := open(t, temporal.Options{Models: models(m), Model: "test/one", Build: "stored", Blobs: temporal.Directory(t.TempDir())})
	for _, c := range cases {
		f := flow(strings.ReplaceAll(c.name, " ", "-"), c.code)
		t.Run(c.name, func(t *testing.T) {
			rec := enginetest.Finish(t, alone, f)
			switch {
			case c.says == "" && rec.Status != pawl.StatusDone:
				t.Errorf("alone: %s (%s)", rec.Status, cutTo(rec.Reason, 200))
			case c.says != "" && (rec.Status != pawl.StatusFailed || !strings.Contains(rec.Reason, c.says)):
				t.Errorf("alone: %s (%s), want failed with %q", rec.Status, cutTo(rec.Reason, 200), c.says)
			}
			if rec = enginetest.Finish(t, stored, f); rec.Status != pawl.StatusDone {
				t.Errorf("with blobs: %s (%s)", rec.Status, cutTo(rec.Reason, 200))
			}
		})
	}
}

func cutTo(s string, n int) string { return s[:min(len(s), n)] }

// TestLargeDecision: a decision that is too large is refused before it is sent, and the run
// goes on with another.
func TestLargeDecision(t *testing.T) { onServers(t, testLargeDecision) }

func testLargeDecision(t *testing.T) {
	e := open(t, temporal.Options{Models: models(&enginetest.Script{}), Model: "test/one"})
	id := start(t, e, flow("asks", func(r *pawl.Run) (string, error) { return pawl.Input[string](r, "name", "Who?"), nil }))
	enginetest.Follow(t, e, id)
	value, _ := json.Marshal(strings.Repeat("x", 3<<20))
	err := e.Decide(t.Context(), id, pawl.Decision{Key: "name", What: pawl.DecideAnswer, Value: value, Who: "anna"})
	enginetest.Refused(t, err, pawl.ErrInput, "what is decided takes 3145")
	enginetest.Decide(t, e, id, pawl.Decision{Key: "name", What: pawl.DecideAnswer, Value: json.RawMessage(`"Ada"`)})
	if rec := enginetest.Follow(t, e, id); rec.Status != pawl.StatusDone || string(rec.Output) != `"Ada"` {
		t.Errorf("%s (%s) %s", rec.Status, rec.Reason, rec.Output)
	}
}

// TestUnwinds: whatever ends flow code is a failure that is recorded, and the run can be
// canceled then.
func TestUnwinds(t *testing.T) { onServers(t, testUnwinds) }

func testUnwinds(t *testing.T) {
	cases := map[string]struct {
		code func(r *pawl.Run) (string, error)
		says string
	}{
		"panic":          {func(*pawl.Run) (string, error) { panic("boom") }, "boom"},
		"goexit":         {func(*pawl.Run) (string, error) { runtime.Goexit(); return "", nil }, "ended its goroutine"},
		"branch panics":  {func(r *pawl.Run) (string, error) { return "", inBranch(r, func() { panic("boom") }) }, "boom"},
		"branch goexits": {func(r *pawl.Run) (string, error) { return "", inBranch(r, runtime.Goexit) }, "ended its goroutine"},
		"do panics": {func(r *pawl.Run) (string, error) {
			return pawl.Do(r, "d", none{}, func(context.Context, none) (string, error) { panic("boom") }), nil
		}, "boom"},
		"do goexits": {func(r *pawl.Run) (string, error) {
			return pawl.Do(r, "d", none{}, func(context.Context, none) (string, error) { runtime.Goexit(); return "", nil }), nil
		}, "ended its goroutine"},
		"do may take long": {func(r *pawl.Run) (string, error) {
			return pawl.Do(r, "d", none{}, func(context.Context, none) (string, error) { return "done", nil }, pawl.Timeout(26*time.Minute)), nil
		}, "its timeout is 26m0s"},
		"gate goexits": {func(r *pawl.Run) (string, error) {
			return pawl.Ask(r, "a", text("A").Gate("g", func(string) error { runtime.Goexit(); return nil })), nil
		}, "ended its goroutine"},
		"model panics": {func(r *pawl.Run) (string, error) { return pawl.Ask(r, "a", text("panic")), nil }, "panicked"},
	}
	m := speaker(func(_ context.Context, r llm.Request) (string, error) {
		if r.Messages[0].Text() == "panic" {
			panic("model")
		}
		return "fine", nil
	})
	e := open(t, temporal.Options{Models: models(m), Model: "test/one"})
	for name, c := range cases {
		f := flow(strings.ReplaceAll(name, " ", "-"), c.code)
		t.Run(name, func(t *testing.T) {
			rec := enginetest.Finish(t, e, f)
			if rec.Status != pawl.StatusFailed || !strings.Contains(rec.Reason, c.says) {
				t.Errorf("%s (%s), want failed with %q", rec.Status, rec.Reason, c.says)
			}
			enginetest.Direct(t, e, rec.ID, pawl.Directive{What: pawl.DirectCancel})
			if rec := enginetest.Follow(t, e, rec.ID); rec.Status != pawl.StatusCanceled {
				t.Errorf("%s (%s)", rec.Status, rec.Reason)
			}
		})
	}
}

func inBranch(r *pawl.Run, f func()) error {
	pawl.Parallel(r, "p", pawl.Go("x", func(*pawl.Run) error { f(); return nil }))
	return nil
}

// TestLostCall: a call whose worker is gone is of unknown outcome, and made again; what was
// finished before is not.
func TestLostCall(t *testing.T) { onServers(t, testLostCall) }

func testLostCall(t *testing.T) {
	var first, second atomic.Int32
	hang := make(chan struct{})
	m := speaker(func(ctx context.Context, r llm.Request) (string, error) {
		if r.Meta.Key == "a" {
			first.Add(1)
			return "A", nil
		}
		if second.Add(1) == 1 {
			close(hang)
			<-ctx.Done()
			return "", ctx.Err()
		}
		return "B", nil
	})
	f := flow("two", func(r *pawl.Run) (string, error) {
		return pawl.Ask(r, "a", text("A")) + pawl.Ask(r, "b", text("B")), nil
	})
	o := temporal.Options{Queue: "test-" + string(pawl.NewRunID()), Models: models(m), Model: "test/one", Flows: []pawl.Flow{f}, Heartbeat: 3 * time.Second}
	e := connect(t, o)
	id := start(t, e, f)
	<-hang
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := e.Close(ctx); err != nil {
		t.Fatal(err)
	}
	again := open(t, o)
	rec := enginetest.Follow(t, again, id)
	if rec.Status != pawl.StatusDone || string(rec.Output) != `"AB"` || first.Load() != 1 || second.Load() != 2 {
		t.Fatalf("%s (%s) %s, %d and %d calls", rec.Status, rec.Reason, rec.Output, first.Load(), second.Load())
	}
	if at := rec.Steps[1].Attempts; len(at) != 2 || at[0].Outcome != pawl.OutcomeUnknown {
		t.Errorf("attempts %+v", at)
	}
}

// TestCancelByTemporal: who cancels the workflow by Temporal's own means cancels the run.
func TestCancelByTemporal(t *testing.T) { onServers(t, testCancelByTemporal) }

func testCancelByTemporal(t *testing.T) {
	queue := "test-" + string(pawl.NewRunID())
	e := open(t, temporal.Options{Queue: queue, Models: models(&enginetest.Script{}), Model: "test/one"})
	id := start(t, e, flow("asks", func(r *pawl.Run) (string, error) { return pawl.Input[string](r, "name", "Who?"), nil }))
	enginetest.Follow(t, e, id)
	c, err := client.Dial(server(t))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := c.CancelWorkflow(t.Context(), queue+"-"+string(id), ""); err != nil {
		t.Fatal(err)
	}
	if err := c.GetWorkflow(t.Context(), queue+"-"+string(id), "").Get(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	if rec := enginetest.Status(t, e, id); rec.Status != pawl.StatusCanceled {
		t.Errorf("%s (%s)", rec.Status, rec.Reason)
	}
}

// TestEarly: what is asked of a run before any worker has seen it is done when one comes.
func TestEarly(t *testing.T) { onServers(t, testEarly) }

func testEarly(t *testing.T) {
	f := flow("early", func(r *pawl.Run) (string, error) {
		pawl.Approve(r, "ok", "this", "Go on?")
		return pawl.Ask(r, "a", text("A")), nil
	})
	m := &enginetest.Script{}
	o := temporal.Options{Client: server(t), Queue: "test-" + string(pawl.NewRunID()), Build: "one", Models: models(m), Model: "test/one", Prices: enginetest.Prices, Flows: []pawl.Flow{f}}
	e, err := temporal.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close(context.Background())
	id := start(t, e, f)
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	if err := e.Direct(ctx, id, pawl.Directive{What: pawl.DirectGuide, Text: "In short.", Who: "anna"}); !errors.Is(err, pawl.ErrStopped) {
		t.Errorf("without a worker: %v", err)
	}
	told := make(chan error, 1)
	go func() {
		told <- e.Direct(t.Context(), id, pawl.Directive{What: pawl.DirectGuide, Text: "For sailors.", Who: "anna"})
	}()
	w := open(t, o)
	if err := <-told; err != nil {
		t.Fatal(err)
	}
	if rec := enginetest.Follow(t, w, id); rec.Status != pawl.StatusWaiting {
		t.Fatalf("%s (%s)", rec.Status, rec.Reason)
	}
	enginetest.Decide(t, e, id, pawl.Decision{Key: "ok", What: pawl.DecideApprove})
	rec := enginetest.Follow(t, e, id)
	found := 0
	for _, g := range rec.Guidance {
		if g.Text == "For sailors." {
			found++
		}
	}
	if rec.Status != pawl.StatusDone || found != 1 {
		t.Errorf("%s (%s), guidance %+v", rec.Status, rec.Reason, rec.Guidance)
	}
}

// TestNotRepeated: flow code that a replay does not repeat, of one and the same build, is found
// when another worker goes on with the run, and not gone on with: a resume has the run begin
// anew with what is recorded, by the rules for code that has changed. Temporal itself would
// find a step more, and not that one asks something else.
func TestNotRepeated(t *testing.T) { onServers(t, testNotRepeated) }

func testNotRepeated(t *testing.T) {
	var changed atomic.Bool
	m := &enginetest.Script{}
	more := flow("more", func(r *pawl.Run) (string, error) {
		s := pawl.Ask(r, "a", text("A"))
		if changed.Load() {
			s += pawl.Ask(r, "new", text("New"))
		}
		pawl.Approve(r, "ok", "this", "Go on?")
		return s + pawl.Ask(r, "b", text("B")), nil
	})
	other := flow("other", func(r *pawl.Run) (string, error) {
		asks := enginetest.Prompted("About {{.Topic}}", "this")
		if changed.Load() {
			asks = enginetest.Prompted("Of {{.Topic}}", "this")
		}
		s := pawl.Ask(r, "a", asks)
		pawl.Approve(r, "ok", "this", "Go on?")
		return s + pawl.Ask(r, "b", text("B")), nil
	})
	o := temporal.Options{Queue: "test-" + string(pawl.NewRunID()), Models: models(m), Model: "test/one", Flows: []pawl.Flow{more, other}}
	for _, c := range []struct {
		flow pawl.Flow
		keys string
	}{{more, "a:done ok:done new:done b:done"}, {other, "a:done ok:done b:done"}} {
		t.Run(c.flow.Name(), func(t *testing.T) {
			changed.Store(false)
			e := connect(t, o)
			id := start(t, e, c.flow)
			enginetest.Follow(t, e, id)
			if err := e.Close(t.Context()); err != nil {
				t.Fatal(err)
			}
			changed.Store(true)
			again := open(t, o)
			ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
			defer cancel()
			if err := again.Decide(ctx, id, pawl.Decision{Key: "ok", What: pawl.DecideApprove, Who: "anna"}); !errors.Is(err, pawl.ErrStopped) {
				t.Errorf("a decision on what cannot be repeated: %v", err)
			}
			n := len(m.Requests)
			enginetest.Direct(t, again, id, pawl.Directive{What: pawl.DirectResume})
			enginetest.Follow(t, again, id)
			enginetest.Decide(t, again, id, pawl.Decision{Key: "ok", What: pawl.DecideApprove})
			rec := enginetest.Follow(t, again, id)
			if rec.Status != pawl.StatusDone || enginetest.Keys(rec) != c.keys || len(m.Requests)-n != strings.Count(c.keys, " ")-1 {
				t.Errorf("%s (%s): %s, %d calls", rec.Status, rec.Reason, enginetest.Keys(rec), len(m.Requests)-n)
			}
		})
	}
}
