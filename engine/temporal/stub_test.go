package temporal

import (
	"context"
	"testing"

	commonpb "go.temporal.io/api/common/v1"
	enumspb "go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"
	updatepb "go.temporal.io/api/update/v1"
	workflowpb "go.temporal.io/api/workflow/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"
)

// stub is a server that has one workflow. What it is not asked for in these tests it has not.
type stub struct {
	client.Client
	run     string // id of the execution
	history []*historypb.HistoryEvent
	asked   int // how often somebody looked at the workflow
}

func (s *stub) DescribeWorkflowExecution(context.Context, string, string) (*workflowservice.DescribeWorkflowExecutionResponse, error) {
	s.asked++
	return &workflowservice.DescribeWorkflowExecutionResponse{WorkflowExecutionInfo: &workflowpb.WorkflowExecutionInfo{
		Execution: &commonpb.WorkflowExecution{RunId: s.run}, HistoryLength: int64(len(s.history))}}, nil
}

func (s *stub) GetWorkflowHistory(context.Context, string, string, bool, enumspb.HistoryEventFilterType) client.HistoryEventIterator {
	return &historyOf{s.history}
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
	return newKeeper(c, s, "test-", "one")
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
