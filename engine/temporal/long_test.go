package temporal_test

import (
	"fmt"
	"testing"

	"go.temporal.io/sdk/client"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/internal/enginetest"
	"github.com/pawlrun/pawl/engine/temporal"
	"github.com/pawlrun/pawl/internal/temporaltest"
	"github.com/pawlrun/pawl/journal"
)

// TestLongRuns: a run goes on in one execution after another, each with a history that Temporal
// takes; no call is made twice, a follower sees every event once, and decisions find it. The
// server suggests that at 50 events.
func TestLongRuns(t *testing.T) {
	s := temporaltest.Start(t, "limit.historyCount.suggestContinueAsNew=50")
	at := client.Options{HostPort: s.Address, Namespace: s.Namespace}
	m := &enginetest.Script{}
	f := flow("long", func(r *pawl.Run) (string, error) {
		for i := range 60 {
			pawl.Ask(r, fmt.Sprintf("ask-%d", i), text("A"))
			if i%20 == 19 {
				pawl.Approve(r, fmt.Sprintf("ok-%d", i), "this", "Go on?")
			}
		}
		n := 0
		for range pawl.Map(r, "all", make([]int, 40), func(r *pawl.Run, _ int) (string, error) { return pawl.Ask(r, "b", text("B")), nil }, pawl.Limit(8)) {
			n++
		}
		return fmt.Sprint(n), nil
	})
	queue := "test-" + string(pawl.NewRunID())
	e := open(t, temporal.Options{Client: at, Queue: queue, Models: models(m), Model: "test/one", Flows: []pawl.Flow{f}, Blobs: temporal.Directory(t.TempDir())})
	id := start(t, e, f)
	seen := make(chan []pawl.Event, 1)
	rec, err := e.Wait(t.Context(), id)
	for ; err == nil && rec.Status == pawl.StatusWaiting; rec, err = e.Wait(t.Context(), id) {
		if len(seen) == 0 && len(rec.Steps) > 21 {
			go func() {
				var events []pawl.Event
				for ev, err := range e.Events(t.Context(), id, 0) {
					if err != nil {
						t.Error(err)
						break
					}
					events = append(events, ev)
				}
				seen <- events
			}()
		}
		enginetest.Decide(t, e, id, pawl.Decision{Key: rec.Blockers[0].Key, What: pawl.DecideApprove, Digest: rec.Blockers[0].Digest})
	}
	if err != nil || rec.Status != pawl.StatusDone || string(rec.Output) != `"40"` {
		t.Fatalf("%s (%s) %s, %v", rec.Status, rec.Reason, rec.Output, err)
	}
	if n := len(m.Requests); n != 100 {
		t.Errorf("%d calls, want 100", n)
	}
	events := <-seen
	if err := journal.Verify(events); err != nil || len(events) < 40 {
		t.Errorf("a follower has seen %d events: %v", len(events), err)
	}
	c, err := client.Dial(at)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	d, err := c.DescribeWorkflowExecution(t.Context(), queue+"-"+string(id), "")
	if err != nil {
		t.Fatal(err)
	}
	if info := d.GetWorkflowExecutionInfo(); info.GetExecution().GetRunId() == info.GetFirstRunId() || info.GetHistoryLength() > 300 {
		t.Errorf("the last execution is the first, or has %d events", info.GetHistoryLength())
	}
}
