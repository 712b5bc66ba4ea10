package enginetest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/llm"
)

// renamedSteps: what a run knows under a former name it keeps under that, whatever it is,
// and nothing is done again; what it comes to later, and a new run, has the new names.
func renamedSteps(t *testing.T, open store) {
	m, done := &Script{}, 0
	flow := func(names []string, was func(string) pawl.Was, q pawl.Question[string]) pawl.Flow {
		inner := pawl.New("inner", "I.", func(r *pawl.Run, in Topic) (string, error) { return pawl.Ask(r, "x", Text("X")), nil })
		return pawl.New("f", "F.", func(r *pawl.Run, in Topic) (string, error) {
			pawl.Do(r, names[0], 1, func(context.Context, int) (int, error) { done++; return 1, nil }, was("do"))
			pawl.Map(r, names[1], []int{7}, func(r *pawl.Run, _ int) (string, error) { return pawl.Ask(r, "rate", Text("R")), nil }, was("map"))
			pawl.Call(r, names[2], inner, Topic{}, was("call"))
			for range 2 {
				pawl.Ask(r, names[3], q)
			}
			pawl.Approve(r, names[4], "p", "OK?", was("approve"))
			name := pawl.Input[string](r, names[5], "Who?", was("input"))
			return name + pawl.Ask(r, "end", Text("E")), nil
		})
	}
	old := flow([]string{"do", "map", "call", "ask", "approve", "input"}, func(string) pawl.Was { return "" }, Text("A"))
	e := open(m)
	id := Start(t, e, old)
	Follow(t, e, id)
	Decide(t, e, id, pawl.Decision{Key: "approve", What: pawl.DecideApprove})
	before := Follow(t, e, id)

	names := []string{"tally", "entries", "sub", "say", "agree", "name"}
	renamed := flow(names, func(s string) pawl.Was { return pawl.Was(s) }, Text("A").Was("ask"))
	e = open(m, renamed)
	Resume(t, e, id)
	Follow(t, e, id)
	Decide(t, e, id, pawl.Decision{Key: "input", What: pawl.DecideAnswer, Value: json.RawMessage(`"Ada"`)})
	rec := Follow(t, e, id)
	if rec.Status != pawl.StatusDone || string(rec.Output) != `"Adaanswer of end"` || done != 1 || len(m.Requests) != 5 {
		t.Errorf("run is %s (%s), output %s, %d dos, %d asks", rec.Status, rec.Reason, rec.Output, done, len(m.Requests))
	}
	if got, want := Keys(rec), strings.ReplaceAll(Keys(before), "input:waiting", "input:done")+" end:done"; got != want {
		t.Errorf("steps\n%s\nwant\n%s", got, want)
	}

	fresh := Finish(t, e, renamed)
	if got := Keys(fresh); got != "tally:done entries:done entries[0]/rate:done sub:done sub/x:done say:done say#2:done agree:waiting" {
		t.Errorf("steps of a new run: %s", got)
	}
}

// fourEyes: who started a run, or approved before, cannot approve where the flow says so.
func fourEyes(t *testing.T, open store) {
	f := pawl.New("f", "F.", func(r *pawl.Run, in Topic) (string, error) {
		first := pawl.Approve(r, "first", "x", "Once?", pawl.NotBy(r.Who()))
		second := pawl.Approve(r, "second", "x", "Twice?", pawl.NotBy(r.Who(), first.Who))
		return first.Who + ", " + second.Who, nil
	})
	e := open(&Script{})
	id, err := e.Start(t.Context(), f, json.RawMessage(`{}`), &pawl.StartOptions{Who: "Anna"})
	if err != nil {
		t.Fatal(err)
	}
	rec := Follow(t, e, id)
	if rec.Who != "Anna" || fmt.Sprint(rec.Blockers[0].NotBy) != "[Anna]" {
		t.Errorf("started by %q, blocker %+v", rec.Who, rec.Blockers[0])
	}
	decide := func(key pawl.Key, who string) error {
		return e.Decide(t.Context(), id, pawl.Decision{Key: key, What: pawl.DecideApprove, Who: who})
	}
	Refused(t, decide("first", "anna"), pawl.ErrInput, `step "first": anna may not decide it`)
	Refused(t, decide("first", ""), pawl.ErrInput, "wants to know who decides")
	if err := decide("first", "ben"); err != nil {
		t.Fatal(err)
	}
	Follow(t, e, id)
	Refused(t, decide("second", "ben"), pawl.ErrInput, `step "second": ben may not decide it`)
	Refused(t, decide("second", "Anna"), pawl.ErrInput, "Anna may not decide it")
	if err := decide("second", "cleo"); err != nil {
		t.Fatal(err)
	}
	if rec = Follow(t, e, id); string(rec.Output) != `"ben, cleo"` {
		t.Errorf("run is %s (%s), output %s", rec.Status, rec.Reason, rec.Output)
	}
}

// shownInput: a person sees what the flow shows; an answer to it is none to anything else.
func shownInput(t *testing.T, open store) {
	flow := func(ticket Post) pawl.Flow {
		return pawl.New("f", "F.", func(r *pawl.Run, in Topic) (string, error) {
			return pawl.Input[string](r, "triage", "Where does it belong?", pawl.Shown(ticket)), errors.New("stop")
		})
	}
	f := flow(Post{"T", 1})
	e := open(&Script{}, f)
	id := Start(t, e, f)
	rec := Follow(t, e, id)
	if b := rec.Blockers[0]; b.Kind != pawl.BlockerInput || string(b.Proposal) != `{"title":"T","words":1}` {
		t.Fatalf("blocker %+v", b)
	}
	Decide(t, e, id, pawl.Decision{Key: "triage", What: pawl.DecideAnswer, Value: json.RawMessage(`"sales"`)})
	Follow(t, e, id)
	e = open(&Script{}, flow(Post{"Another", 1}))
	Resume(t, e, id)
	if rec = Follow(t, e, id); rec.Status != pawl.StatusFailed || len(rec.Blockers) != 1 || rec.Blockers[0].Kind != pawl.BlockerMismatch {
		t.Errorf("run is %s (%s), blockers %+v", rec.Status, rec.Reason, rec.Blockers)
	}
}

// settings: what a question sets reaches the model; Then adds messages, which are data.
func settings(t *testing.T, open store) {
	flow := func(warm float64, said string) pawl.Flow {
		return pawl.New("f", "F.", func(r *pawl.Run, in Topic) (string, error) {
			return pawl.Ask(r, "a", Text("A").Temperature(warm).Effort("low").Then(llm.Assistant("B"), llm.User(said))), errors.New("stop")
		})
	}
	m := &Script{}
	f := flow(0, "C")
	e := open(m, f)
	id := Start(t, e, f)
	Follow(t, e, id)
	req := m.Requests[0]
	if req.Temperature == nil || *req.Temperature != 0 || req.Effort != "low" || len(req.Messages) != 3 || req.Messages[2].Text() != "C" {
		t.Errorf("request %+v", req)
	}
	// Settings are form: what is recorded is kept, and stale.
	e = open(m, flow(1, "C"))
	Resume(t, e, id)
	if rec := Follow(t, e, id); len(m.Requests) != 1 || !rec.Steps[0].Stale {
		t.Errorf("%d requests, step %+v", len(m.Requests), rec.Steps[0])
	}
	e = open(m, flow(0, "D"))
	Resume(t, e, id)
	rec := Follow(t, e, id)
	if len(rec.Blockers) != 1 || rec.Blockers[0].Kind != pawl.BlockerMismatch || !strings.Contains(rec.Reason, "then user") {
		t.Errorf("run is %s (%s), blockers %+v", rec.Status, rec.Reason, rec.Blockers)
	}
}

// triedCall: a flow's error and the failure of a step in it are values.
func triedCall(t *testing.T, open store) {
	inner := pawl.New("inner", "I.", func(r *pawl.Run, in Topic) (string, error) {
		if in.Topic == "error" {
			return "", errors.New("no such thing")
		}
		pawl.Exec(r, "effect", in.Topic, func(_ context.Context, in string) error {
			if in == "step" {
				return errors.New("out of order")
			}
			return nil
		})
		return "fine", nil
	})
	f := pawl.New("f", "F.", func(r *pawl.Run, in Topic) ([]string, error) {
		var got []string
		for _, topic := range []string{"error", "step", "good"} {
			out, err := pawl.TryCall(r, "call", inner, Topic{Topic: topic})
			got = append(got, fmt.Sprintf("%s %v", out, err))
		}
		return got, nil
	})
	rec := Finish(t, open(&Script{}), f)
	if got := string(rec.Output); got != `[" no such thing"," out of order","fine \u003cnil\u003e"]` && got != `[" no such thing"," out of order","fine <nil>"]` {
		t.Errorf("run is %s (%s), output %s", rec.Status, rec.Reason, got)
	}
	if got := Keys(rec); got != "call:done call#2:done call#2/effect:failed call#3:done call#3/effect:done" {
		t.Errorf("steps %s", got)
	}
}

// sourceLines: each step and scope says which line of flow code called for it.
func sourceLines(t *testing.T, open store) {
	inner := pawl.New("inner", "I.", func(r *pawl.Run, in Topic) (string, error) { return "", nil })
	f := pawl.New("f", "F.", func(r *pawl.Run, in Topic) (string, error) {
		pawl.Ask(r, "ask", Text("A"))
		pawl.TryAsk(r, "ask", Text("A"))
		pawl.Do(r, "do", 1, func(context.Context, int) (int, error) { return 1, nil })
		pawl.TryDo(r, "do", 1, func(context.Context, int) (int, error) { return 1, nil })
		pawl.Exec(r, "exec", 1, func(context.Context, int) error { return nil })
		pawl.Map(r, "map", []int{1}, func(r *pawl.Run, _ int) (int, error) { return 1, nil })
		pawl.TryMap(r, "map", []int{1}, func(r *pawl.Run, _ int) (int, error) { return 1, nil })
		pawl.Parallel(r, "parallel", pawl.Go("b", func(r *pawl.Run) error { return nil }))
		pawl.Call(r, "call", inner, Topic{})
		pawl.TryCall(r, "call", inner, Topic{})
		pawl.Sleep(r, "sleep", 1)
		pawl.Approve(r, "approve", "x", "OK?", pawl.ApproveAfter(1))
		pawl.Input[string](r, "input", "What?", pawl.AnswerAfter(1, "x"))
		return "", nil
	})
	rec := Finish(t, open(&Script{}), f)
	first := 0
	for i, s := range rec.Steps {
		line := 0
		if n, err := fmt.Sscanf(s.Source, "enginetest/author.go:%d", &line); n != 1 || err != nil {
			t.Fatalf("%s comes from %q", s.Key, s.Source)
		}
		if i == 0 {
			first = line
		}
		if line != first+i {
			t.Errorf("%s comes from %s, wants line %d", s.Key, s.Source, first+i)
		}
	}
	if len(rec.Steps) != 13 {
		t.Errorf("steps %s", Keys(rec))
	}
}
