package temporal_test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/internal/enginetest"
	"github.com/pawlrun/pawl/engine/local"
	"github.com/pawlrun/pawl/engine/temporal"
	"github.com/pawlrun/pawl/flows"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/llm"
	"github.com/pawlrun/pawl/llm/offline"
)

// TestBuiltin: the built-in flows run, with the stand-in for a model: they stop at each call that
// their budget does not have, wait for people who say yes or no, are run again and forked. All comes
// to what it comes to in one process.
func TestBuiltin(t *testing.T) { onServers(t, testBuiltin) }

func testBuiltin(t *testing.T) {
	catalog := llm.Catalog{"offline": offline.Model{}}
	e := open(t, temporal.Options{Models: catalog, Model: "offline", Flows: flows.All()})
	beside := local.New(&local.Options{Journal: journal.NewMemory(), Models: catalog, Model: "offline", Prices: enginetest.Prices, Flows: flows.All()})
	t.Cleanup(func() { beside.Close(t.Context()) })
	for _, f := range flows.All() {
		t.Run(f.Name(), func(t *testing.T) {
			t.Parallel()
			want, got := walked(t, beside, f), walked(t, e, f)
			if f.Name() == "support" && !strings.Contains(got[3], "person:done") {
				t.Errorf("no person was asked: %s", got[3])
			}
			for i := range want {
				if got[i] != want[i] {
					t.Errorf("it comes to\n%s\nand in one process to\n%s", got[i], want[i])
				}
			}
		})
	}
}

// walked executes a flow in all the ways there are, and returns what each comes to.
func walked(t *testing.T, e pawl.Engine, f pawl.Flow) (came []string) {
	t.Helper()
	start := func(o *pawl.StartOptions) pawl.RunID {
		t.Helper()
		in := f.Describe().Example
		if o.Base != nil {
			in = nil
		}
		id, err := e.Start(t.Context(), f, in, o)
		if err != nil {
			t.Fatal(err)
		}
		return id
	}
	say := func(what string, rec pawl.RunRecord, stops int) pawl.RunRecord {
		t.Helper()
		if rec.Status != pawl.StatusDone && what != "refused" {
			t.Fatalf("%s: it is %s (%s)", what, rec.Status, rec.Reason)
		}
		keys := strings.Fields(enginetest.Keys(rec)) // what is at once comes in any order
		slices.Sort(keys)
		came = append(came, fmt.Sprintf("%s: %s %s, %s, %d calls, stopped %d times", what, rec.Status, output(rec), keys, rec.Usage.ModelCalls, stops))
		return rec
	}

	rec, stops := steered(t, e, start(&pawl.StartOptions{Budget: &pawl.Budget{Calls: new(int64(1))}}), pawl.DecideApprove)
	was := say("budget", rec, stops)
	if stops != int(was.Usage.ModelCalls)-1 {
		t.Errorf("it has %d calls, and stopped %d times for its budget of one", was.Usage.ModelCalls, stops)
	}
	rec, stops = steered(t, e, start(&pawl.StartOptions{Base: &pawl.Base{Run: was.ID}}), pawl.DecideApprove)
	if say("rerun", rec, stops); rec.Usage.ModelCalls != 0 || output(rec) != output(was) {
		t.Errorf("the rerun made %d calls and came to %s", rec.Usage.ModelCalls, rec.Output)
	}
	first := firstAsk(was)
	rec, stops = steered(t, e, start(&pawl.StartOptions{Base: &pawl.Base{Run: was.ID, At: first.Key}}), pawl.DecideApprove)
	if say("fork", rec, stops); rec.Usage.ModelCalls == 0 {
		t.Error("the fork made no call")
	}
	rec, stops = steered(t, e, start(&pawl.StartOptions{Base: &pawl.Base{Run: was.ID, At: first.Key, Result: changed(t, f, first)}}), pawl.DecideApprove)
	say("fork with a result", rec, stops)
	rec, stops = steered(t, e, start(&pawl.StartOptions{}), pawl.DecideReject)
	say("refused", rec, stops)
	return came
}

// output is what a run came to, without the numbers that it was given.
func output(rec pawl.RunRecord) string { return numbers.ReplaceAllString(string(rec.Output), "NUMBER") }

var numbers = regexp.MustCompile(`[0-9a-f]{32}`)

// firstAsk is the first question of a run.
func firstAsk(rec pawl.RunRecord) pawl.StepRecord {
	for _, s := range rec.Steps {
		if s.Kind == pawl.KindAsk {
			return s
		}
	}
	return pawl.StepRecord{}
}

// changed is the result of a step as somebody gives it by hand: what is routed goes to a person.
func changed(t *testing.T, f pawl.Flow, s pawl.StepRecord) json.RawMessage {
	var members map[string]any
	if f.Name() != "support" {
		return s.Output
	}
	if err := json.Unmarshal(s.Output, &members); err != nil {
		t.Fatal(err)
	}
	members["route"] = "person"
	text, err := json.Marshal(members)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// steered follows a run to its end: one call more is allowed each time its budget is over, and people
// say yes or no. It returns how often the budget was over.
func steered(t *testing.T, e pawl.Engine, id pawl.RunID, says pawl.DecisionKind) (rec pawl.RunRecord, stops int) {
	t.Helper()
	for range 200 {
		if rec = enginetest.Follow(t, e, id); rec.Status != pawl.StatusWaiting {
			return rec, stops
		}
		switch b := rec.Blockers[0]; b.Kind {
		case pawl.BlockerBudget:
			stops++
			enginetest.Raise(t, e, id, pawl.Budget{Calls: new(rec.Budget.Spent.Calls + 1)})
		case pawl.BlockerApproval:
			d := pawl.Decision{Key: b.Key, What: says, Digest: b.Digest}
			if says == pawl.DecideReject && len(b.Reasons) > 0 {
				d.Reason = b.Reasons[0]
			}
			enginetest.Decide(t, e, id, d)
		case pawl.BlockerInput:
			enginetest.Decide(t, e, id, pawl.Decision{Key: b.Key, What: pawl.DecideAnswer, Digest: b.Digest, Value: json.RawMessage(`{"desk":"person","text":"We look into it."}`)})
		default:
			t.Fatalf("stands at %s %q", b.Kind, b.Question)
		}
	}
	t.Fatalf("it does not end: %s (%s)", rec.Status, rec.Reason)
	return rec, stops
}
