package temporal

import (
	"testing"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/internal/enginetest"
	"github.com/pawlrun/pawl/internal/temporaltest"
	"github.com/pawlrun/pawl/llm"
)

// TestOpenRefuses: what would be replaced silently, or change what is asked of Temporal, is
// refused by name. No server is needed for that.
func TestOpenRefuses(t *testing.T) {
	_, err := Open(t.Context(), Options{Client: client.Options{DataConverter: converter.GetDefaultDataConverter()}})
	enginetest.Refused(t, err, pawl.ErrInput, "DataConverter")
	_, err = Open(t.Context(), Options{Queue: "x' OR WorkflowId STARTS_WITH '"})
	enginetest.Refused(t, err, pawl.ErrInput, "queue")
}

// TestQueuesApart: an engine sees no runs of a queue whose name begins like its own.
func TestQueuesApart(t *testing.T) {
	s := temporaltest.Old(t)
	f := testFlow("apart", func(*pawl.Run) (string, error) { return "done", nil })
	queue := "test-" + string(pawl.NewRunID())
	open := func(queue string) *Engine {
		e, err := Open(t.Context(), Options{Client: client.Options{HostPort: s.Address, Namespace: s.Namespace}, Queue: queue, Build: "one", Work: true,
			Models: llm.Catalog{"test": asker(nil)}, Model: "test/one", Prices: enginetest.Prices, Flows: []pawl.Flow{f}})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { e.Close(t.Context()) })
		return e
	}
	short, long := open(queue), open(queue+"-staging")
	theirs, ours := enginetest.Finish(t, long, f).ID, enginetest.Finish(t, short, f).ID
	var rows []string
	for _, e := range []*Engine{long, short} { // the list lags behind, and what began first is in it first
		for rows = nil; len(rows) == 0; {
			list, err := e.Journal().Runs(t.Context(), pawl.RunFilter{})
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range list {
				rows = append(rows, string(r.ID))
			}
		}
		if want := map[*Engine]pawl.RunID{long: theirs, short: ours}[e]; len(rows) != 1 || rows[0] != string(want) {
			t.Errorf("runs %v, want %s", rows, want)
		}
	}
}
