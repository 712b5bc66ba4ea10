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
	decided, seen := make(chan struct{}, 3), make(chan []pawl.Event, 1)
	go func() { seen <- followed(t, e, id, decided) }()
	rec, err := e.Wait(t.Context(), id)
	for ; err == nil && rec.Status == pawl.StatusWaiting; rec, err = e.Wait(t.Context(), id) {
		enginetest.Decide(t, e, id, pawl.Decision{Key: rec.Blockers[0].Key, What: pawl.DecideApprove, Digest: rec.Blockers[0].Digest})
		decided <- struct{}{}
	}
	close(decided)
	if err != nil || rec.Status != pawl.StatusDone || string(rec.Output) != `"40"` {
		t.Fatalf("%s (%s) %s, %v", rec.Status, rec.Reason, rec.Output, err)
	}
	if n := len(m.Requests); n != 100 {
		t.Errorf("%d calls, want 100", n)
	}
	events := <-seen
	if err := journal.Verify(events); err != nil || len(events) != int(rec.LastSeq) {
		t.Errorf("a follower has seen %d events of %d: %v", len(events), rec.LastSeq, err)
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

// followed follows a run from its beginning to its end. Where the run rests it goes on behind
// the last event once somebody has decided.
func followed(t *testing.T, e *temporal.Engine, id pawl.RunID, decided <-chan struct{}) (events []pawl.Event) {
	for more := true; ; _, more = <-decided {
		last := pawl.Seq(len(events))
		for ev, err := range e.Events(t.Context(), id, last) {
			if err != nil {
				t.Error(err)
				return events
			}
			events = append(events, ev)
		}
		end := events[len(events)-1]
		if !more || end.Type == pawl.EventDone {
			return events
		}
		if rest, err := journal.Decode[journal.Released](end); end.Type != pawl.EventReleased || err != nil || rest.Status != pawl.StatusWaiting {
			t.Errorf("following ended with the event %s %s, while the run goes on", end.Type, end.Body)
		}
	}
}
