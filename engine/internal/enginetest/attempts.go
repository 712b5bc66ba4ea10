package enginetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/llm"
)

// fallsBack: when trouble has not passed, the next model is asked: for the authored
// request, with attempts of its own. A new round begins at the first.
func fallsBack(t *testing.T, open store) {
	busy := &llm.Error{Kind: llm.Overloaded, Message: "busy"}
	gone := &llm.Error{Kind: llm.Network, Message: "gone"}
	m := &Script{Replies: map[string][]any{"a": {
		"bad", busy, busy, // of test/one
		"bad", "bad", gone, gone, // of test/two
		busy, busy, // of test/one, in the next round
		"bad", "good",
	}}}
	q := Text("A").Fallback("test/two").Tries(2).Gate("good", func(s string) error {
		if s != "good" {
			return errors.New("is bad")
		}
		return nil
	})
	f := pawl.New("chain", "Asks two models.", func(r *pawl.Run, in Topic) (string, error) { return pawl.Ask(r, "a", q), nil })
	e := open(m, f)
	rec := Finish(t, e, f)
	if rec.Status != pawl.StatusFailed || rec.Error.Kind != "overloaded" || !strings.HasPrefix(rec.Error.Message,
		"none of its models can answer: test/one: still failing after 2 attempts: overloaded: busy; test/two: still failing after 2 attempts: network: gone") {
		t.Fatalf("run is %s: %+v", rec.Status, rec.Error)
	}
	Resume(t, e, rec.ID)
	rec = Follow(t, e, rec.ID)
	if rec.Status != pawl.StatusDone || string(rec.Output) != `"good"` {
		t.Fatalf("run is %s (%s)", rec.Status, rec.Reason)
	}
	got := ""
	for i, at := range rec.Steps[0].Attempts {
		_, model := llm.Split(at.Model)
		if m.Requests[i].Model != model {
			t.Errorf("attempt %d is of %s and asked %s", i+1, at.Model, m.Requests[i].Model)
		}
		got += fmt.Sprintf("%s%d ", model, len(m.Requests[i].Messages))
	}
	if want := "one1 one3 one3 two1 two3 two5 two5 one1 one1 two1 two3 "; got != want {
		t.Errorf("models and messages sent: %s, want %s", got, want)
	}
}

// triesAndRepairs: a question says how often it is tried again and how often repaired.
func triesAndRepairs(t *testing.T, open store) {
	busy := &llm.Error{Kind: llm.Overloaded, Message: "busy"}
	never := func(string) error { return errors.New("is bad") }
	for _, c := range []struct {
		q     pawl.Question[string]
		kind  pawl.ErrorKind
		calls int
	}{
		{Text("A").Tries(1), "overloaded", 1},
		{Text("A").Tries(3), "overloaded", 3},
		{Text("A").Tries(8), "overloaded", 8},
		{Text("A"), "overloaded", 5},
		{Text("A").Gate("no", never).Repairs(0).Tries(9), "gate", 9},
		{Text("A").Gate("no", never).Repairs(2).Tries(9), "gate", 11},
		{Text("A").Gate("no", never).Repairs(4).Tries(9), "gate", 13},
		{Text("A").Gate("no", never).Tries(9), "gate", 11},
	} {
		m := &Script{Replies: map[string][]any{"a": slices.Repeat([]any{busy}, 8)}}
		f := pawl.New("one", "Asks.", func(r *pawl.Run, in Topic) (string, error) { return pawl.Ask(r, "a", c.q), nil })
		rec := Finish(t, open(m), f)
		if rec.Status != pawl.StatusFailed || rec.Error.Kind != c.kind || m.Calls("a") != c.calls {
			t.Errorf("%s after %d calls: %+v; want %s after %d", rec.Status, m.Calls("a"), rec.Error, c.kind, c.calls)
		}
	}
}

// doWillPass: the code of a do says which of its errors pass, and when to come back. Of
// one that may run twice time-outs do so by themselves.
func doWillPass(t *testing.T, open store) {
	errDown := errors.New("down")
	for _, c := range []struct {
		name    string
		errs    []error // of the first runs of the code
		opts    []pawl.DoOption
		try     bool
		kind    pawl.ErrorKind // of the run's error; empty: it is done
		calls   int
		atLeast time.Duration
		atMost  time.Duration
	}{
		{name: "its own error", errs: []error{errDown}, kind: "step", calls: 1},
		{name: "its own error, as a value", errs: []error{errDown}, try: true, calls: 1},
		{name: "transient", errs: []error{pawl.Transient(errDown), fmt.Errorf("post: %w", pawl.Transient(errDown))}, calls: 3, atLeast: 2 * time.Second, atMost: 4 * time.Second},
		{name: "when to come back", errs: []error{pawl.RetryAfter(errDown, time.Minute)}, calls: 2, atLeast: time.Minute, atMost: time.Minute + time.Second},
		{name: "not for ever", errs: slices.Repeat([]error{pawl.Transient(errDown)}, 9), kind: "transient", calls: 5, atMost: time.Minute},
		{name: "not for ever, in a Try form", errs: slices.Repeat([]error{pawl.Transient(errDown)}, 9), try: true, kind: "transient", calls: 5, atMost: time.Minute},
		{name: "once", errs: []error{pawl.Transient(errDown)}, opts: []pawl.DoOption{pawl.Tries(1)}, kind: "transient", calls: 1},
		{name: "seven times", errs: slices.Repeat([]error{pawl.Transient(errDown)}, 6), opts: []pawl.DoOption{pawl.Tries(7)}, calls: 7, atMost: 2 * time.Minute},
		{name: "the network's time-out", errs: []error{context.DeadlineExceeded}, kind: "step", calls: 1},
		{name: "the network's time-out, repeatable", errs: []error{fmt.Errorf("get: %w", context.DeadlineExceeded)}, opts: []pawl.DoOption{pawl.Repeatable}, calls: 2, atMost: 2 * time.Second},
		{name: "a refused token, as a value", errs: []error{&llm.Error{Kind: llm.Auth, Message: "no"}}, try: true, kind: "auth", calls: 1},
	} {
		calls := 0
		work := func(context.Context, int) (string, error) {
			if calls++; calls <= len(c.errs) {
				return "", c.errs[calls-1]
			}
			return "done", nil
		}
		f := pawl.New("do", "Does.", func(r *pawl.Run, in Topic) (string, error) {
			if !c.try {
				return pawl.Do(r, "d", 1, work, c.opts...), nil
			}
			_, err := pawl.TryDo(r, "d", 1, work, c.opts...)
			return fmt.Sprint(err), nil
		})
		begin := time.Now()
		rec := Finish(t, open(&Script{}), f)
		took := time.Since(begin)
		if c.kind == "" && rec.Status != pawl.StatusDone || c.kind != "" && (rec.Status != pawl.StatusFailed || rec.Error.Kind != c.kind) {
			t.Errorf("%s: run is %s: %+v", c.name, rec.Status, rec.Error)
		}
		if calls != c.calls || took < c.atLeast || took > c.atMost {
			t.Errorf("%s: %d calls in %s, want %d in %s to %s", c.name, calls, took, c.calls, c.atLeast, c.atMost)
		}
	}
}
