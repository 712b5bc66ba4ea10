package temporal

import (
	"context"
	"testing"

	commonpb "go.temporal.io/api/common/v1"
	enumspb "go.temporal.io/api/enums/v1"
	workflowpb "go.temporal.io/api/workflow/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
)

// described is a server that says of a workflow that it is open, with these activities.
type described struct {
	client.Client
	activities []*workflowpb.PendingActivityInfo
}

func (d described) DescribeWorkflowExecution(context.Context, string, string) (*workflowservice.DescribeWorkflowExecutionResponse, error) {
	return &workflowservice.DescribeWorkflowExecutionResponse{PendingActivities: d.activities,
		WorkflowExecutionInfo: &workflowpb.WorkflowExecutionInfo{Status: enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING}}, nil
}

// TestCalledIsTold: who may take a run over is told whether a call is being made for it, by
// whomever: it would be cut.
func TestCalledIsTold(t *testing.T) {
	activity := func(name string, state enumspb.PendingActivityState) []*workflowpb.PendingActivityInfo {
		return []*workflowpb.PendingActivityInfo{{ActivityType: &commonpb.ActivityType{Name: name}, State: state}}
	}
	for _, tt := range []struct {
		activities []*workflowpb.PendingActivityInfo
		want       bool
	}{
		{nil, false},
		{activity(askActivity, enumspb.PENDING_ACTIVITY_STATE_SCHEDULED), false},
		{activity("another", enumspb.PENDING_ACTIVITY_STATE_STARTED), false},
		{activity(askActivity, enumspb.PENDING_ACTIVITY_STATE_STARTED), true},
	} {
		s := newSettings(t.Context(), Options{})
		k := newKeeper(described{activities: tt.activities}, s, "test-", "one")
		asked := false
		taken, err := k.tryTakeOver(t.Context(), "run", func(_ string, open, called bool) (*kept, error) {
			if asked = true; !open || called != tt.want {
				t.Errorf("%v: open %v, called %v", tt.activities, open, called)
			}
			return nil, nil
		})
		if taken || err != nil || !asked {
			t.Errorf("taken %v, asked %v, %v", taken, asked, err)
		}
	}
}
