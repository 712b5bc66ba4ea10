package temporal_test

import (
	"log/slog"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/workflow"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/llm"
)

// TestTeardown: when Temporal gives up a workflow's memory while branches wait,
// deferred functions run, recover sees nothing, and what they ask of the run
// ends them. Nothing is left: a coroutine that is, synctest reports.
func TestTeardown(t *testing.T) {
	var seen []string
	f := pawl.New("torn", "Is given up.", func(r *pawl.Run, in topic) (string, error) {
		leave := func(name string) func() {
			return func() {
				if p := recover(); p != nil {
					t.Errorf("recovered %v", p)
				}
				seen = append(seen, name)
				defer func() {
					if p := recover(); p != nil {
						t.Errorf("recovered %v from a step", p)
					}
					seen = append(seen, name+" ended")
				}()
				pawl.Ask(r, "cleanup", text("Cleaning up"))
				seen = append(seen, name+" went on")
			}
		}
		defer leave("flow")()
		pawl.Parallel(r, "p",
			pawl.Go("asks", func(r *pawl.Run) error {
				defer leave("asks")()
				pawl.Ask(r, "slow", text("Slow"))
				return nil
			}),
			pawl.Go("sleeps", func(r *pawl.Run) error {
				defer leave("sleeps")()
				pawl.Sleep(r, "long", 100*time.Hour)
				return nil
			}))
		return "", nil
	})
	synctest.Test(t, func(t *testing.T) {
		m := &script{replies: map[string][]any{"p/asks/slow": {slow{time.Hour, "late"}}}}
		var suite testsuite.WorkflowTestSuite
		suite.SetLogger(slog.New(slog.DiscardHandler))
		env := suite.NewTestWorkflowEnvironment()
		env.SetTestTimeout(1000 * time.Hour)
		env.SetWorkflowRunTimeout(time.Minute)
		env.RegisterWorkflowWithOptions((&flows{flow: f}).Run, workflow.RegisterOptions{Name: "pawl.run"})
		env.RegisterActivityWithOptions(asker{models: llm.Catalog{"test": m}}.Ask, activity.RegisterOptions{Name: askActivity})
		env.ExecuteWorkflow("pawl.run", begin{ID: runID, Created: journal.Created{Flow: f.Name(), Model: "test/one", Input: []byte(`{"topic":"x"}`)}})
		if env.GetWorkflowError() == nil {
			t.Error("the workflow went well, want it cut by its timeout")
		}
		synctest.Wait()
		if want := []string{"flow", "flow ended", "asks", "asks ended", "sleeps", "sleeps ended"}; !slices.Equal(seen, want) {
			t.Errorf("deferred functions left %q, want %q", seen, want)
		}
		for _, r := range m.requests {
			if !strings.HasPrefix(r, "p/asks/slow ") {
				t.Errorf("a branch that was ended asked: %s", r)
			}
		}
	})
}

// TestPanics: flow code that panics or ends its goroutine fails its run.
func TestPanics(t *testing.T) {
	for name, fn := range map[string]func(r *pawl.Run){
		"panic":  func(*pawl.Run) { panic("oops") },
		"goexit": func(*pawl.Run) { runtime.Goexit() },
		"branch": func(r *pawl.Run) {
			pawl.TryMap(r, "m", []int{1}, func(*pawl.Run, int) (int, error) { panic("oops") })
		},
		"name": func(r *pawl.Run) { pawl.Ask(r, "not a name", text("A")) },
	} {
		t.Run(name, func(t *testing.T) {
			f := pawl.New("panics", "Panics.", func(r *pawl.Run, in topic) (string, error) { fn(r); return "", nil })
			if s := both(t, f, nil, `{}`, false); s.Record.Status != pawl.StatusFailed {
				t.Errorf("run is %s", s.Record.Status)
			}
		})
	}
}

// TestWaitsBelowPanics: here the engines differ. Temporal refuses to let a
// coroutine wait in a deferred function that a panic has called, even when it
// has recovered; the run fails and says so.
func TestWaitsBelowPanics(t *testing.T) {
	for name, handle := range map[string]func() any{
		"while it unwinds": func() any { return "not recovered" },
		"after recover":    nil,
	} {
		t.Run(name, func(t *testing.T) {
			f := pawl.New("panics", "Panics.", func(r *pawl.Run, in topic) (s string, err error) {
				defer func() {
					if handle != nil || recover() != nil {
						s = pawl.Ask(r, "fallback", text("Falling back"))
					}
				}()
				panic("oops")
			})
			synctest.Test(t, func(t *testing.T) {
				l := onLocal(t, f, &script{}, "test/one", `{}`, false)
				s := onTemporal(t, f, &script{}, "test/one", `{}`, false)
				if len(l.Record.Steps) != 1 || l.Record.Steps[0].Status != pawl.StepDone {
					t.Errorf("local: steps %+v, want the fallback done", l.Record.Steps)
				}
				if e := s.Record.Error; e == nil || !strings.Contains(e.Message, "could not wait: yield during panic unwinding") {
					t.Errorf("temporal: error %+v", e)
				}
			})
		})
	}
}
