package temporal_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/workflow"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/local"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/llm"
)

// script is a model that answers each step with its replies in turn: a text, an
// error, or text that takes its time.
type script struct {
	mu       sync.Mutex
	replies  map[string][]any
	requests []string
}

type slow struct {
	after time.Duration
	text  string
}

func (s *script) Generate(ctx context.Context, req llm.Request, _ func(llm.Delta)) (llm.Response, error) {
	s.mu.Lock()
	var reply any = "answer of " + req.Meta.Key
	if q := s.replies[req.Meta.Key]; len(q) > 0 {
		reply, s.replies[req.Meta.Key] = q[0], q[1:]
	}
	sent, err := json.Marshal(req.Messages)
	if err != nil {
		panic(err)
	}
	s.requests = append(s.requests, fmt.Sprintf("%s %d %s %d %s", req.Meta.Key, req.Meta.Attempt, req.SchemaName, req.MaxTokens, sent))
	s.mu.Unlock()
	switch r := reply.(type) {
	case error:
		return llm.Response{}, r
	case slow:
		select {
		case <-time.After(r.after):
		case <-ctx.Done():
			return llm.Response{}, &llm.Error{Kind: llm.Canceled}
		}
		reply = r.text
	}
	return llm.Response{Text: reply.(string), ID: "id of " + req.Meta.Key, Usage: &llm.Usage{InputTokens: 10, OutputTokens: 5}}, nil
}

const runID = pawl.RunID("0123456789ab")

// story is what is left of a run.
type story struct {
	Record pawl.RunRecord
	Events []string // types and keys
	Calls  []string // what the model was asked, sorted
	Other  *story   // of the other engine
}

// onLocal executes a flow on this machine. With resume, a run that stands still
// is resumed once.
func onLocal(t *testing.T, f pawl.Flow, m llm.Model, model, input string, resume bool) (s story) {
	t.Helper()
	provider, _ := llm.Split(model)
	j := journal.NewMemory()
	e := local.New(&local.Options{Journal: j, Models: llm.Catalog{provider: m}, Model: model})
	id, err := e.Start(t.Context(), f, json.RawMessage(input), &pawl.StartOptions{ID: runID})
	if err != nil {
		t.Fatal(err)
	}
	for n := 0; ; n++ {
		s.Events = nil
		for ev, err := range e.Events(t.Context(), id, 0) {
			if err != nil {
				t.Fatal(err)
			}
			s.Events = told(s.Events, ev)
		}
		if n > 0 || !resume {
			break
		}
		if err := e.Direct(t.Context(), id, pawl.Directive{What: pawl.DirectResume, Who: "me"}); err != nil {
			t.Fatal(err)
		}
	}
	if s.Record, err = e.Get(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	return s
}

// onTemporal executes a flow on Temporal's test environment.
func onTemporal(t *testing.T, f pawl.Flow, m llm.Model, model, input string, resume bool) (s story) {
	t.Helper()
	checked, err := f.CheckInput(json.RawMessage(input))
	if err != nil {
		t.Fatal(err)
	}
	provider, _ := llm.Split(model)
	var suite testsuite.WorkflowTestSuite
	suite.SetLogger(slog.New(slog.DiscardHandler))
	env := suite.NewTestWorkflowEnvironment()
	env.SetTestTimeout(24 * time.Hour)
	defs := &flows{flow: f}
	env.RegisterWorkflowWithOptions(defs.Run, workflow.RegisterOptions{Name: "pawl.run"})
	env.RegisterActivityWithOptions(asker{models: llm.Catalog{provider: m}}.Ask, activity.RegisterOptions{Name: askActivity})
	if resume {
		env.RegisterDelayedCallback(func() { env.SignalWorkflow(directSignal, pawl.Directive{What: pawl.DirectResume, Who: "me"}) }, 24*time.Hour)
	}
	env.ExecuteWorkflow("pawl.run", begin{ID: runID, Created: journal.Created{
		Flow: f.Name(), Fingerprint: f.Describe().Fingerprint, Program: local.MainModule(), Version: local.MainVersion(), Model: model, Input: checked,
	}})
	if err := env.GetWorkflowResult(&s.Record); err != nil {
		t.Fatal(err)
	}
	for _, ev := range defs.last.events {
		s.Events = told(s.Events, ev)
	}
	if err := journal.Verify(defs.last.events); err != nil {
		t.Error(err)
	}
	return s
}

// told adds an event to a story. That a process takes a run and gives it back
// is the engine's own.
func told(events []string, ev pawl.Event) []string {
	switch ev.Type {
	case pawl.EventClaimed, pawl.EventReleased:
		return events
	case pawl.EventNote:
		note, err := journal.Decode[journal.Note](ev)
		if err != nil {
			panic(err)
		}
		return append(events, fmt.Sprint("note ", ev.Key, ": ", note.Text))
	}
	return append(events, fmt.Sprint(ev.Type, " ", ev.Key))
}

// both runs a flow on both engines and compares what is left, down to the order
// of events. It returns the local story.
func both(t *testing.T, f pawl.Flow, replies map[string][]any, input string, resume bool) (l story) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		for i, on := range []func(*testing.T, pawl.Flow, llm.Model, string, string, bool) story{onLocal, onTemporal} {
			m := &script{replies: map[string][]any{}}
			for k, v := range replies {
				m.replies[k] = slices.Clone(v)
			}
			s := on(t, f, m, "test/one", input, resume)
			s.Calls = m.requests
			slices.Sort(s.Calls)
			if i == 0 {
				l = s
				continue
			}
			compare(t, l, s)
			first := l
			l.Other, s.Other = &s, &first
		}
	})
	return l
}

func compare(t *testing.T, l, s story) {
	t.Helper()
	if diff := cmp.Diff(timeless(t, l.Record), timeless(t, s.Record)); diff != "" {
		t.Errorf("record (-local +temporal):\n%s", diff)
	}
	if diff := cmp.Diff(l.Events, s.Events); diff != "" {
		t.Errorf("events (-local +temporal):\n%s", diff)
	}
	if diff := cmp.Diff(l.Calls, s.Calls); diff != "" {
		t.Errorf("calls (-local +temporal):\n%s", diff)
	}
}

// timeless returns a record as JSON whose times only say that there is one. The
// digest of what stands in the flow's own way is of a stack, among others.
func timeless(t *testing.T, rec pawl.RunRecord) any {
	t.Helper()
	rec.Blockers = slices.Clone(rec.Blockers)
	for i, b := range rec.Blockers {
		if b.Key == "" {
			rec.Blockers[i].Digest = ""
		}
	}
	raw, err := json.Marshal(rec)
	if err != nil {
		t.Fatal(err)
	}
	var v any
	if err := json.Unmarshal(raw, &v); err != nil {
		t.Fatal(err)
	}
	return withoutTimes(v)
}

func withoutTimes(v any) any {
	switch v := v.(type) {
	case []any:
		for i := range v {
			v[i] = withoutTimes(v[i])
		}
	case map[string]any:
		for k := range v {
			v[k] = withoutTimes(v[k])
		}
	case string:
		if _, err := time.Parse(time.RFC3339Nano, v); err == nil {
			return "a time"
		}
	}
	return v
}

func text(purpose string) pawl.Question[string] {
	return pawl.Messages[string](purpose, llm.User(purpose))
}

var errNever = errors.New("never good")
