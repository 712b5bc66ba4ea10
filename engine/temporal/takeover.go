package temporal

import (
	"context"
	"maps"
	"slices"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	taskqueuepb "go.temporal.io/api/taskqueue/v1"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/journal"
)

// takeOver has this build go on with a run that another one began, or whose workflow was ended
// from outside, if the command asks for that: a resume does, and so does every command where no
// worker of the other build is left. The old workflow is ended first, so that nothing is added
// to its history any more; what that says of the run is what the new one begins with. It
// reports whether it did so; the command is then carried out first.
func (k *keeper) takeOver(ctx context.Context, p journal.Command, c command) (bool, error) {
	d, err := k.client.DescribeWorkflowExecution(ctx, workflowID(p.Run), "")
	if err != nil {
		return false, k.failed(ctx, p.Run, err)
	}
	info := d.GetWorkflowExecutionInfo()
	open := info.GetStatus() == enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING
	resumes := p.Directive != nil && p.Directive.What == pawl.DirectResume
	queue := d.GetExecutionConfig().GetTaskQueue().GetName()
	if open && (queue == k.queue || !resumes && k.isAttended(ctx, queue)) {
		return false, nil
	}
	run, err := k.read(ctx, p.Run)
	if err != nil {
		return false, err
	}
	if run.summary.Ended() || run.next != "" {
		return false, nil
	}
	if open {
		if run.held() && !(p.Directive != nil && p.Directive.Take) && k.isAttended(ctx, queue) {
			return false, nil // who executes it is told
		}
		if err := k.client.TerminateWorkflow(ctx, workflowID(p.Run), info.GetExecution().GetRunId(), "run "+string(p.Run)+" is taken over by another build"); err != nil {
			return false, k.failed(ctx, p.Run, err)
		}
		if run, err = k.read(ctx, p.Run); err != nil {
			return false, err
		}
		if run.summary.Ended() {
			return false, nil
		}
	}
	b := beginning{Run: run.run, Events: run.events, Command: &c}
	b.Run.Summary = run.summary
	for _, digest := range slices.Sorted(maps.Keys(run.blobs)) {
		b.Blobs = append(b.Blobs, run.blobs[digest])
	}
	if run.run.Base != "" {
		if base, err := k.read(ctx, run.run.Base); err == nil {
			b.Base = base.events
		}
	}
	_, err = k.start(ctx, b, enumspb.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE)
	return err == nil, err
}

// attended is how long ago a worker may have asked a queue for work to count as there.
const attended = 2 * time.Minute

// isAttended reports whether a worker takes tasks of a queue.
func (k *keeper) isAttended(ctx context.Context, queue string) bool {
	d, err := k.client.DescribeTaskQueue(ctx, queue, enumspb.TASK_QUEUE_TYPE_WORKFLOW)
	return err == nil && slices.ContainsFunc(d.GetPollers(), func(p *taskqueuepb.PollerInfo) bool { return time.Since(p.GetLastAccessTime().AsTime()) < attended })
}
