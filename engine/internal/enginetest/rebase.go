package enginetest

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/pawlrun/pawl"
)

// forksOfForks: what is set for a step in a fork stands where the flow asks for it, so that
// a fork of the fork carries what came before.
func forksOfForks(t *testing.T, open store) {
	f := pawl.New("f", "F.", func(r *pawl.Run, in Topic) (string, error) {
		yes := pawl.Approve(r, "yes", "P", "fine?")
		b := pawl.Ask(r, "b", Text("B"))
		return fmt.Sprint(yes.Approved, b), nil
	})
	e := open(&Script{}, f)
	id := Start(t, e, f)
	Follow(t, e, id)
	Decide(t, e, id, pawl.Decision{Key: "yes", What: pawl.DecideApprove, Who: "anna"})
	Follow(t, e, id)
	for _, set := range []string{"one", "two", "three"} {
		rec := On(t, e, f, pawl.Base{Run: id, At: "b", Result: json.RawMessage(`"` + set + `"`)})
		if string(rec.Output) != `"true`+set+`"` || Keys(rec) != "yes:reused b:done" {
			t.Errorf("%s: %s %s %s", set, rec.Status, rec.Output, Keys(rec))
		}
		id = rec.ID
	}
}

// forksBehindLateDecisions: what is before a step is so although it was decided anew, or
// kept, after the step was first asked for.
func forksBehindLateDecisions(t *testing.T, open store) {
	flow := func(proposal, question string) pawl.Flow {
		return pawl.New("f", "F.", func(r *pawl.Run, in Topic) (string, error) {
			pawl.Approve(r, "yes", proposal, "fine?")
			pawl.Input[string](r, "in", question)
			return pawl.Input[string](r, "last", "and?"), nil
		})
	}
	e := open(nil, flow("P", "what?"))
	id := Start(t, e, flow("P", "what?"))
	Follow(t, e, id)
	Decide(t, e, id, pawl.Decision{Key: "yes", What: pawl.DecideApprove, Who: "anna"})
	Follow(t, e, id)
	Decide(t, e, id, pawl.Decision{Key: "in", What: pawl.DecideAnswer, Value: json.RawMessage(`"this"`), Who: "bob"})
	Follow(t, e, id) // it stands at last
	e = open(nil, flow("Q", "which?"))
	Resume(t, e, id)
	Follow(t, e, id)
	Decide(t, e, id, pawl.Decision{Key: "yes", What: pawl.DecideRetry})
	Follow(t, e, id)
	Decide(t, e, id, pawl.Decision{Key: "yes", What: pawl.DecideApprove, Who: "carl"})
	Follow(t, e, id)
	Decide(t, e, id, pawl.Decision{Key: "in", What: pawl.DecideContinue, Who: "dora"})
	Follow(t, e, id)
	rec := On(t, e, flow("Q", "which?"), pawl.Base{Run: id, At: "last"})
	if Keys(rec) != "yes:reused in:reused last:waiting" {
		t.Errorf("%s", Keys(rec))
	}
	if rec = On(t, e, flow("Q", "which?"), pawl.Base{Run: id, At: "in"}); Keys(rec) != "yes:reused in:waiting" {
		t.Errorf("at what was kept: %s", Keys(rec))
	}
}

// retriesReused: what was taken over and is retried is the run's own then.
func retriesReused(t *testing.T, open store) {
	m := &Script{}
	flow := func(about string) pawl.Flow {
		return pawl.New("f", "F.", func(r *pawl.Run, in Topic) (string, error) {
			a := pawl.Ask(r, "a", Prompted("A {{.Topic}}", about))
			pawl.Input[string](r, "in", "what?")
			return a, nil
		})
	}
	e := open(m, flow("x"))
	was := Start(t, e, flow("x"))
	Follow(t, e, was)
	for _, d := range []pawl.Decision{{What: pawl.DecideRetry}, {What: pawl.DecideSupply, Value: json.RawMessage(`"by hand"`)}} {
		id := On(t, open(m, flow("x")), flow("x"), pawl.Base{Run: was}).ID
		e = open(m, flow("y"))
		Resume(t, e, id)
		Follow(t, e, id)
		d.Key, d.Who = "a", "anna"
		Decide(t, e, id, d)
		rec := Follow(t, e, id)
		if a := rec.Steps[0]; a.Status != pawl.StepDone || a.ReusedFrom != nil || a.Saved != nil {
			t.Errorf("after %s a is %s from %v", d.What, a.Status, a.ReusedFrom)
		}
	}
}
