package runfile_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/local"
	"github.com/pawlrun/pawl/internal/checktest"
	"github.com/pawlrun/pawl/internal/runfile"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/llm"
)

type mailIn struct {
	To    string `json:"to"`
	Token string `json:"token" pawl:"sensitive"`
}

// A question that is withheld is the same as none: neither an effect nor an answer for
// somebody else is taken over.
func TestWithheldQuestionIsNotTheSame(t *testing.T) {
	var sent []string
	mail := pawl.New("mail", "Sends.", func(r *pawl.Run, in mailIn) (string, error) {
		greeting := pawl.Ask(r, "greet", pawl.Messages[string]("Greeting", llm.User("greet "+in.To+" with "+in.Token)))
		return pawl.Do(r, "send", in.To, func(_ context.Context, to string) (string, error) {
			sent = append(sent, to)
			return greeting, nil
		}), nil
	})
	_, j, id := ran(t, mail, `{"to":"ada","token":"`+token+`"}`, map[string][]string{"greet": {"Hello Ada"}})
	k := bring(t, export(t, j, id, runfile.Options{Flow: mail}))
	rec := rerun(t, k, mail, id, `{"to":"bob","token":"`+token+`"}`)
	if fmt.Sprint(sent) != "[ada bob]" || string(rec.Output) != `"answer to greet"` {
		t.Errorf("sent to %v; the output is %s", sent, rec.Output)
	}
	if taken := takenOver(rec); len(taken) > 0 {
		t.Errorf("takes over %v", taken)
	}
}

// rerun executes a flow on top of a run of a journal.
func rerun(t *testing.T, j journal.Journal, f pawl.Flow, base pawl.RunID, input string) pawl.RunRecord {
	t.Helper()
	e := local.New(&local.Options{Journal: j, Models: answers(nil), Model: "test", Flows: []pawl.Flow{f}})
	defer e.Close(context.Background())
	id, err := e.Start(t.Context(), f, json.RawMessage(input), &pawl.StartOptions{Base: &pawl.Base{Run: base}})
	if err != nil {
		t.Fatal(err)
	}
	rec, err := e.Wait(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return rec
}

// takenOver are the steps and the decisions that a run has of its base.
func takenOver(rec pawl.RunRecord) (all []string) {
	for _, s := range rec.Steps {
		if s.ReusedFrom != nil {
			all = append(all, string(s.Key))
		}
	}
	for _, d := range rec.Decisions {
		all = append(all, fmt.Sprint("decision ", d.Key, " ", d.What, " ", d.Who))
	}
	return all
}

type tripIn struct {
	Name  string   `json:"name"`
	City  string   `json:"city"`
	Items []string `json:"items"`
}

var trip = pawl.New("trip", "Plans a trip.", func(r *pawl.Run, in tripIn) (string, error) {
	who := pawl.Ask(r, "who", pawl.Messages[string]("Asking", llm.User("who is "+in.Name)))
	where := pawl.Ask(r, "where", pawl.Messages[string]("Asking", llm.User("where is "+in.City)))
	pawl.Do(r, "send", in.Name, func(context.Context, string) (string, error) { return "sent to " + in.Name, nil })
	all := pawl.Map(r, "items", in.Items, func(r *pawl.Run, s string) (string, error) {
		return pawl.Ask(r, "x", pawl.Messages[string]("Asking", llm.User("item "+s))), nil
	})
	ok := pawl.Approve(r, "ok", in.Name+" in "+in.City, "Fine, "+in.Name+"?", pawl.Reasons("drop"))
	end := pawl.Ask(r, "end", pawl.Messages[string]("Asking", llm.User("end "+who+where+strings.Join(all, ","))))
	return fmt.Sprint(who, where, end, ok.Value), nil
})

// Whatever a file withholds, what is taken over of it is among what is taken over of the
// whole run.
func TestLessIsTakenOverOfLess(t *testing.T) {
	in := `{"name":"ada","city":"rome-town","items":["one-thing","two-thing"]}`
	e, j, id := ran(t, trip, in, nil)
	if err := e.Decide(t.Context(), id, pawl.Decision{Key: "ok", What: pawl.DecideApprove, Who: "anna"}); err != nil {
		t.Fatal(err)
	}
	if _, err := e.Wait(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	for _, now := range []string{
		in,
		`{"name":"bob","city":"rome-town","items":["one-thing","two-thing"]}`,
		`{"name":"ada","city":"oslo-town","items":["one-thing","two-thing"]}`,
		`{"name":"ada","city":"rome-town","items":["xxx-thing","two-thing"]}`,
	} {
		full := takenOver(rerun(t, bring(t, export(t, j, id, runfile.Options{Flow: trip})), trip, id, now))
		if len(full) == 0 {
			t.Errorf("%s takes nothing over", now)
		}
		for _, what := range []string{"who", "where", "send", "ok", "output", "items", "input:city", "input:name", "input:items[0]", "input"} {
			k := bring(t, export(t, j, id, runfile.Options{Flow: trip, Redact: []string{what}}))
			for _, taken := range takenOver(rerun(t, k, trip, id, now)) {
				if !slices.Contains(full, taken) {
					t.Errorf("%s: without %s it takes %s over, and of the whole run only %v", now, what, taken, full)
				}
			}
		}
	}
}

// What is about to be asked at a breakpoint stays, as what was asked does.
func TestBreakpointStays(t *testing.T) {
	for _, at := range []pawl.Key{"draft", "send"} {
		j := checktest.Memory(t)
		draft := map[string][]string{"draft": {`{"text":"Dear","pin":"` + pin + `"}`}}
		e := local.New(&local.Options{Journal: j, Models: answers(draft), Model: "test", Flows: []pawl.Flow{letter}})
		t.Cleanup(func() { e.Close(context.Background()) })
		id, err := e.Start(t.Context(), letter, json.RawMessage(`{"topic":"tides","token":"`+token+`"}`), &pawl.StartOptions{Break: []pawl.Key{at}})
		if err != nil {
			t.Fatal(err)
		}
		if rec, err := e.Wait(t.Context(), id); err != nil || len(rec.Blockers) != 1 || rec.Blockers[0].Request == nil {
			t.Fatalf("%s: stands at %+v, %v", at, rec.Blockers, err)
		}
		if data := string(export(t, j, id, runfile.Options{Flow: letter})); strings.Contains(data, token) {
			t.Errorf("%s: the token is in\n%s", at, data)
		}
	}
}
