package enginetest

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/llm"
)

// Changed runs a flow that stops in the middle, then goes on with other code.
func Changed(t *testing.T, open Store, before, after func(r *pawl.Run)) (pawl.RunRecord, *Script) {
	t.Helper()
	m := &Script{}
	rec := Finish(t, open(m), pawl.New("f", "F.", func(r *pawl.Run, in Topic) (int, error) {
		before(r)
		return 0, errors.New("stop here")
	}))
	f := pawl.New("f", "F.", func(r *pawl.Run, in Topic) (int, error) { after(r); return 1, nil })
	e := open(m, f)
	Resume(t, e, rec.ID)
	return Follow(t, e, rec.ID), m
}

func mismatches(t *testing.T, open store) {
	ask := func(r *pawl.Run) { pawl.Ask(r, "a", Text("A")) }
	rec, _ := Changed(t, open, ask, func(r *pawl.Run) { pawl.Do(r, "a", 1, nothing) })
	want := `step "a" is recorded as ask, the flow now asks for do`
	if rec.Status != pawl.StatusFailed || rec.Error.Kind != pawl.ErrMismatch || !strings.Contains(rec.Error.Message, want) || rec.Blockers[0].Kind != pawl.BlockerMismatch {
		t.Errorf("%s %+v", rec.Status, rec.Error)
	}
	rec, _ = Changed(t, open, ask, func(r *pawl.Run) { pawl.Map(r, "a", []int{1}, func(*pawl.Run, int) (int, error) { return 0, nil }) })
	if rec.Error == nil || rec.Error.Kind != pawl.ErrMismatch || rec.Error.Step != "a" {
		t.Errorf("%s %+v", rec.Status, rec.Error)
	}
	rec, _ = Changed(t, open, ask, func(r *pawl.Run) { pawl.Ask(r, "a", pawl.Messages[Outline]("A", llm.User("A"))) })
	if rec.Error == nil || rec.Error.Kind != pawl.ErrMismatch {
		t.Errorf("a result that no longer decodes: %s %+v", rec.Status, rec.Error)
	}
}

// addedDefault: flow code sees a recorded value as its type is now, also when that
// was noted before.
func addedDefault(t *testing.T, open store) {
	type Old struct {
		Title string `json:"title"`
	}
	type New struct {
		Title string `json:"title"`
		Words int    `json:"words" pawl:"default=300"`
	}
	m := &Script{Replies: map[string][]any{"ask": {`{"title":"T"}`}}}
	e := open(m)
	asking := "good?"
	id := Start(t, e, pawl.New("f", "F.", func(r *pawl.Run, in Topic) (int, error) {
		pawl.Ask(r, "ask", pawl.Messages[Old]("A", llm.User("A")))
		pawl.Approve(r, "approve", Old{"P"}, asking)
		pawl.Input[Old](r, "input", asking)
		return 0, errors.New("stop here")
	}))
	Follow(t, e, id)
	Decide(t, e, id, pawl.Decision{Key: "approve", What: pawl.DecideApprove})
	Follow(t, e, id)
	Decide(t, e, id, pawl.Decision{Key: "input", What: pawl.DecideAnswer, Value: []byte(`{"title":"I"}`)})
	Follow(t, e, id)
	for _, stop := range []error{errors.New("stop again"), nil} {
		var got []New
		f := pawl.New("f", "F.", func(r *pawl.Run, in Topic) (int, error) {
			got = []New{
				pawl.Ask(r, "ask", pawl.Messages[New]("A", llm.User("A"))),
				pawl.Approve(r, "approve", New{"P", 1}, asking).Value,
				pawl.Input[New](r, "input", asking),
			}
			return 1, stop
		})
		e := open(m, f)
		Resume(t, e, id)
		rec := Follow(t, e, id)
		if want := []New{{"T", 300}, {"P", 300}, {"I", 300}}; !slices.Equal(got, want) || rec.Status == pawl.StatusDone != (stop == nil) {
			t.Errorf("the flow saw %v, wants %v; the run is %s: %+v", got, want, rec.Status, rec.Error)
		}
		for _, s := range rec.Steps {
			if !s.Stale || strings.Contains(string(s.Output), "300") {
				t.Errorf("%s is recorded as %s, stale %v", s.Key, s.Output, s.Stale)
			}
		}
	}
	if len(m.Requests) != 1 {
		t.Errorf("%d requests", len(m.Requests))
	}
}

func staleAndUnused(t *testing.T, open store) {
	rec, m := Changed(t, open,
		func(r *pawl.Run) {
			pawl.Ask(r, "a", Prompted("{{.Topic}}", "A"))
			pawl.Ask(r, "b", Text("B"))
			pawl.Ask(r, "c", Text("C"))
		},
		func(r *pawl.Run) { pawl.Ask(r, "a", Prompted("On {{.Topic}}", "A")); pawl.Ask(r, "c", Text("C")) })
	if rec.Status != pawl.StatusDone || len(m.Requests) != 3 {
		t.Fatalf("%s after %d requests: %+v", rec.Status, len(m.Requests), rec.Error)
	}
	a, b, c := rec.Steps[0], rec.Steps[1], rec.Steps[2]
	if !a.Stale || a.Unused || b.Stale || !b.Unused || c.Stale || c.Unused {
		t.Errorf("a %v %v, b %v %v, c %v %v", a.Stale, a.Unused, b.Stale, b.Unused, c.Stale, c.Unused)
	}
}

// waysOutOfAMismatch: what is recorded is an answer to another question. Nothing takes
// it, siblings run on, and a person says what counts.
func waysOutOfAMismatch(t *testing.T, open store) {
	flow := func(word string, more bool) pawl.Flow {
		return pawl.New("f", "F.", func(r *pawl.Run, in Topic) (int, error) {
			pawl.Parallel(r, "p",
				pawl.Go("x", func(r *pawl.Run) error {
					if got := pawl.Ask(r, "a", Text(word)); more {
						pawl.Do(r, "got", got, func(_ context.Context, s string) (string, error) { return s, nil })
					}
					return nil
				}),
				pawl.Go("y", func(r *pawl.Run) error { pawl.Ask(r, "c", Text("C")); return nil }))
			return 1, nil
		})
	}
	for _, tt := range []struct {
		way  pawl.Decision
		want string
		last int // calls of the ask
	}{
		{pawl.Decision{What: pawl.DecideRetry}, `"answer of p/x/a"`, 2},
		{pawl.Decision{What: pawl.DecideContinue}, `"answer of p/x/a"`, 1},
		{pawl.Decision{What: pawl.DecideSupply, Value: json.RawMessage(`"mine"`)}, `"mine"`, 1},
	} {
		m := &Script{Replies: map[string][]any{"p/y/c": {pawl.ErrGate}}}
		rec := Finish(t, open(m), flow("one", false))
		e := open(m, flow("two", true))
		Resume(t, e, rec.ID)
		rec = Follow(t, e, rec.ID)
		if rec.Status != pawl.StatusFailed || rec.Error.Kind != pawl.ErrMismatch || rec.Error.Step != "p/x/a" || m.Calls("p/y/c") != 2 {
			t.Fatalf("run is %s, %+v, %s", rec.Status, rec.Error, Keys(rec))
		}
		b := rec.Blockers[0]
		if len(rec.Blockers) != 1 || b.Kind != pawl.BlockerMismatch || b.Key != "p/x/a" {
			t.Fatalf("blockers %+v", rec.Blockers)
		}
		Refused(t, e.Decide(t.Context(), rec.ID, pawl.Decision{Key: b.Key, What: pawl.DecideSupply, Value: json.RawMessage("3")}), pawl.ErrInput, "not a text")
		Refused(t, e.Decide(t.Context(), rec.ID, pawl.Decision{Key: b.Key, What: pawl.DecideRetry, Digest: "sha256:0"}), pawl.ErrConflict, "not what was shown")
		tt.way.Key, tt.way.Digest = b.Key, b.Digest
		Decide(t, e, rec.ID, tt.way)
		rec = Follow(t, e, rec.ID)
		if rec.Status != pawl.StatusDone || m.Calls("p/x/a") != tt.last {
			t.Fatalf("%s: run is %s, %+v, %s, %d calls", tt.way.What, rec.Status, rec.Error, Keys(rec), m.Calls("p/x/a"))
		}
		if got := output(rec, "p/x/got"); got != tt.want {
			t.Errorf("%s: the flow got %s, wants %s", tt.way.What, got, tt.want)
		}
	}
}

// mismatchOfAPerson: an approval is asked again, for nobody has seen what is proposed
// now.
func mismatchOfAPerson(t *testing.T, open store) {
	flow := func(words int) pawl.Flow {
		return pawl.New("f", "F.", func(r *pawl.Run, in Topic) (int, error) {
			a := pawl.Approve(r, "ok", Post{Title: "t", Words: words}, "OK?")
			pawl.Ask(r, "c", Text("C"))
			return a.Value.Words, nil
		})
	}
	m := &Script{Replies: map[string][]any{"c": {pawl.ErrGate}}}
	e := open(m)
	rec := Finish(t, e, flow(1))
	Decide(t, e, rec.ID, pawl.Decision{Key: "ok", What: pawl.DecideApprove})
	Follow(t, e, rec.ID)
	e = open(m, flow(2))
	Resume(t, e, rec.ID)
	rec = Follow(t, e, rec.ID)
	if rec.Status != pawl.StatusFailed || rec.Blockers[0].Kind != pawl.BlockerMismatch {
		t.Fatalf("run is %s, %+v", rec.Status, rec.Blockers)
	}
	for _, what := range []pawl.DecisionKind{pawl.DecideContinue, pawl.DecideApprove} {
		Refused(t, e.Decide(t.Context(), rec.ID, pawl.Decision{Key: "ok", What: what}), pawl.ErrInput, "takes retry, not "+string(what))
	}
	Decide(t, e, rec.ID, pawl.Decision{Key: "ok", What: pawl.DecideRetry})
	rec = Follow(t, e, rec.ID)
	if rec.Status != pawl.StatusWaiting || rec.Blockers[0].Kind != pawl.BlockerApproval || !strings.Contains(string(rec.Blockers[0].Proposal), "2") {
		t.Fatalf("run is %s, %+v", rec.Status, rec.Blockers)
	}
	Decide(t, e, rec.ID, pawl.Decision{Key: "ok", What: pawl.DecideApprove})
	if rec = Follow(t, e, rec.ID); rec.Status != pawl.StatusDone || string(rec.Output) != "2" {
		t.Errorf("run is %s, %s", rec.Status, rec.Output)
	}
}

func output(rec pawl.RunRecord, key pawl.Key) string {
	for _, s := range rec.Steps {
		if s.Key == key {
			return string(s.Output)
		}
	}
	return "nothing"
}

// anotherModel: finished steps keep their results and are not
// called stale for it; new ones ask the new model.
func anotherModel(t *testing.T, open store) {
	m := &Script{Replies: map[string][]any{"b": {pawl.ErrGate}}}
	e := open(m, ABC)
	rec := Finish(t, e, ABC)
	if err := e.Direct(t.Context(), rec.ID, pawl.Directive{What: pawl.DirectResume, Who: "me", Model: "nobody/x"}); !errors.Is(err, pawl.ErrInput) {
		t.Fatalf("an unknown model was taken: %v", err)
	}
	if err := e.Direct(t.Context(), rec.ID, pawl.Directive{What: pawl.DirectResume, Who: "me", Model: "test/two"}); err != nil {
		t.Fatal(err)
	}
	rec = Follow(t, e, rec.ID)
	if rec.Status != pawl.StatusDone || rec.Steps[0].Stale || m.Requests[3].Model != "two" || rec.Model != "test/two" {
		t.Errorf("%s, stale %v, asked %q", rec.Status, rec.Steps[0].Stale, m.Requests[3].Model)
	}
}

// modelsOfARun: a result keeps its place whichever of the run's models gave
// it.
func modelsOfARun(t *testing.T, open store) {
	m := &Script{Replies: map[string][]any{"a": {pawl.ErrGate}, "b": {pawl.ErrGate}}}
	e := open(m)
	rec := Finish(t, e, ABC)
	for _, model := range []string{"test/two", "test/three"} {
		if err := e.Direct(t.Context(), rec.ID, pawl.Directive{What: pawl.DirectResume, Model: model}); err != nil {
			t.Fatal(err)
		}
		rec = Follow(t, e, rec.ID)
	}
	if rec.Status != pawl.StatusDone || rec.Steps[0].Stale || rec.Steps[1].Stale {
		t.Errorf("%s, stale %v %v", rec.Status, rec.Steps[0].Stale, rec.Steps[1].Stale)
	}
}
