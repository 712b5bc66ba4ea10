package local_test

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/local"
	"github.com/pawlrun/pawl/internal/checktest"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/llm"
)

// before are the steps that a new program takes before the question that is open.
var before = map[string]func(r *pawl.Run){
	"nothing": func(r *pawl.Run) {},
	"do":      func(r *pawl.Run) { pawl.Do(r, "new", 1, nothing) },
	"ask":     func(r *pawl.Run) { pawl.Ask(r, "new", text("A")) },
	"sleep":   func(r *pawl.Run) { pawl.Sleep(r, "new", time.Hour) },
	"approve": func(r *pawl.Run) { pawl.Approve(r, "new", "x", "First?") },
	"input":   func(r *pawl.Run) { pawl.Input[string](r, "new", "What?") },
	"map": func(r *pawl.Run) {
		pawl.Map(r, "new", []int{1, 2, 3}, func(r *pawl.Run, n int) (string, error) { return pawl.Ask(r, "a", text("A")), nil })
	},
}

// sends asks whether a letter is to be sent, after what the program does before.
func sends(before func(r *pawl.Run), letter string) pawl.Flow {
	return pawl.New("sends", "Sends.", func(r *pawl.Run, in topic) (string, error) {
		before(r)
		a := pawl.Approve(r, "ok", letter, "Send?", pawl.RejectAfter(24*time.Hour))
		if a.Err() != nil {
			return "no", nil
		}
		return a.Value + " by " + a.Who, nil
	})
}

// replaced begins a run with one flow and hands it, at rest, to an engine that has
// another.
func replaced(t *testing.T, m llm.Model, was, is pawl.Flow) (*local.Engine, pawl.RunID) {
	t.Helper()
	j := checktest.Memory(t)
	e := newEngine(j, m, was)
	id := start(t, e, was)
	follow(t, e, id)
	if err := e.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	return newEngine(j, m, is), id
}

// TestDecisionWaitsForItsQuestion: what the inbox shows can be decided, whatever a new
// program does before it asks.
func TestDecisionWaitsForItsQuestion(t *testing.T) {
	for name, first := range before {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m := &script{}
				e, id := replaced(t, m, sends(before["nothing"], "letter"), sends(first, "letter"))
				decided := time.Now()
				decide(t, e, id, pawl.Decision{Key: "ok", What: pawl.DecideApprove, Who: "anna", Value: json.RawMessage(`"better"`)})
				refused(t, e.Decide(t.Context(), id, pawl.Decision{Key: "ok", What: pawl.DecideReject, Who: "ben"}), pawl.ErrConflict, "anna")
				rec := follow(t, e, id)
				if name == "approve" || name == "input" {
					if rec.Status != pawl.StatusWaiting || len(rec.Blockers) != 1 || rec.Blockers[0].Key != "new" {
						t.Fatalf("%s (%s), blockers %+v", rec.Status, rec.Reason, rec.Blockers)
					}
					time.Sleep(48 * time.Hour) // the decision was in time
					d := pawl.Decision{Key: "new", What: pawl.DecideApprove, Who: "ben"}
					if name == "input" {
						d.What, d.Value = pawl.DecideAnswer, json.RawMessage(`"x"`)
					}
					decide(t, e, id, d)
					rec = follow(t, e, id)
				}
				if rec.Status != pawl.StatusDone || string(rec.Output) != `"better by anna"` || len(rec.Blockers) != 0 {
					t.Errorf("%s (%s): %s, blockers %+v", rec.Status, rec.Reason, rec.Output, rec.Blockers)
				}
				n := 0
				for _, d := range rec.Decisions {
					if d.Key == "ok" {
						n++
						if d.Who != "anna" || d.At.Sub(decided) > time.Second {
							t.Errorf("decision %+v", d)
						}
					}
				}
				if n != 1 {
					t.Errorf("%d decisions: %+v", n, rec.Decisions)
				}
			})
		})
	}
}

// TestKeptDecisionOutlivesItsEngine: it is durable before it is said to be taken.
func TestKeptDecisionOutlivesItsEngine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := checktest.Memory(t)
		is := sends(before["sleep"], "letter")
		e := newEngine(j, &script{}, sends(before["nothing"], "letter"))
		id := start(t, e, sends(before["nothing"], "letter"))
		follow(t, e, id)
		e.Close(t.Context())
		e = newEngine(j, &script{}, is)
		decide(t, e, id, pawl.Decision{Key: "ok", What: pawl.DecideApprove, Who: "anna"})
		e.Close(t.Context())
		time.Sleep(48 * time.Hour)
		e = newEngine(j, &script{}, is)
		resume(t, e, id)
		if rec := follow(t, e, id); rec.Status != pawl.StatusDone || string(rec.Output) != `"letter by anna"` {
			t.Errorf("%s (%s): %s", rec.Status, rec.Reason, rec.Output)
		}
	})
}

// TestDecisionOnAnotherQuestion: a decision is not applied to what its maker did not
// see.
func TestDecisionOnAnotherQuestion(t *testing.T) {
	e, id := replaced(t, &script{}, sends(before["nothing"], "letter"), sends(before["do"], "other letter"))
	decide(t, e, id, pawl.Decision{Key: "ok", What: pawl.DecideApprove, Who: "anna"})
	rec := follow(t, e, id)
	if rec.Status != pawl.StatusWaiting || len(rec.Blockers) != 1 || string(rec.Blockers[0].Proposal) != `"other letter"` {
		t.Fatalf("%s (%s), blockers %+v", rec.Status, rec.Reason, rec.Blockers)
	}
	if !slices.ContainsFunc(notesOf(t, e, id), func(s string) bool {
		return s == "ok: approve by anna was not taken: it asks something else now"
	}) {
		t.Errorf("notes %q", notesOf(t, e, id))
	}
	decide(t, e, id, pawl.Decision{Key: "ok", What: pawl.DecideApprove, Who: "ben"})
	if rec = follow(t, e, id); rec.Status != pawl.StatusDone || string(rec.Output) != `"other letter by ben"` {
		t.Errorf("%s (%s): %s", rec.Status, rec.Reason, rec.Output)
	}
}

// TestDecisionOnWhatWasShown: nor is one that names no digest, where the flow asks
// something else at once.
func TestDecisionOnWhatWasShown(t *testing.T) {
	e, id := replaced(t, &script{}, sends(before["nothing"], "letter"), sends(before["nothing"], "other letter"))
	refused(t, e.Decide(t.Context(), id, pawl.Decision{Key: "ok", What: pawl.DecideApprove, Who: "anna"}), pawl.ErrConflict, "is not what was shown")
	rec := follow(t, e, id)
	if rec.Status != pawl.StatusWaiting || len(rec.Decisions) != 0 || len(rec.Blockers) != 1 || string(rec.Blockers[0].Proposal) != `"other letter"` {
		t.Fatalf("%s (%s), blockers %+v", rec.Status, rec.Reason, rec.Blockers)
	}
	decide(t, e, id, pawl.Decision{Key: "ok", What: pawl.DecideApprove, Who: "anna"})
	if rec = follow(t, e, id); rec.Status != pawl.StatusDone || string(rec.Output) != `"other letter by anna"` {
		t.Errorf("%s (%s): %s", rec.Status, rec.Reason, rec.Output)
	}
}

// TestKeptDecisionOfTheWrongPerson: nor by whom the flow excludes when it asks.
func TestKeptDecisionOfTheWrongPerson(t *testing.T) {
	asks := func(before func(r *pawl.Run), opts ...pawl.ApproveOption) pawl.Flow {
		return pawl.New("sends", "Sends.", func(r *pawl.Run, in topic) (string, error) {
			before(r)
			return pawl.Approve(r, "ok", "letter", "Send?", opts...).Who, nil
		})
	}
	e, id := replaced(t, &script{}, asks(before["nothing"]), asks(before["do"], pawl.NotBy("Anna")))
	decide(t, e, id, pawl.Decision{Key: "ok", What: pawl.DecideApprove, Who: "anna"})
	if rec := follow(t, e, id); len(rec.Blockers) != 1 || !slices.Contains(notesOf(t, e, id), "ok: approve by anna was not taken: anna may not decide it, the flow wants somebody else to") {
		t.Fatalf("%s (%s), blockers %+v, notes %q", rec.Status, rec.Reason, rec.Blockers, notesOf(t, e, id))
	}
	decide(t, e, id, pawl.Decision{Key: "ok", What: pawl.DecideApprove, Who: "ben"})
	if rec := follow(t, e, id); rec.Status != pawl.StatusDone || string(rec.Output) != `"ben"` {
		t.Errorf("%s (%s): %s", rec.Status, rec.Reason, rec.Output)
	}
}

// notesOf returns the texts of a run's notes.
func notesOf(t *testing.T, e *local.Engine, id pawl.RunID) (all []string) {
	t.Helper()
	for ev, err := range e.Events(t.Context(), id, 0) {
		if err != nil {
			t.Fatal(err)
		}
		if ev.Type != pawl.EventNote {
			continue
		}
		n, err := journal.Decode[journal.Note](ev)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, n.Text)
	}
	return all
}

// even is a number that is.
type even struct {
	N int `json:"n"`
}

func (e even) Validate() error {
	if e.N%2 != 0 {
		return errors.New("it is odd")
	}
	return nil
}

// TestKeptValueIsChecked: at once against what was shown, and by the gates when the
// flow asks; if they turn it down the question is open again.
func TestKeptValueIsChecked(t *testing.T) {
	input := func(before func(r *pawl.Run)) pawl.Flow {
		return pawl.New("counts", "Counts.", func(r *pawl.Run, in topic) (int, error) {
			before(r)
			return pawl.Input[even](r, "n", "How many?").N, nil
		})
	}
	e, id := replaced(t, &script{}, input(before["nothing"]), input(before["do"]))
	answer := func(v string) error {
		return e.Decide(t.Context(), id, pawl.Decision{Key: "n", What: pawl.DecideAnswer, Who: "anna", Value: json.RawMessage(v)})
	}
	refused(t, answer(`{"n":"many"}`), pawl.ErrInput, "wants an integer")
	if rec := follow(t, e, id); rec.Status != pawl.StatusWaiting || len(rec.Decisions) != 0 {
		t.Fatalf("%s (%s), decisions %+v", rec.Status, rec.Reason, rec.Decisions)
	}
	if err := answer(`{"n":3}`); err != nil {
		t.Fatal(err)
	}
	rec := follow(t, e, id)
	if rec.Status != pawl.StatusWaiting || len(rec.Blockers) != 1 {
		t.Fatalf("%s (%s), blockers %+v", rec.Status, rec.Reason, rec.Blockers)
	}
	if notes := strings.Join(notesOf(t, e, id), "\n"); !strings.Contains(notes, "n: answer by anna was not taken: ") || !strings.Contains(notes, "it is odd") {
		t.Errorf("notes %s", notes)
	}
	if err := answer(`{"n":4}`); err != nil {
		t.Fatal(err)
	}
	if rec = follow(t, e, id); rec.Status != pawl.StatusDone || string(rec.Output) != "4" {
		t.Errorf("%s (%s): %s", rec.Status, rec.Reason, rec.Output)
	}
}

// TestSuppliedBeforeItIsAsked: a result that is supplied for a failed step waits too,
// and no call is made for it.
func TestSuppliedBeforeItIsAsked(t *testing.T) {
	for _, value := range []string{`"mine"`, `7`} {
		asksAfter := func(before func(r *pawl.Run)) pawl.Flow {
			return pawl.New("asksafter", "Asks.", func(r *pawl.Run, in topic) (string, error) {
				before(r)
				return pawl.Ask(r, "a", text("A")), nil
			})
		}
		m := &script{Replies: map[string][]any{"a": {&llm.Error{Kind: llm.Refused, Message: "no"}}}}
		e, id := replaced(t, m, asksAfter(before["nothing"]), asksAfter(before["do"]))
		decide(t, e, id, pawl.Decision{Key: "a", What: pawl.DecideSupply, Who: "anna", Value: json.RawMessage(value)})
		rec := follow(t, e, id)
		if m.Calls("a") != 1 {
			t.Errorf("%s: %d calls", value, m.Calls("a"))
		}
		if value == `"mine"` && (rec.Status != pawl.StatusDone || string(rec.Output) != value) {
			t.Errorf("%s (%s): %s", rec.Status, rec.Reason, rec.Output)
		}
		if value == `7` && (rec.Status != pawl.StatusFailed || len(rec.Blockers) != 1 || !strings.Contains(rec.Reason, "not a text")) {
			t.Errorf("%s (%s), blockers %+v", rec.Status, rec.Reason, rec.Blockers)
		}
	}
}

// TestDecisionThatNobodyAsksFor: a renamed question leaves the decision about the old
// one unused, and the run says so at its end.
func TestDecisionThatNobodyAsksFor(t *testing.T) {
	renamed := pawl.New("sends", "Sends.", func(r *pawl.Run, in topic) (string, error) {
		return pawl.Approve(r, "send", "letter", "Send?").Value, nil
	})
	e, id := replaced(t, &script{}, sends(before["nothing"], "letter"), renamed)
	decide(t, e, id, pawl.Decision{Key: "ok", What: pawl.DecideApprove, Who: "anna"})
	rec := follow(t, e, id)
	if rec.Status != pawl.StatusWaiting || len(rec.Blockers) != 1 || rec.Blockers[0].Key != "send" {
		t.Fatalf("%s (%s), blockers %+v", rec.Status, rec.Reason, rec.Blockers)
	}
	decide(t, e, id, pawl.Decision{Key: "send", What: pawl.DecideApprove, Who: "anna"})
	if rec = follow(t, e, id); rec.Status != pawl.StatusDone || !rec.Steps[0].Unused || rec.Steps[1].Unused {
		t.Errorf("%s (%s): %+v", rec.Status, rec.Reason, rec.Steps)
	}
}
