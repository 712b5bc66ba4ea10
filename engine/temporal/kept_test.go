package temporal

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
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

var update = flag.Bool("update", false, "record a history anew, on a server")

func keptOptions() Options {
	m := &enginetest.Script{Replies: map[string][]any{"last": {&llm.Error{Kind: llm.Overloaded, Message: "busy"}, "LAST"}}}
	return Options{Models: llm.Catalog{"test": m}, Model: "test/one", Prices: enginetest.Prices, Flows: []pawl.Flow{keptFlow}}
}

// TestKeptHistories: histories of every version are repeated to the byte by this one. No
// server is needed for that.
func TestKeptHistories(t *testing.T) {
	if *update {
		recordHistory(t)
	}
	files, err := filepath.Glob("testdata/history-*.json")
	if err != nil || len(files) == 0 {
		t.Fatal("there are no histories", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			s := newSettings(t.Context(), keptOptions())
			replayer := worker.NewWorkflowReplayer()
			replayer.RegisterWorkflowWithOptions(s.run, workflow.RegisterOptions{Name: workflowType})
			if err := replayer.ReplayWorkflowHistoryFromJSONFile(nil, file); err != nil {
				t.Error(err)
			}
		})
	}
}

// recordHistory executes the flow on a server, and keeps the history under the version of
// the journal's form.
func recordHistory(t *testing.T) {
	o := keptOptions()
	at := temporaltest.Old(t)
	o.Client, o.Work, o.Build, o.Queue = client.Options{HostPort: at.Address, Namespace: at.Namespace}, true, "kept", "kept-"+string(pawl.NewRunID())
	e, err := Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close(t.Context())
	id := enginetest.Start(t, e, keptFlow)
	enginetest.Follow(t, e, id)
	enginetest.Direct(t, e, id, pawl.Directive{What: pawl.DirectGuide, Text: "In short."})
	enginetest.Decide(t, e, id, pawl.Decision{Key: "ok", What: pawl.DecideApprove})
	enginetest.Follow(t, e, id)
	enginetest.Decide(t, e, id, pawl.Decision{Key: "name", What: pawl.DecideAnswer, Value: []byte(`"Ada"`)})
	if rec := enginetest.Follow(t, e, id); rec.Status != pawl.StatusDone {
		t.Fatalf("%s (%s)", rec.Status, rec.Reason)
	}
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
	if err := os.MkdirAll("testdata", 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(fmt.Sprintf("testdata/history-%d.json", journal.Version), text, 0o644); err != nil {
		t.Fatal(err)
	}
}
