package temporal

import (
	"context"
	"errors"
	"sync"
	"testing"

	historypb "go.temporal.io/api/history/v1"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/internal/enginetest"
	"github.com/pawlrun/pawl/internal/temporaltest"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/llm"
)

// TestSweeperLeaves: what was without anybody at the last look is taken over, and left where that
// has changed since, or where it is not sure.
func TestSweeperLeaves(t *testing.T) {
	later := errors.New("later")
	for name, tt := range map[string]struct {
		called, beside string // see stub; the identity of who shows himself
		closed         bool
		fails          error
		owed           bool
		takes          bool
	}{
		"nobody is there":                  {takes: true},
		"who made its call is gone":        {called: "test-one", takes: true},
		"a worker of any build calls":      {called: "test-calls-v1/m"},
		"somebody came":                    {beside: "worker w"},
		"somebody came, and has ended":     {beside: "ended w", takes: true},
		"it is not known":                  {fails: later},
		"it was ended, and not by us":      {closed: true},
		"it was ended by us":               {closed: true, owed: true, takes: true},
		"it was ended by us, and all fail": {closed: true, owed: true, fails: later, takes: true},
	} {
		server := &stub{run: "r", called: tt.called, closed: tt.closed, history: numbered(&historypb.HistoryEvent{})}
		if server.fails = tt.fails; tt.beside != "" {
			server.shows("test-one", tt.beside, 0)
		}
		s := newSweeper(&sign{keeper: stubbed(t, server)})
		if s.alone["test-one"] = true; tt.owed {
			s.owed["run"] = true
		}
		if s.take("run"); server.read != tt.takes {
			t.Errorf("%s: taken over: %v", name, server.read)
		}
	}
}

// TestOthersCall: a run for which a worker of another build makes a call is taken over by nobody, be
// it to resume it, unless that is told to take it; the call is made once.
func TestOthersCall(t *testing.T) { temporaltest.Each(t, testOthersCall) }

func testOthersCall(t *testing.T, s *temporaltest.Server) {
	f := asksOf("test/slow")
	under, hold := make(chan struct{}, 2), make(chan struct{})
	release := sync.OnceFunc(func() { close(hold) })
	defer release()
	held := asker(func(context.Context, llm.Request) (string, error) { under <- struct{}{}; <-hold; return "ok", nil })
	o := Options{Models: llm.Catalog{"test": held}, Flows: []pawl.Flow{f}, Stay: true}
	open := rated(t, s, map[string]Rate{"test/slow": {}})
	working := o
	working.Work = true
	two := open("two", working)
	one := open("one", o)
	id := enginetest.Start(t, one, f)
	if helps, err := one.Help(t.Context(), id); err != nil || !helps { // with the flow's code alone
		t.Fatal(helps, err)
	}
	<-under
	closed(t, one)
	roles(t, two, lasting)
	left := func(when string) {
		t.Helper()
		if q := queueOf(t, two, id); q != one.keeper.queue {
			t.Fatalf("%s: the run is taken over", when)
		}
	}
	listedIn(t, two, 1)
	look := newSweeper(two.sign)
	look.look(t.Context())
	look.look(t.Context())
	left("two looks")
	resume := journal.Command{Run: id, Directive: &pawl.Directive{What: pawl.DirectResume}}
	if taken, err := two.keeper.takeOver(t.Context(), resume, command{}); taken || err != nil {
		t.Fatalf("resumed: taken over %v, %v", taken, err)
	}
	left("a resume")
	release()
	for called := true; called; { // until Temporal has the answer
		d, err := two.client.DescribeWorkflowExecution(t.Context(), two.keeper.workflowID(id), "")
		if err != nil {
			t.Fatal(err)
		}
		called = len(d.GetPendingActivities()) > 0
	}
	look.look(t.Context())
	rec := enginetest.Follow(t, two, id)
	if rec.Status != pawl.StatusDone || string(rec.Output) != `"ok"` || len(under) != 0 {
		t.Errorf("%s (%s) %s, %d calls more", rec.Status, rec.Reason, rec.Output, len(under))
	}
}
