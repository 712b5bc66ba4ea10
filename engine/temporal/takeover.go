package temporal

import (
	"context"
	"maps"
	"slices"
	"time"

	enumspb "go.temporal.io/api/enums/v1"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/journal"
)

// takeOver has this build go on with a run that another one began, or whose workflow was ended
// from outside, if there are workers of this build. A run at rest is taken over by whoever
// decides on it or directs it; one that is being executed is not, unless no worker of its
// build answers, or the command says so. Whoever resumes a run that its own build cannot
// repeat, so that its workflow does not answer, has it begin anew in the same manner. The old workflow is ended first, so that nothing is
// added to its history any more; what that says of the run is what the new one begins with,
// and the command is what it does first. It reports whether it took the run over.
func (k *keeper) takeOver(ctx context.Context, p journal.Command, c command) (bool, error) {
	d, err := k.client.DescribeWorkflowExecution(ctx, k.workflowID(p.Run), "")
	if err != nil {
		return false, k.failed(ctx, p.Run, err)
	}
	info := d.GetWorkflowExecutionInfo()
	open := info.GetStatus() == enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING
	resumes := p.Directive != nil && p.Directive.What == pawl.DirectResume
	switch same := d.GetExecutionConfig().GetTaskQueue().GetName() == k.queue; {
	case !k.settings.works.Load() && !k.isPolled(ctx):
		return false, nil
	case open && same && (!resumes || k.answers(ctx, p.Run)):
		return false, nil
	}
	run, err := k.read(ctx, p.Run)
	if err != nil {
		return false, err
	}
	if run.summary.Ended() || run.next != "" {
		return false, nil
	}
	if k.settings.flow(run.run.Flow) == nil && (p.Directive == nil || resumes || open && k.answers(ctx, p.Run)) {
		return false, nil // what is asked is for others who have the flow
	}
	if open {
		takes := p.Directive != nil && p.Directive.Take
		if run.held() && !takes && k.answers(ctx, p.Run) {
			return false, nil // who executes it is told
		}
		if err := k.client.TerminateWorkflow(ctx, k.workflowID(p.Run), info.GetExecution().GetRunId(), "run "+string(p.Run)+" is taken over by another build"); err != nil {
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
			b.Base, b.BaseImported = base.events, base.imported
		}
	}
	_, err = k.start(ctx, b, enumspb.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE)
	return err == nil, err
}

// patience is how long a worker may take to answer before it counts as gone.
const queryPatience = 3 * time.Second

// answers reports whether a worker of the build that executes a run is there.
func (k *keeper) answers(ctx context.Context, id pawl.RunID) bool {
	ctx, cancel := context.WithTimeout(ctx, queryPatience)
	defer cancel()
	_, err := k.client.QueryWorkflow(ctx, k.workflowID(id), "", thereQuery)
	return err == nil
}

// polled is how long ago a worker may have asked for work to count as there.
const polled = 2 * time.Minute

// isPolled reports whether there are workers of this build.
func (k *keeper) isPolled(ctx context.Context) bool { return len(k.pollers(ctx)) > 0 }

// pollers are the names of the processes that are workers of this build.
func (k *keeper) pollers(ctx context.Context) []string {
	d, err := k.client.DescribeTaskQueue(ctx, k.queue, enumspb.TASK_QUEUE_TYPE_WORKFLOW)
	if err != nil {
		return nil
	}
	var names []string
	for _, p := range d.GetPollers() {
		if time.Since(p.GetLastAccessTime().AsTime()) < polled {
			names = append(names, p.GetIdentity())
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}
