package temporal

import (
	"context"
	"errors"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	taskqueuepb "go.temporal.io/api/taskqueue/v1"
	"go.temporal.io/api/workflowservice/v1"
)

// bound has Temporal keep how many calls all workers of a queue begin in a second, as
// Options.CallsPerSecond says it, and reports whether that is bounded. What the SDK says of it with
// each request for work would not do: Temporal goes by what it was told last, and a process without
// a bound says that there is none.
func (k *keeper) bound(ctx context.Context, queue string, rate float64) (bool, error) {
	if rate == 0 {
		return k.isBounded(ctx, queue), nil
	}
	is := &workflowservice.UpdateTaskQueueConfigRequest_RateLimitUpdate{Reason: "CallsPerSecond"}
	if rate > 0 {
		is.RateLimit = &taskqueuepb.RateLimit{RequestsPerSecond: float32(rate)}
	}
	_, err := k.client.WorkflowService().UpdateTaskQueueConfig(ctx, &workflowservice.UpdateTaskQueueConfigRequest{
		Namespace: k.settings.namespace(), TaskQueue: queue, TaskQueueType: enumspb.TASK_QUEUE_TYPE_ACTIVITY, UpdateQueueRateLimit: is, Identity: newName(),
	})
	var unknown *serviceerror.Unimplemented
	var denied *serviceerror.PermissionDenied
	if errors.As(err, &unknown) || errors.As(err, &denied) {
		k.settings.log.Warn("Temporal does not keep how many calls begin in a second: a process that says nothing of it switches it off for all", "error", err.Error())
		err = nil
	}
	return rate > 0, err
}

// isBounded reports whether Temporal keeps a bound for a queue. A server that does not say has
// none.
func (k *keeper) isBounded(ctx context.Context, queue string) bool {
	d, err := k.client.WorkflowService().DescribeTaskQueue(ctx, &workflowservice.DescribeTaskQueueRequest{
		Namespace: k.settings.namespace(), TaskQueue: &taskqueuepb.TaskQueue{Name: queue, Kind: enumspb.TASK_QUEUE_KIND_NORMAL},
		TaskQueueType: enumspb.TASK_QUEUE_TYPE_ACTIVITY, ReportConfig: true,
	})
	return err == nil && d.GetConfig().GetQueueRateLimit().GetRateLimit() != nil
}
