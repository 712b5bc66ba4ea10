package temporal_test

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/workflow"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/internal/enginetest"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/llm"
)

// engine is as much of a pawl.Engine as the proof is: each run is a workflow in a
// test environment of its own, whose clock jumps over sleeps. It is used in a bubble
// of synctest, by one goroutine.
type engine struct {
	models llm.Catalog
	runs   map[pawl.RunID]*execution
}

// execution is a run as it is executed.
type execution struct {
	env  *testsuite.TestWorkflowEnvironment
	defs *flows
	done chan struct{}
}

var _ pawl.Engine = (*engine)(nil)

func (e *engine) Start(ctx context.Context, f pawl.Flow, input json.RawMessage, o *pawl.StartOptions) (pawl.RunID, error) {
	checked, err := f.CheckInput(input)
	if err != nil {
		return "", err
	}
	id := pawl.NewRunID()
	var suite testsuite.WorkflowTestSuite
	suite.SetLogger(slog.New(slog.DiscardHandler))
	x := &execution{env: suite.NewTestWorkflowEnvironment(), defs: &flows{flow: f}, done: make(chan struct{})}
	x.env.SetTestTimeout(24 * time.Hour)
	x.env.SetWorkflowRunTimeout(0) // its clock would jump to that when a run waits for a person
	x.env.RegisterWorkflowWithOptions(x.defs.Run, workflow.RegisterOptions{Name: "pawl.run"})
	x.env.RegisterActivityWithOptions(asker{models: e.models}.Ask, activity.RegisterOptions{Name: askActivity})
	e.runs[id] = x
	go func() {
		defer close(x.done)
		x.env.ExecuteWorkflow("pawl.run", begin{ID: id, Created: journal.Created{
			Flow: f.Name(), Fingerprint: f.Describe().Fingerprint, Model: "test/one", Input: checked,
		}})
	}()
	return id, nil
}

// look calls f where the workflow's code executes, when no more of it can.
func (x *execution) look(f func(r *run)) {
	synctest.Wait()
	looked := make(chan struct{})
	x.env.RegisterDelayedCallback(func() { f(x.defs.last); close(looked) }, 0)
	select {
	case <-looked:
	case <-x.done: // nobody calls back any more
		f(x.defs.last)
	}
}

// atRest waits until a run is at rest, and returns its events and its record.
func (e *engine) atRest(ctx context.Context, id pawl.RunID) (events []pawl.Event, rec pawl.RunRecord, err error) {
	x := e.runs[id]
	if x == nil {
		return nil, rec, &pawl.Error{Kind: pawl.ErrNotFound, Run: id, Message: fmt.Sprintf("no run %q", id)}
	}
	for rests := false; ; {
		x.look(func(r *run) { events = r.events; rec, rests = r.rests() })
		if err := ctx.Err(); err != nil {
			return nil, rec, &pawl.Error{Kind: pawl.ErrStopped, Message: "no longer waited for", Err: err}
		}
		if rests {
			return events, rec, nil
		}
		select {
		case <-x.done:
		case <-ctx.Done():
		case <-time.After(100 * time.Millisecond):
		}
	}
}

func (e *engine) Wait(ctx context.Context, id pawl.RunID) (pawl.RunRecord, error) {
	_, rec, err := e.atRest(ctx, id)
	return rec, err
}

func (e *engine) Get(ctx context.Context, id pawl.RunID) (pawl.RunRecord, error) {
	x := e.runs[id]
	if x == nil {
		return e.Wait(ctx, id)
	}
	var rec pawl.RunRecord
	x.look(func(r *run) {
		var rests bool
		if rec, rests = r.rests(); !rests {
			rec = r.st.Record()
		}
	})
	return rec, nil
}

func (e *engine) Events(ctx context.Context, id pawl.RunID, after pawl.Seq) iter.Seq2[pawl.Event, error] {
	return func(yield func(pawl.Event, error) bool) {
		events, _, err := e.atRest(ctx, id)
		if err != nil {
			yield(pawl.Event{}, err)
			return
		}
		for _, ev := range events {
			if ev.Seq > after && !yield(ev, nil) {
				return
			}
		}
	}
}

func (e *engine) Direct(ctx context.Context, id pawl.RunID, d pawl.Directive) error {
	if d.What != pawl.DirectResume {
		return lacks(string(d.What))
	}
	if _, _, err := e.atRest(ctx, id); err != nil {
		return err
	}
	e.runs[id].env.SignalWorkflow(directSignal, d)
	synctest.Wait()
	return nil
}

// Close ends the workflows that wait for a person, too.
func (e *engine) Close(context.Context) error {
	for _, x := range e.runs {
		select {
		case <-x.done:
		default:
			x.env.SignalWorkflow(closeSignal, nil)
			<-x.done
		}
	}
	return nil
}

func (e *engine) List(context.Context, pawl.RunFilter) ([]pawl.RunSummary, error) {
	return nil, lacks("list")
}

func (e *engine) Inbox(context.Context, pawl.RunFilter) ([]pawl.InboxItem, error) {
	return nil, lacks("inbox")
}

func (e *engine) Decide(context.Context, pawl.RunID, pawl.Decision) error { return lacks("decide") }

func (e *engine) Deliver(context.Context, string, string, json.RawMessage) error {
	return lacks("deliver")
}

func lacks(what string) error {
	return &pawl.Error{Kind: pawl.ErrInternal, Message: fmt.Sprintf("the proof on Temporal cannot %s", what)}
}

// TestConformance: the proof does what is asked of every engine, as far as it
// reaches.
func TestConformance(t *testing.T) {
	enginetest.Run(t, enginetest.Filling{New: func(t *testing.T) enginetest.Store {
		return func(m llm.Model, _ ...pawl.Flow) pawl.Engine {
			return &engine{models: llm.Catalog{"test": m}, runs: map[pawl.RunID]*execution{}}
		}
	}})
}
