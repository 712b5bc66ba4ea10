package local_test

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/local"
	"github.com/pawlrun/pawl/internal/checktest"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/llm"
)

type topic struct {
	Topic string `json:"topic" pawl:"default=x"`
}

type outline struct {
	Title    string   `json:"title"`
	Sections []string `json:"sections" pawl:"items=3..5"`
}

// script is a model that answers each step with its texts in turn; an error in
// place of a text fails that attempt at once.
type script struct {
	mu       sync.Mutex
	replies  map[string][]any
	latency  time.Duration
	requests []llm.Request
	inFlight int
	most     int
}

func (s *script) Generate(ctx context.Context, req llm.Request, _ func(llm.Delta)) (llm.Response, error) {
	s.mu.Lock()
	s.requests = append(s.requests, req)
	s.inFlight++
	s.most = max(s.most, s.inFlight)
	var reply any = "answer of " + req.Meta.Key
	if q := s.replies[req.Meta.Key]; len(q) > 0 {
		reply = q[0]
		s.replies[req.Meta.Key] = q[1:]
	}
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		s.inFlight--
		s.mu.Unlock()
	}()
	if _, failed := reply.(error); s.latency > 0 && !failed {
		select {
		case <-time.After(s.latency):
		case <-ctx.Done():
			return llm.Response{}, &llm.Error{Kind: llm.Canceled}
		}
	}
	switch r := reply.(type) {
	case error:
		return llm.Response{}, r
	case string:
		return llm.Response{Text: r, Usage: &llm.Usage{InputTokens: 10, OutputTokens: 5}}, nil
	}
	panic(fmt.Sprintf("reply %T", reply))
}

func (s *script) calls(key string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for _, r := range s.requests {
		if r.Meta.Key == key {
			n++
		}
	}
	return n
}

var evictAlways = flag.Bool("evict", false, "give up every run's memory at every wait")

func newEngine(j journal.Journal, m llm.Model, flows ...pawl.Flow) *local.Engine {
	o := &local.Options{Journal: j, Models: llm.Catalog{"test": m}, Model: "test/one", Flows: flows}
	if *evictAlways {
		o.Evict = -1
	}
	return local.New(o)
}

func text(purpose string) pawl.Question[string] {
	return pawl.Messages[string](purpose, llm.User(purpose))
}

// finish runs a flow to its rest and returns its record.
func finish(t *testing.T, e *local.Engine, f pawl.Flow) pawl.RunRecord {
	t.Helper()
	id, err := e.Start(t.Context(), f, json.RawMessage(`{}`), nil)
	if err != nil {
		t.Fatal(err)
	}
	return follow(t, e, id)
}

func follow(t *testing.T, e *local.Engine, id pawl.RunID) pawl.RunRecord {
	t.Helper()
	var events []pawl.Event
	for ev, err := range e.Events(t.Context(), id, 0) {
		if err != nil {
			t.Fatal(err)
		}
		events = append(events, ev)
	}
	if err := journal.Verify(events); err != nil {
		t.Fatal(err)
	}
	rec, err := e.Get(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return rec
}

func keys(rec pawl.RunRecord) string {
	var all []string
	for _, s := range rec.Steps {
		all = append(all, string(s.Key)+":"+string(s.Status))
	}
	return strings.Join(all, " ")
}

func TestChainWithRepairs(t *testing.T) {
	m := &script{replies: map[string][]any{"outline": {
		"not json", `{"title":"T","sections":["a","b"]}`, `{"title":"T","sections":["a","b","c"]}`}}}
	f := pawl.New("chain", "Chains.", func(r *pawl.Run, in topic) (string, error) {
		o := pawl.Ask(r, "outline", pawl.Messages[outline]("Planning outline", llm.User("plan "+in.Topic)))
		return pawl.Ask(r, "draft", text("Writing "+strings.Join(o.Sections, ","))), nil
	})
	e := newEngine(checktest.Memory(t), m)
	rec := finish(t, e, f)
	if rec.Status != pawl.StatusDone || string(rec.Output) != `"answer of draft"` {
		t.Fatalf("status %s, output %s, error %+v", rec.Status, rec.Output, rec.Error)
	}
	at := rec.Steps[0].Attempts
	if len(at) != 3 || at[0].Outcome != pawl.OutcomeRejected || at[2].Outcome != pawl.OutcomeAccepted {
		t.Fatalf("attempts %+v", at)
	}
	if !strings.Contains(at[1].Gates[0].Detail, "sections: has 2 items, wants 3 to 5") {
		t.Errorf("complaint %q", at[1].Gates[0].Detail)
	}
	last := m.requests[2].Messages
	if len(last) != 5 || last[1].Text() != "not json" || !strings.Contains(last[4].Text(), "wants 3 to 5") {
		t.Errorf("repair request %+v", last)
	}
	if rec.Usage.ModelCalls != 4 || *rec.Usage.OutputTokens != 20 {
		t.Errorf("usage %+v", rec.Usage)
	}
}

func TestMapInOrderAndAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &script{latency: time.Second}
		f := pawl.New("fan", "Fans out.", func(r *pawl.Run, in topic) ([]string, error) {
			var order []string
			out := pawl.Map(r, "items", []int{0, 1, 2, 3}, func(r *pawl.Run, i int) (string, error) {
				s := pawl.Ask(r, "write", text("Writing"))
				order = append(order, s)
				return s, nil
			})
			if len(order) != 4 {
				return nil, fmt.Errorf("order %v", order)
			}
			return out, nil
		})
		e := newEngine(checktest.Memory(t), m)
		start := time.Now()
		rec := finish(t, e, f)
		if d := time.Since(start); d != time.Second {
			t.Errorf("took %v, want exactly 1s", d)
		}
		if want := "items:done items[0]/write:done items[1]/write:done items[2]/write:done items[3]/write:done"; keys(rec) != want {
			t.Errorf("steps %s", keys(rec))
		}
		if m.most != 4 {
			t.Errorf("at most %d calls in flight, want 4", m.most)
		}
		if want := `["answer of items[0]/write","answer of items[1]/write","answer of items[2]/write","answer of items[3]/write"]`; string(rec.Output) != want {
			t.Errorf("output %s", rec.Output)
		}
	})
}

func TestFailureResumes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		refusal := &llm.Error{Kind: llm.Refused, Message: "no", Hint: "ask for something else"}
		m := &script{replies: map[string][]any{"b": {refusal}}}
		f := pawl.New("abc", "Does a, b, c.", func(r *pawl.Run, in topic) (string, error) {
			return pawl.Ask(r, "a", text("A")) + pawl.Ask(r, "b", text("B")) + pawl.Ask(r, "c", text("C")), nil
		})
		j := checktest.Memory(t)
		e := newEngine(j, m)
		rec := finish(t, e, f)
		if rec.Status != pawl.StatusFailed || rec.Error == nil || rec.Error.Step != "b" || rec.Error.Kind != "refused" || len(rec.Blockers) != 1 {
			t.Fatalf("record %+v", rec)
		}
		if err := e.Direct(t.Context(), rec.ID, pawl.Directive{What: pawl.DirectResume, Who: "me"}); err != nil {
			t.Fatal(err)
		}
		rec = follow(t, e, rec.ID)
		if rec.Status != pawl.StatusDone || rec.Error != nil || len(rec.Decisions) != 1 {
			t.Fatalf("record %+v", rec)
		}
		if m.calls("a") != 1 || m.calls("b") != 2 || m.calls("c") != 1 {
			t.Errorf("calls %d %d %d", m.calls("a"), m.calls("b"), m.calls("c"))
		}
	})
}

func TestTry(t *testing.T) {
	m := &script{replies: map[string][]any{
		"a":                {&llm.Error{Kind: llm.Refused, Message: "no"}},
		"items[1]/inner/x": {&llm.Error{Kind: llm.Refused, Message: "never"}},
	}}
	f := pawl.New("try", "Tries.", func(r *pawl.Run, in topic) (string, error) {
		_, err := pawl.TryAsk(r, "a", text("A"))
		var pe *pawl.Error
		if !errors.As(err, &pe) || pe.Step != "a" {
			return "", fmt.Errorf("error %v", err)
		}
		res := pawl.TryMap(r, "items", []int{0, 1, 2}, func(r *pawl.Run, i int) (string, error) {
			if i == 2 {
				return "", errors.New("own error")
			}
			got := ""
			pawl.Parallel(r, "inner", pawl.In("x", func(r *pawl.Run) error { return nil }), pawl.In("y", func(r *pawl.Run) error { return nil }))
			pawl.Map(r, "deep", []int{1}, func(r *pawl.Run, _ int) (int, error) {
				if i == 1 {
					got = pawl.Ask(r, "z", pawl.Messages[string]("Z", llm.User("z")).Gate("never", func(string) error { return errors.New("never good") }))
				}
				return 0, nil
			})
			return "ok" + got, nil
		})
		return fmt.Sprintf("%v|%v %v|%v", res[0].Value, res[1].Value, res[1].Err, res[2].Err), nil
	})
	rec := finish(t, newEngine(checktest.Memory(t), m), f)
	if rec.Status != pawl.StatusDone {
		t.Fatalf("status %s %+v", rec.Status, rec.Error)
	}
	if got := string(rec.Output); !strings.HasPrefix(got, `"ok|`) || !strings.Contains(got, "no answer passed its gates in 3 attempts; the last: never good|own error") {
		t.Errorf("output %s", got)
	}
}

func nothing(context.Context, int) (int, error) { return 0, nil }
