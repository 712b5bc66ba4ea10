package temporal

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"regexp"
	"testing"

	enumspb "go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"
	"google.golang.org/protobuf/encoding/protojson"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/internal/enginetest"
	"github.com/pawlrun/pawl/internal/temporaltest"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/llm"
)

var update = flag.Bool("update", false, "record the histories that are not there, on a server")

// keeping is a history that is kept: what plays it on engines of builds of their own returns the
// one whose workflow is kept, and its run.
type keeping struct {
	name string
	flow pawl.Flow // as the workflow has it
	play func(t *testing.T, open func(build string, f pawl.Flow) *Engine) (*Engine, pawl.RunID)
}

var keepings = []keeping{
	{"everything", keptFlow, playEverything},
	{"steered", keptSteered, playSteered},
	{"changed", keptAfter, playChanged},
}

// file is where it is, under the version of the journal's form.
func (k keeping) file(version int) string {
	return fmt.Sprintf("testdata/history-%d-%s.json", version, k.name)
}

func keptOptions(f pawl.Flow) Options {
	busy := &llm.Error{Kind: llm.Overloaded, Message: "busy"}
	m := &enginetest.Script{Replies: map[string][]any{"last": {busy, "LAST"}, "sub/part": {"P"},
		"items[0]/each": {"1"}, "items[1]/each": {&llm.Error{Kind: llm.RateLimit, Message: "slower"}, "2"}, "items[2]/each": {"3"}}}
	return Options{Models: llm.Catalog{"test": m}, Model: "test/one", Prices: enginetest.Prices, Flows: []pawl.Flow{f}}
}

// TestKeptHistories: histories of every version are repeated to the byte by this one. No
// server is needed for that.
func TestKeptHistories(t *testing.T) {
	if *update {
		recordHistories(t)
	}
	for _, k := range keepings {
		for version := 1; version <= journal.Version; version++ {
			t.Run(k.file(version), func(t *testing.T) {
				s := newSettings(t.Context(), keptOptions(k.flow))
				replayer := worker.NewWorkflowReplayer()
				replayer.RegisterWorkflowWithOptions(s.run, workflow.RegisterOptions{Name: workflowType})
				if err := replayer.ReplayWorkflowHistoryFromJSONFile(nil, k.file(version)); err != nil {
					t.Error(err)
				}
			})
		}
	}
}

// recordHistories keeps the histories of this version of the journal's form that are not there. One
// that is there is what an older program wrote, and stays.
func recordHistories(t *testing.T) {
	recorded := 0
	for _, k := range keepings {
		if _, err := os.Stat(k.file(journal.Version)); err == nil {
			continue
		}
		at, queue := temporaltest.Old(t), "kept-"+string(pawl.NewRunID())
		e, id := k.play(t, func(build string, f pawl.Flow) *Engine {
			o := keptOptions(f)
			o.Client, o.Work, o.Build, o.Queue = client.Options{HostPort: at.Address, Namespace: at.Namespace}, true, build, queue
			e, err := Open(t.Context(), o)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { e.Close(context.WithoutCancel(t.Context())) })
			return e
		})
		if rec := enginetest.Follow(t, e, id); rec.Status != pawl.StatusDone {
			t.Fatalf("%s: %s (%s)", k.name, rec.Status, rec.Reason)
		}
		recordHistory(t, e, id, k.file(journal.Version))
		recorded++
	}
	if recorded == 0 {
		t.Fatal("the histories of this version are there, and are not recorded anew: what must be otherwise needs another version of the journal's form, or another name")
	}
}

// playEverything answers all that the flow asks.
func playEverything(t *testing.T, open func(string, pawl.Flow) *Engine) (*Engine, pawl.RunID) {
	e := open("kept", keptFlow)
	id := enginetest.Start(t, e, keptFlow)
	enginetest.Follow(t, e, id)
	enginetest.Direct(t, e, id, pawl.Directive{What: pawl.DirectGuide, Text: "In short."})
	enginetest.Decide(t, e, id, pawl.Decision{Key: "ok", What: pawl.DecideApprove})
	enginetest.Follow(t, e, id)
	enginetest.Decide(t, e, id, pawl.Decision{Key: "name", What: pawl.DecideAnswer, Value: []byte(`"Ada"`)})
	return e, id
}

// playSteered raises a budget, pauses, guides, delivers an event and edits what is approved.
func playSteered(t *testing.T, open func(string, pawl.Flow) *Engine) (*Engine, pawl.RunID) {
	e := open("kept", keptSteered)
	id := enginetest.StartWith(t, e, keptSteered, &pawl.Budget{Calls: new(int64(2))})
	if rec := enginetest.Follow(t, e, id); len(rec.Blockers) == 0 || rec.Blockers[0].Kind != pawl.BlockerBudget {
		t.Fatalf("%s: %s (%s)", keptSteered.Name(), rec.Status, rec.Reason)
	}
	enginetest.Direct(t, e, id, pawl.Directive{What: pawl.DirectPause})
	enginetest.Raise(t, e, id, pawl.Budget{Calls: new(int64(20))})
	enginetest.Follow(t, e, id)
	enginetest.Direct(t, e, id, pawl.Directive{What: pawl.DirectGuide, Text: "In short."})
	enginetest.Direct(t, e, id, pawl.Directive{What: pawl.DirectResume})
	rec := enginetest.Follow(t, e, id)
	var address string
	for _, s := range rec.Steps {
		if s.Key == "register" {
			if err := json.Unmarshal(s.Output, &address); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := e.Deliver(t.Context(), address, "1", json.RawMessage(`{"amount":7}`)); err != nil {
		t.Fatal(err)
	}
	enginetest.Follow(t, e, id)
	enginetest.Decide(t, e, id, pawl.Decision{Key: "ok", What: pawl.DecideApprove, Value: json.RawMessage(`{"title":"edited","words":3}`)})
	return e, id
}

// playChanged has a build with another flow take the run over.
func playChanged(t *testing.T, open func(string, pawl.Flow) *Engine) (*Engine, pawl.RunID) {
	one := open("before", keptBefore)
	id := enginetest.Start(t, one, keptBefore)
	enginetest.Follow(t, one, id)
	if err := one.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	two := open("after", keptAfter)
	enginetest.Decide(t, two, id, pawl.Decision{Key: "ok", What: pawl.DecideApprove})
	rec := enginetest.Follow(t, two, id)
	if want := "first:done removed:done old:done worded:done ok:done inserted:done last:done"; enginetest.Keys(rec) != want {
		t.Fatalf("steps are %s, wants %s", enginetest.Keys(rec), want)
	}
	return two, id
}

// recordHistory keeps the history of a run's workflow.
func recordHistory(t *testing.T, e *Engine, id pawl.RunID, file string) {
	all := &historypb.History{}
	it := e.client.GetWorkflowHistory(t.Context(), e.keeper.workflowID(id), "", false, enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	for it.HasNext() {
		ev, err := it.Next()
		if err != nil {
			t.Fatal(err)
		}
		all.Events = append(all.Events, ev)
	}
	text, err := protojson.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	text = regexp.MustCompile(`"identity": ?"[^"]*"`).ReplaceAll(text, []byte(`"identity":"worker"`)) // which names a machine
	text = regexp.MustCompile(`"name": ?"[^"]*:[0-9a-f-]{36}"`).ReplaceAll(text, []byte(`"name":"worker"`))
	f, err := os.OpenFile(file, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Write(text); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}
