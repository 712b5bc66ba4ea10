package temporal

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	activitypb "go.temporal.io/api/activity/v1"
	commonpb "go.temporal.io/api/common/v1"
	enumspb "go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/api/serviceerror"
	taskqueuepb "go.temporal.io/api/taskqueue/v1"
	updatepb "go.temporal.io/api/update/v1"
	workflowpb "go.temporal.io/api/workflow/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// matching is a server as far as it knows who asks for work, by a clock of its own.
type matching struct {
	client.Client
	ahead   time.Duration // of its clock, before this machine's
	refuses bool          // to give work, and to know who asked
	fails   error         // of who asks who is there

	mu    sync.Mutex // guards all below
	asked []asking
	short bool // somebody asked for no longer than servers warn of
}

// asking is somebody who asked for work, or will have.
type asking struct {
	queue, identity string
	at              time.Time
	refused         bool
}

// shows has somebody show himself at a queue's, after a while or before.
func (m *matching) shows(queue, identity string, after time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.asked = append(m.asked, asking{presenceQueue(queue), identity, time.Now().Add(m.ahead + after), m.refuses})
}

func (m *matching) poll(ctx context.Context, p *workflowservice.PollActivityTaskQueueRequest) error {
	m.shows(strings.TrimSuffix(p.GetTaskQueue().GetName(), presenceQueue("")), p.GetIdentity(), 0)
	until, ok := ctx.Deadline()
	m.mu.Lock()
	m.short = m.short || !ok || time.Until(until) < 20*time.Second
	m.mu.Unlock()
	if m.refuses {
		return serviceerror.NewUnavailable("later")
	}
	<-ctx.Done()
	return ctx.Err()
}

func (m *matching) DescribeTaskQueue(_ context.Context, queue string, kind enumspb.TaskQueueType) (*workflowservice.DescribeTaskQueueResponse, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	d := &workflowservice.DescribeTaskQueueResponse{}
	for _, a := range m.asked {
		if a.queue == queue && kind == enumspb.TASK_QUEUE_TYPE_ACTIVITY && !a.refused && !a.at.After(time.Now().Add(m.ahead)) {
			d.Pollers = append(d.Pollers, &taskqueuepb.PollerInfo{Identity: a.identity, LastAccessTime: timestamppb.New(a.at)})
		}
	}
	return d, m.fails
}

// seen are those who asked at a queue's.
func (m *matching) seen(queue string) (identities []string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, a := range m.asked {
		if a.queue == presenceQueue(queue) {
			identities = append(identities, a.identity)
		}
	}
	return identities
}

// stub is a server that has one workflow, of queue test-one. What it is not asked for in these tests it
// has not.
type stub struct {
	matching
	run     string // id of the execution
	history []*historypb.HistoryEvent
	closed  bool
	called  string // the queue of a call that is being made for it; empty: none is

	looked int  // how often somebody looked at the workflow
	read   bool // somebody has read it
}

func (s *stub) DescribeWorkflowExecution(context.Context, string, string) (*workflowservice.DescribeWorkflowExecutionResponse, error) {
	s.looked++
	r := &workflowservice.DescribeWorkflowExecutionResponse{
		WorkflowExecutionInfo: &workflowpb.WorkflowExecutionInfo{Execution: &commonpb.WorkflowExecution{RunId: s.run}, Status: enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING, HistoryLength: int64(len(s.history))},
		ExecutionConfig:       &workflowpb.WorkflowExecutionConfig{TaskQueue: &taskqueuepb.TaskQueue{Name: "test-one"}},
	}
	if s.closed {
		r.WorkflowExecutionInfo.Status = enumspb.WORKFLOW_EXECUTION_STATUS_TERMINATED
	}
	if s.called != "" {
		r.PendingActivities = []*workflowpb.PendingActivityInfo{{State: enumspb.PENDING_ACTIVITY_STATE_STARTED,
			ActivityOptions: &activitypb.ActivityOptions{TaskQueue: &taskqueuepb.TaskQueue{Name: s.called}}}}
	}
	return r, nil
}

func (s *stub) GetWorkflowHistory(context.Context, string, string, bool, enumspb.HistoryEventFilterType) client.HistoryEventIterator {
	s.read = true
	return &historyOf{s.history}
}

// starting is a client that does something before it starts a workflow; an error is why it does not.
type starting struct {
	client.Client
	before func() error
}

func (s *starting) ExecuteWorkflow(ctx context.Context, o client.StartWorkflowOptions, w any, args ...any) (client.WorkflowRun, error) {
	if err := s.before(); err != nil {
		return nil, err
	}
	return s.Client.ExecuteWorkflow(ctx, o, w, args...)
}

// historyOf goes through events.
type historyOf struct{ left []*historypb.HistoryEvent }

func (h *historyOf) HasNext() bool { return len(h.left) > 0 }

func (h *historyOf) Next() (*historypb.HistoryEvent, error) {
	e := h.left[0]
	h.left = h.left[1:]
	return e, nil
}

// stubbed is the keeper of a stub.
func stubbed(t *testing.T, c client.Client) *keeper {
	s := newSettings(t.Context(), Options{})
	s.Client.DataConverter = converter.GetDefaultDataConverter()
	k := newKeeper(c, s, "test-", "one")
	if m, ok := c.(interface {
		poll(context.Context, *workflowservice.PollActivityTaskQueueRequest) error
	}); ok {
		k.poll = m.poll
	}
	return k
}

// numbered is a history of events.
func numbered(events ...*historypb.HistoryEvent) []*historypb.HistoryEvent {
	for i, e := range events {
		e.EventId = int64(i + 1)
	}
	return events
}

// payloadsOf is a value as it stands in a history.
func payloadsOf(t *testing.T, v any) *commonpb.Payloads {
	t.Helper()
	p, err := converter.GetDefaultDataConverter().ToPayloads(wired(t, v))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func begunWith(t *testing.T, b beginning) *historypb.HistoryEvent {
	return &historypb.HistoryEvent{EventType: enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED,
		Attributes: &historypb.HistoryEvent_WorkflowExecutionStartedEventAttributes{WorkflowExecutionStartedEventAttributes: &historypb.WorkflowExecutionStartedEventAttributes{Input: payloadsOf(t, b)}}}
}

func markerOf(t *testing.T, e entry) *historypb.HistoryEvent {
	return &historypb.HistoryEvent{EventType: enumspb.EVENT_TYPE_MARKER_RECORDED,
		Attributes: &historypb.HistoryEvent_MarkerRecordedEventAttributes{MarkerRecordedEventAttributes: &historypb.MarkerRecordedEventAttributes{
			MarkerName: "SideEffect", Details: map[string]*commonpb.Payloads{"data": payloadsOf(t, e)}}}}
}

func updated(id string, outcome *updatepb.Outcome) *historypb.HistoryEvent {
	return &historypb.HistoryEvent{EventType: enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_COMPLETED,
		Attributes: &historypb.HistoryEvent_WorkflowExecutionUpdateCompletedEventAttributes{WorkflowExecutionUpdateCompletedEventAttributes: &historypb.WorkflowExecutionUpdateCompletedEventAttributes{
			Meta: &updatepb.Meta{UpdateId: id}, Outcome: outcome}}}
}

func endedWith(t *testing.T, result ended) *historypb.HistoryEvent {
	return &historypb.HistoryEvent{EventType: enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED,
		Attributes: &historypb.HistoryEvent_WorkflowExecutionCompletedEventAttributes{WorkflowExecutionCompletedEventAttributes: &historypb.WorkflowExecutionCompletedEventAttributes{Result: payloadsOf(t, result)}}}
}

func continuedAs(run string) *historypb.HistoryEvent {
	return &historypb.HistoryEvent{EventType: enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_CONTINUED_AS_NEW,
		Attributes: &historypb.HistoryEvent_WorkflowExecutionContinuedAsNewEventAttributes{WorkflowExecutionContinuedAsNewEventAttributes: &historypb.WorkflowExecutionContinuedAsNewEventAttributes{NewExecutionRunId: run}}}
}
