package local_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/checktest"
	"github.com/pawlrun/pawl/llm"
)

// TestItemsKeepTheirOwnResults: items of a map that come and go keep their own results.
func TestItemsKeepTheirOwnResults(t *testing.T) {
	var got []string
	flow := func(animals ...string) pawl.Flow {
		return pawl.New("f", "F.", func(r *pawl.Run, in topic) (int, error) {
			got = pawl.Map(r, "animals", animals, func(r *pawl.Run, name string) (string, error) {
				return pawl.Ask(r, "say", pawl.Messages[string]("Saying", llm.User(name))), nil
			})
			return 0, errors.New("stop")
		})
	}
	m := &script{Replies: map[string][]any{"animals[0]/say": {"of cat"}, "animals[1]/say": {"of dog"}, "animals[2]/say": {"of eel"}}}
	j := checktest.Memory(t)
	rec := finish(t, newEngine(j, m), flow("cat", "dog", "eel"))
	got = nil
	e := newEngine(j, m, flow("dog", "eel"))
	resume(t, e, rec.ID)
	follow(t, e, rec.ID)
	if len(got) > 0 && got[0] == "of cat" {
		t.Errorf("dog and eel got %q", got)
	}
}

// TestFlowSeesAnAddedDefault: a default added to an answer type is seen by the flow.
func TestFlowSeesAnAddedDefault(t *testing.T) {
	type old struct {
		A string `json:"a"`
	}
	type now struct {
		A string `json:"a"`
		N int    `json:"n" pawl:"default=3"`
	}
	m := &script{Replies: map[string][]any{"a": {`{"a":"x"}`}}}
	j := checktest.Memory(t)
	rec := finish(t, newEngine(j, m), pawl.New("f", "F.", func(r *pawl.Run, in topic) (int, error) {
		pawl.Ask(r, "a", pawl.Messages[old]("A", llm.User("A")))
		return 0, errors.New("stop")
	}))
	n := -1
	e := newEngine(j, m, pawl.New("f", "F.", func(r *pawl.Run, in topic) (int, error) {
		n = pawl.Ask(r, "a", pawl.Messages[now]("A", llm.User("A"))).N
		return 0, nil
	}))
	resume(t, e, rec.ID)
	rec = follow(t, e, rec.ID)
	if n != 3 {
		t.Errorf("the flow sees %d, wants 3; run is %s (%s)", n, rec.Status, rec.Reason)
	}
}

// TestNoGoSyntaxInPrompts: a template that prints a struct is refused.
func TestNoGoSyntaxInPrompts(t *testing.T) {
	type sub struct{ A *int }
	defer func() {
		if recover() == nil {
			t.Error("the prompt was taken")
		}
	}()
	pawl.MustPrompt[struct{ Sub sub }, string](fstest.MapFS{"p.md": {Data: []byte("purpose: P\n---\n# user\n{{.Sub}}")}}, "p.md")
}

// TestErrorsSayWhere: an error says where.
func TestErrorsSayWhere(t *testing.T) {
	m := &script{Replies: map[string][]any{"sub/a": {pawl.ErrGate}}}
	e := newEngine(checktest.Memory(t), m)
	inner := pawl.New("inner", "I.", func(r *pawl.Run, in topic) (int, error) { ask(r, "a"); return 1, nil })
	f := pawl.New("f", "F.", func(r *pawl.Run, in topic) (int, error) { return pawl.Call(r, "sub", inner, topic{}), nil })
	h, err := pawl.Start(t.Context(), e, f, topic{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	_, err = h.Result(t.Context())
	if !strings.Contains(err.Error(), "sub/a") || !strings.Contains(err.Error(), "run "+string(h.ID())+" of f") {
		t.Errorf("the error says %q", err)
	}
	rec, _ := e.Get(t.Context(), h.ID())
	for _, s := range rec.Steps {
		if s.Status == pawl.StepRunning {
			t.Errorf("%s is %s in a failed run", s.Key, s.Status)
		}
	}
}

// TestResultOfAWaitingRun: the result of a waiting run is ErrWaiting.
func TestResultOfAWaitingRun(t *testing.T) {
	e := newEngine(checktest.Memory(t), &script{})
	f := pawl.New("f", "F.", func(r *pawl.Run, in topic) (bool, error) {
		return pawl.Approve(r, "ok", "x", "OK?").Approved, nil
	})
	h, err := pawl.Start(t.Context(), e, f, topic{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err = h.Result(t.Context()); !errors.Is(err, pawl.ErrorKind("waiting")) {
		t.Errorf("the error is %v, of kind %s", err, pawl.AsError(err, "").Kind)
	}
}

// TestDoIsCheckedBeforeItsEffect: a do whose result has no form in JSON is refused before its effect.
func TestDoIsCheckedBeforeItsEffect(t *testing.T) {
	e := newEngine(checktest.Memory(t), &script{})
	effects := 0
	rec := finish(t, e, pawl.New("f", "F.", func(r *pawl.Run, in topic) (int, error) {
		pawl.Do(r, "pay", 1, func(context.Context, int) (struct{ F func() }, error) {
			effects++
			return struct{ F func() }{func() {}}, nil
		})
		return 1, nil
	}))
	if effects != 0 {
		t.Errorf("%d effects, run is %s (%s)", effects, rec.Status, rec.Reason)
	}
}

// TestImpossibleAnswerTypeIsFoundWhereItIsMade: an impossible answer type is found where the question is made.
func TestImpossibleAnswerTypeIsFoundWhereItIsMade(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("the question was made")
		}
	}()
	pawl.Messages[struct{ C chan int }]("A", llm.User("A"))
}
