package enginetest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/llm"
)

// On runs a flow over a base to its rest.
func On(t *testing.T, e pawl.Engine, f pawl.Flow, base pawl.Base) pawl.RunRecord {
	t.Helper()
	id, err := e.Start(t.Context(), f, nil, &pawl.StartOptions{Base: &base, Who: "eve"})
	if err != nil {
		t.Fatal(err)
	}
	return Follow(t, e, id)
}

// step returns a run's step with that key; the zero value if it has none.
func step(rec pawl.RunRecord, key pawl.Key) pawl.StepRecord {
	for _, s := range rec.Steps {
		if s.Key == key {
			return s
		}
	}
	return pawl.StepRecord{}
}

// rerunsUnchanged: nothing is asked again, whatever sort of step it is, and what was
// taken over says from where and what it took there.
func rerunsUnchanged(t *testing.T, open store) {
	m := &Script{}
	done := 0
	f := pawl.New("f", "F.", func(r *pawl.Run, in Topic) (string, error) {
		out := pawl.Ask(r, "a", Text("A"))
		pawl.Map(r, "items", []string{"x", "y"}, func(r *pawl.Run, s string) (string, error) {
			return pawl.Ask(r, "b", Text("B "+s)), nil
		})
		pawl.Do(r, "c", out, func(context.Context, string) (int, error) { done++; return done, nil })
		pawl.Sleep(r, "night", 3*time.Second)
		return out + in.Topic + r.ID("x")[:0], nil
	})
	e := open(m, f)
	id, err := e.Start(t.Context(), f, json.RawMessage(`{"topic":"T"}`), &pawl.StartOptions{Model: "test/two"})
	if err != nil {
		t.Fatal(err)
	}
	was := Follow(t, e, id)
	began := time.Now()
	for range 2 { // then a rerun of the rerun
		rec := On(t, e, f, pawl.Base{Run: id})
		if len(m.Requests) != 3 || done != 1 {
			t.Fatalf("%d requests, done %d times", len(m.Requests), done)
		}
		took(t, began, 0, 0)
		if rec.Status != pawl.StatusDone || string(rec.Output) != string(was.Output) || rec.Model != "test/two" || string(rec.Input) != `{"topic":"T"}` || *rec.Base != id {
			t.Errorf("%s %s on %s of %s, base %s", rec.Status, rec.Output, rec.Model, rec.Input, *rec.Base)
		}
		if rec.Usage.ModelCalls != 0 || *rec.Usage.CostUSD != 0 {
			t.Errorf("it took %+v", rec.Usage)
		}
		for _, s := range rec.Steps {
			there := step(was, s.Key)
			if s.Digest != there.Digest || s.Stale {
				t.Errorf("%s %s %v, was %s", s.Key, s.Digest, s.Stale, there.Digest)
			}
			if s.Kind.Scope() {
				continue
			}
			if s.Status != pawl.StepReused || *s.ReusedFrom != string(id)+"/"+string(s.Key) || string(s.Output) != string(there.Output) || len(s.Attempts) != 0 {
				t.Errorf("%s is %s from %v: %s", s.Key, s.Status, s.ReusedFrom, s.Output)
			}
			if asked := s.Kind == pawl.KindAsk; (s.Saved != nil) != asked || asked && *s.Saved.InputTokens != 10 {
				t.Errorf("%s saved %+v", s.Key, s.Saved)
			}
		}
		id = rec.ID
	}
}

// rerunsWhatChanged: a changed step runs, and so does what follows from it.
func rerunsWhatChanged(t *testing.T, open store) {
	m := &Script{Replies: map[string][]any{"b": {"first", "second"}}}
	flow := func(word string, gate error) pawl.Flow {
		return pawl.New("f", "F.", func(r *pawl.Run, in Topic) (string, error) {
			a := pawl.Ask(r, "a", Text("A").Gate("fine", func(string) error { return gate }))
			b := pawl.Ask(r, "b", Text(word+in.Topic))
			pawl.Ask(r, "c", Text("C "+a))
			return pawl.Ask(r, "d", Text("D "+b)), nil
		})
	}
	e := open(m, flow("B", nil))
	was := Finish(t, e, flow("B", nil))
	rec := On(t, e, flow("Bee", nil), pawl.Base{Run: was.ID})
	if got := Keys(rec); got != "a:reused b:done c:reused d:done" || len(m.Requests) != 6 {
		t.Errorf("%s after %d requests", got, len(m.Requests))
	}
	id, err := e.Start(t.Context(), flow("B", nil), json.RawMessage(`{"topic":"other"}`), &pawl.StartOptions{Base: &pawl.Base{Run: was.ID}})
	if err != nil {
		t.Fatal(err)
	}
	if got := Keys(Follow(t, e, id)); got != "a:reused b:done c:reused d:done" {
		t.Errorf("another input: %s", got)
	}
	id, err = e.Start(t.Context(), flow("B", nil), nil, &pawl.StartOptions{Model: "test/two", Base: &pawl.Base{Run: was.ID}})
	if err != nil {
		t.Fatal(err)
	}
	if got := Keys(Follow(t, e, id)); got != "a:done b:done c:done d:done" {
		t.Errorf("another model: %s", got)
	}
	// What the base has does not pass a gate that is new: it is asked anew.
	rec = On(t, e, flow("B", errors.New("is poor")), pawl.Base{Run: was.ID})
	if rec.Status != pawl.StatusFailed || Keys(rec) != "a:failed" || len(rec.Steps[0].Attempts) != 3 {
		t.Errorf("%s %s", rec.Status, Keys(rec))
	}
	if now := Status(t, e, was.ID); now.LastSeq != was.LastSeq {
		t.Error("the base was written to")
	}
}

// rerunsMovedItems: items of a map are known by what they ask.
func rerunsMovedItems(t *testing.T, open store) {
	m := &Script{}
	flow := func(items ...string) pawl.Flow {
		return pawl.New("f", "F.", func(r *pawl.Run, in Topic) (string, error) {
			got := pawl.Map(r, "items", items, func(r *pawl.Run, s string) (string, error) {
				return pawl.Ask(r, "ask", Text(s)), nil
			}, pawl.InOrder)
			return strings.Join(got, ";"), nil
		})
	}
	e := open(m, flow("cat"))
	was := Finish(t, e, flow("cat", "dog", "dog", "eel"))
	rec := On(t, e, flow("dog", "eel", "dog", "fox", "dog"), pawl.Base{Run: was.ID})
	want := `"answer of items[1]/ask;answer of items[3]/ask;answer of items[2]/ask;answer of items[3]/ask;answer of items[4]/ask"`
	if string(rec.Output) != want || len(m.Requests) != 6 {
		t.Errorf("%d requests: %s", len(m.Requests), rec.Output)
	}
	if from := step(rec, "items[0]/ask").ReusedFrom; from == nil || *from != string(was.ID)+"/items[1]/ask" {
		t.Errorf("items[0]/ask from %v", from)
	}
}

// rerunsInOrder: branches get what they take over in the order that it had there.
func rerunsInOrder(t *testing.T, open store) {
	m := &Script{}
	f := pawl.New("f", "F.", func(r *pawl.Run, in Topic) (string, error) {
		var all []string
		pawl.Map(r, "items", []int{3, 1, 2}, func(r *pawl.Run, n int) (int, error) {
			got := pawl.Do(r, "wait", n, func(ctx context.Context, n int) (int, error) {
				<-time.After(time.Duration(n) * time.Second)
				return n, nil
			})
			all = append(all, fmt.Sprint(got))
			return got, nil
		})
		return pawl.Ask(r, "join", Text(strings.Join(all, ","))), nil
	})
	e := open(m, f)
	was := Finish(t, e, f)
	rec := On(t, e, f, pawl.Base{Run: was.ID})
	if len(m.Requests) != 1 || rec.Steps[len(rec.Steps)-1].Status != pawl.StepReused {
		t.Errorf("%d requests: %s", len(m.Requests), Keys(rec))
	}
}

// rerunsAndPeople: what people decided counts where the same is asked, unless they turned
// it down; a failure that was taken as a value is tried again.
func rerunsAndPeople(t *testing.T, open store) {
	m := &Script{Replies: map[string][]any{"try": {&llm.Error{Kind: llm.Refused, Message: "no"}}}}
	f := pawl.New("f", "F.", func(r *pawl.Run, in Topic) (string, error) {
		yes := pawl.Approve(r, "yes", "P", "fine?")
		no := pawl.Approve(r, "no", "Q", "fine?")
		in2 := pawl.Input[string](r, "in", "what?")
		text, err := pawl.TryAsk(r, "try", Text("T"))
		return fmt.Sprint(yes.Value, yes.Who, no.Approved, in2, text, err == nil), nil
	})
	e := open(m, f)
	id := Start(t, e, f)
	decide := func(id pawl.RunID, d pawl.Decision) pawl.RunRecord {
		t.Helper()
		d.Who = "anna"
		Decide(t, e, id, d)
		return Follow(t, e, id)
	}
	Follow(t, e, id)
	decide(id, pawl.Decision{Key: "yes", What: pawl.DecideApprove, Value: json.RawMessage(`"edited"`), Comment: "better"})
	decide(id, pawl.Decision{Key: "no", What: pawl.DecideReject})
	was := decide(id, pawl.Decision{Key: "in", What: pawl.DecideAnswer, Value: json.RawMessage(`"this"`)})
	if string(was.Output) != `"editedannafalsethisfalse"` {
		t.Fatalf("%s", was.Output)
	}
	rec := On(t, e, f, pawl.Base{Run: id})
	if rec.Status != pawl.StatusWaiting || Keys(rec) != "yes:reused no:waiting" {
		t.Fatalf("%s %s", rec.Status, Keys(rec))
	}
	if d := rec.Decisions; len(d) != 1 || !d[0].Carried || d[0].Who != "anna" || d[0].Comment != "better" || d[0].At != was.Decisions[0].At {
		t.Errorf("decisions %+v", d)
	}
	rec = decide(rec.ID, pawl.Decision{Key: "no", What: pawl.DecideApprove})
	if string(rec.Output) != `"editedannatruethisanswer of trytrue"` || len(m.Requests) != 2 {
		t.Errorf("%s %s after %d requests", rec.Status, rec.Output, len(m.Requests))
	}
	// A fork carries all that was decided before, and asks again behind.
	rec = On(t, e, f, pawl.Base{Run: id, At: "in"})
	if rec.Status != pawl.StatusWaiting || Keys(rec) != "yes:reused no:reused in:waiting" {
		t.Errorf("%s %s", rec.Status, Keys(rec))
	}
	rec = On(t, e, f, pawl.Base{Run: id, At: "in", Result: json.RawMessage(`"that"`)})
	if rec.Status != pawl.StatusDone || string(rec.Output) != `"editedannafalsethatanswer of trytrue"` {
		t.Errorf("%s %s", rec.Status, rec.Output)
	}
	rec = On(t, e, f, pawl.Base{Run: id, At: "yes"})
	if rec.Status != pawl.StatusWaiting || Keys(rec) != "yes:waiting" {
		t.Errorf("%s %s", rec.Status, Keys(rec))
	}
}

// forks: what is before the step stays, the step is made anew or set, and what follows
// from it follows.
func forks(t *testing.T, open store) {
	m := &Script{Replies: map[string][]any{"b": {`{"title":"one","sections":["x","y","z"]}`, `{"title":"two","sections":["x","y","z"]}`}}}
	flow := func(a string) pawl.Flow {
		return pawl.New("f", "F.", func(r *pawl.Run, in Topic) (string, error) {
			pawl.Ask(r, "a", Prompted(a+" {{.Topic}}", in.Topic))
			b := pawl.Ask(r, "b", pawl.Messages[Outline]("B", llm.User("B"))).Title
			pawl.Ask(r, "c", Text("C"))
			return b + ":" + pawl.Ask(r, "d", Text("D "+b)), nil
		})
	}
	e := open(m, flow("A"))
	was := Finish(t, e, flow("A"))
	rec := On(t, e, flow("A"), pawl.Base{Run: was.ID, At: "b"})
	if string(rec.Output) != `"two:answer of d"` || Keys(rec) != "a:reused b:done c:reused d:done" {
		t.Errorf("%s %s", rec.Output, Keys(rec))
	}
	set := json.RawMessage(`{"title":"set","sections":["x","y","z"]}`)
	rec = On(t, e, flow("A"), pawl.Base{Run: rec.ID, At: "b", Result: set})
	if string(rec.Output) != `"set:answer of d"` || Keys(rec) != "a:reused b:done c:reused d:done" || m.Calls("b") != 2 {
		t.Errorf("%s %s", rec.Output, Keys(rec))
	}
	if d := rec.Decisions; len(d) != 1 || d[0].Who != "eve" || d[0].What != pawl.DecideSupply || d[0].Waits {
		t.Errorf("decisions %+v", d)
	}
	if b := rec.Steps[1]; b.Digest != was.Steps[1].Digest || b.Purpose != "B" {
		t.Errorf("b is recorded as %s %q", b.Digest, b.Purpose)
	}
	// What is set stays through a rerun.
	rec = On(t, e, flow("A"), pawl.Base{Run: rec.ID})
	if string(rec.Output) != `"set:answer of d"` || Keys(rec) != "a:reused b:reused c:reused d:reused" || !rec.Decisions[0].Carried {
		t.Errorf("%s %s", rec.Output, Keys(rec))
	}
	// Other words before the step keep what is there, a rerun asks in them.
	if rec = On(t, e, flow("About"), pawl.Base{Run: was.ID, At: "c"}); Keys(rec) != "a:reused b:reused c:done d:reused" || !rec.Steps[0].Stale {
		t.Errorf("%s, stale %v", Keys(rec), rec.Steps[0].Stale)
	}
	if rec = On(t, e, flow("About"), pawl.Base{Run: was.ID}); Keys(rec) != "a:done b:reused c:reused d:reused" {
		t.Errorf("%s", Keys(rec))
	}
	// Other data do not: it is another question.
	id, err := e.Start(t.Context(), flow("A"), json.RawMessage(`{"topic":"other"}`), &pawl.StartOptions{Base: &pawl.Base{Run: was.ID, At: "c"}})
	if err != nil {
		t.Fatal(err)
	}
	if rec := Follow(t, e, id); Keys(rec) != "a:done b:reused c:done d:reused" {
		t.Errorf("other data: %s", Keys(rec))
	}
	if now := Status(t, e, was.ID); now.LastSeq != was.LastSeq {
		t.Error("the base was written to")
	}
}

// refusesBases: what cannot be a base is said before anything begins.
func refusesBases(t *testing.T, open store) {
	m := &Script{}
	e := open(m, ABC, TwoAsks)
	was := Finish(t, e, ABC)
	for want, base := range ordered(map[string]pawl.Base{
		"is one of abc, not of two":        {Run: was.ID},
		`no run "000000000000"`:            {Run: "000000000000"},
		"a result needs the step":          {Run: was.ID, Result: json.RawMessage("1")},
		`has no step "bb"; it has a, b, c`: {Run: was.ID, At: "bb"},
		"is not JSON":                      {Run: was.ID, At: "b", Result: json.RawMessage("{")},
	}) {
		f := pawl.Flow(ABC)
		if strings.HasPrefix(want, "is one of") {
			f = TwoAsks
		}
		_, err := e.Start(t.Context(), f, nil, &pawl.StartOptions{Base: &base})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: %v, wants %s", base, err, want)
		}
	}
	if all, _ := e.List(t.Context(), pawl.RunFilter{}); len(all) != 1 {
		t.Errorf("%d runs", len(all))
	}
}

// rerunsFailed: a failed run goes on as a new one, which the failure is not part of.
func rerunsFailed(t *testing.T, open store) {
	m := &Script{Replies: map[string][]any{"b": {&llm.Error{Kind: llm.Refused, Message: "no"}}}}
	e := open(m, ABC)
	was := Finish(t, e, ABC)
	Direct(t, e, was.ID, pawl.Directive{What: pawl.DirectGuide, Text: "be brief", Who: "anna"})
	rec := On(t, e, ABC, pawl.Base{Run: was.ID})
	if rec.Status != pawl.StatusDone || Keys(rec) != "a:reused b:done c:done" || m.Calls("a") != 1 {
		t.Errorf("%s %s", rec.Status, Keys(rec))
	}
	if g := rec.Guidance; len(g) != 1 || g[0].Text != "be brief" || g[0].Who != "anna" || !slices.Equal(g[0].UsedBy, []pawl.Key{"b", "c"}) {
		t.Errorf("guidance %+v", g)
	}
}
