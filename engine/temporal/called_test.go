package temporal

import (
	"context"
	"errors"
	"sync"
	"testing"

	activitypb "go.temporal.io/api/activity/v1"
	commonpb "go.temporal.io/api/common/v1"
	enumspb "go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"
	taskqueuepb "go.temporal.io/api/taskqueue/v1"
	workflowpb "go.temporal.io/api/workflow/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/internal/enginetest"
	"github.com/pawlrun/pawl/internal/temporaltest"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/llm"
)

// described is a server that has a workflow of queue test-one, whose history cannot be read.
type described struct {
	client.Client
	closed bool
	called string // the queue of a call that is being made for it; empty: none is
	beside string // the identity of who shows itself at that queue; empty: nobody does
	fails  error  // of asking for that

	read bool // somebody has come to reading it
}

func (d *described) DescribeWorkflowExecution(context.Context, string, string) (*workflowservice.DescribeWorkflowExecutionResponse, error) {
	r := &workflowservice.DescribeWorkflowExecutionResponse{
		WorkflowExecutionInfo: &workflowpb.WorkflowExecutionInfo{Execution: &commonpb.WorkflowExecution{RunId: "r"}, Status: enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING, HistoryLength: 1},
		ExecutionConfig:       &workflowpb.WorkflowExecutionConfig{TaskQueue: &taskqueuepb.TaskQueue{Name: "test-one"}},
	}
	if d.closed {
		r.WorkflowExecutionInfo.Status = enumspb.WORKFLOW_EXECUTION_STATUS_TERMINATED
	}
	if d.called != "" {
		r.PendingActivities = []*workflowpb.PendingActivityInfo{{State: enumspb.PENDING_ACTIVITY_STATE_STARTED,
			ActivityOptions: &activitypb.ActivityOptions{TaskQueue: &taskqueuepb.TaskQueue{Name: d.called}}}}
	}
	return r, nil
}

func (d *described) DescribeTaskQueue(context.Context, string, enumspb.TaskQueueType) (*workflowservice.DescribeTaskQueueResponse, error) {
	r := &workflowservice.DescribeTaskQueueResponse{}
	if d.beside != "" {
		r.Pollers = []*taskqueuepb.PollerInfo{{Identity: d.beside, LastAccessTime: timestamppb.Now()}}
	}
	return r, d.fails
}

func (d *described) GetWorkflowHistory(context.Context, string, string, bool, enumspb.HistoryEventFilterType) client.HistoryEventIterator {
	d.read = true
	return &historyOf{[]*historypb.HistoryEvent{}}
}

// TestSweeperLeaves: what was without anybody at the last look is taken over, and left where that
// has changed since, or where it is not sure.
func TestSweeperLeaves(t *testing.T) {
	for name, tt := range map[string]struct {
		server described
		owed   bool
		takes  bool
	}{
		"nobody is there":                  {described{}, false, true},
		"who made its call is gone":        {described{called: "test-one"}, false, true},
		"a worker of any build calls":      {described{called: "test-calls-v1/m"}, false, false},
		"somebody came":                    {described{beside: "worker w"}, false, false},
		"somebody came, and has ended":     {described{beside: "ended w"}, false, true},
		"it is not known":                  {described{fails: errors.New("later")}, false, false},
		"it was ended, and not by us":      {described{closed: true}, false, false},
		"it was ended by us":               {described{closed: true}, true, true},
		"it was ended by us, and all fail": {described{closed: true, fails: errors.New("later")}, true, true},
	} {
		server := tt.server
		s := newSweeper(newKeeper(&server, newSettings(t.Context(), Options{}), "test-", "two"))
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
	look := newSweeper(two.keeper)
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
