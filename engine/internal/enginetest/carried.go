package enginetest

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/llm"
)

// carriesKeptDecisions: a decision that was kept when its question changed, or that fits
// again, stays a person's: it is carried with who made it, and behind a fork it is asked
// for again.
func carriesKeptDecisions(t *testing.T, open store) {
	flow := func(what, yes string) pawl.Flow {
		return pawl.New("f", "F.", func(r *pawl.Run, in Topic) (string, error) {
			pawl.Ask(r, "a", Text("A"))
			pawl.Input[string](r, "in", what)
			pawl.Approve(r, "yes", yes, "fine?")
			return pawl.Input[string](r, "last", "and?"), nil
		})
	}
	e := open(&Script{}, flow("this", "this"))
	id := Start(t, e, flow("this", "this"))
	Follow(t, e, id)
	Decide(t, e, id, pawl.Decision{Key: "in", What: pawl.DecideAnswer, Value: json.RawMessage(`"x"`), Who: "anna"})
	Follow(t, e, id)
	Decide(t, e, id, pawl.Decision{Key: "yes", What: pawl.DecideApprove, Who: "bob"})
	Follow(t, e, id)
	other := open(&Script{}, flow("that", "that"))
	Resume(t, other, id)
	Follow(t, other, id)
	Decide(t, other, id, pawl.Decision{Key: "in", What: pawl.DecideContinue, Who: "carl"})
	Follow(t, other, id)
	e = open(&Script{}, flow("that", "this")) // which takes the change back, and yes is withdrawn
	Resume(t, e, id)
	Follow(t, e, id)
	if rec := On(t, e, flow("that", "this"), pawl.Base{Run: id, At: "a"}); Keys(rec) != "a:done in:waiting" {
		t.Errorf("behind the fork: %s", Keys(rec))
	}
	rec := On(t, e, flow("that", "this"), pawl.Base{Run: id, At: "last"})
	if len(rec.Decisions) == 0 || rec.Decisions[0].Who != "anna" || rec.Decisions[0].What != pawl.DecideAnswer || string(rec.Decisions[0].Value) != `"x"` {
		t.Errorf("before the fork: %s, decided %+v", Keys(rec), rec.Decisions)
	}
	if d := rec.Decisions; len(d) == 0 || d[len(d)-1].Who != "bob" || !d[len(d)-1].Carried {
		t.Errorf("before the fork: %s, decided %+v", Keys(rec), rec.Decisions)
	}
}

// carriesSkips: who had a failure skipped stays known.
func carriesSkips(t *testing.T, open store) {
	m := &Script{Replies: map[string][]any{"a": {&llm.Error{Kind: llm.Auth, Message: "no"}}}}
	f := pawl.New("f", "F.", func(r *pawl.Run, in Topic) (string, error) {
		_, err := pawl.TryAsk(r, "a", Text("A"))
		pawl.Input[string](r, "in", "what?")
		return fmt.Sprint(err != nil), nil
	})
	e := open(m, f)
	id := Start(t, e, f)
	Follow(t, e, id)
	Decide(t, e, id, pawl.Decision{Key: "a", What: pawl.DecideSkip, Who: "anna"})
	Follow(t, e, id)
	for range 2 { // then of the fork
		rec := On(t, e, f, pawl.Base{Run: id, At: "in"})
		if d := rec.Decisions; Keys(rec) != "a:failed in:waiting" || len(d) != 1 || d[0].What != pawl.DecideSkip || d[0].Who != "anna" || !d[0].Carried {
			t.Errorf("%s, decided %+v", Keys(rec), rec.Decisions)
		}
		id = rec.ID
	}
}

// carriesLargeAnswers: what a person gave is recorded once, so that what fits as an
// answer fits as one that is carried.
func carriesLargeAnswers(t *testing.T, open store) {
	f := pawl.New("f", "F.", func(r *pawl.Run, in Topic) (int, error) {
		return len(pawl.Input[string](r, "in", "what?")) + len(pawl.Approve(r, "yes", "P", "fine?").Value), nil
	})
	e := open(nil, f)
	id := Start(t, e, f)
	large := json.RawMessage(`"` + strings.Repeat("x", 9<<20) + `"`)
	Follow(t, e, id)
	Decide(t, e, id, pawl.Decision{Key: "in", What: pawl.DecideAnswer, Value: large, Who: "anna"})
	Follow(t, e, id)
	Decide(t, e, id, pawl.Decision{Key: "yes", What: pawl.DecideApprove, Value: large, Who: "bob"})
	was := Follow(t, e, id)
	rec := On(t, e, f, pawl.Base{Run: id})
	if rec.Status != pawl.StatusDone || string(rec.Output) != string(was.Output) {
		t.Fatalf("%s %+v", rec.Status, rec.Error)
	}
	for _, d := range rec.Decisions {
		if string(d.Value) != string(large) {
			t.Errorf("the value that %s gave has %d bytes", d.Who, len(d.Value))
		}
	}
}
