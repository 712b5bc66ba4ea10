package temporal

import (
	"cmp"
	"context"
	"slices"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	workflowpb "go.temporal.io/api/workflow/v1"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/replay"
)

// left are the runs of other queues, by these, that a worker would have something to do for, as
// the list has them.
func (k *keeper) left(ctx context.Context) (map[string][]pawl.RunID, error) {
	byQueue := map[string][]pawl.RunID{}
	now := pawl.At(time.Now())
	err := k.others(ctx, func(queue string, it item) {
		if k.leftOf(it, now) {
			byQueue[queue] = append(byQueue[queue], it.ID)
		}
	})
	return byQueue, err
}

// leftOf reports whether a worker would have something to do for a run of the list.
func (k *keeper) leftOf(it item, now pawl.Time) bool {
	return !it.Imported && k.executes(it.Flow, it.Program) && replay.Unheld(it.Summary).Idle(now)
}

// Who takes a run over ends its workflow, reads it to its end, and begins another one. If he dies
// in between the run has no workflow that goes on, and no queue at which somebody could be missed.
const (
	halfFor = 24 * time.Hour  // how far back a worker looks for such runs at first
	listLag = 2 * time.Minute // behind what has happened, at most
)

// lookForHalves looks which runs are taken over by half.
func (s *sweeper) lookForHalves(ctx context.Context) error {
	now := s.keeper.now(ctx, time.Time{})
	if s.since.IsZero() {
		s.since = cmp.Or(now, time.Now()).Add(-halfFor)
	}
	found, err := s.keeper.halves(ctx, s.since)
	if err != nil {
		return err
	}
	for _, id := range found {
		s.halves[id] = true
	}
	if !now.IsZero() { // else the server does not say
		s.since = now.Add(-listLag)
	}
	return nil
}

// halves are the runs whose last workflow was ended since, and which may go on here, now or when their
// time has come, as the list has them. By whom it was ended the list does not say.
func (k *keeper) halves(ctx context.Context, since time.Time) (ended []pawl.RunID, err error) {
	for page, err := range k.pages(ctx, k.ofRuns()+" AND ExecutionStatus='Terminated' AND CloseTime >= '"+since.UTC().Format(time.RFC3339Nano)+"'") {
		if err != nil {
			return nil, err
		}
		for _, info := range page.GetExecutions() {
			if it, ok := k.item(info); ok && !it.Imported && !it.Summary.Ended() && k.executes(it.Flow, it.Program) {
				ended = append(ended, it.ID)
			}
		}
	}
	slices.Sort(ended)
	ended = slices.Compact(ended)                          // some were ended more than once
	last := map[string]*workflowpb.WorkflowExecutionInfo{} // by the id of the workflow
	for page, err := range k.executions(ctx, ended) {
		if err != nil {
			return nil, err
		}
		for _, info := range page.GetExecutions() {
			id := info.GetExecution().GetWorkflowId()
			if was := last[id]; was == nil || was.GetStartTime().AsTime().Before(info.GetStartTime().AsTime()) {
				last[id] = info
			}
		}
	}
	return slices.DeleteFunc(ended, func(id pawl.RunID) bool {
		return last[k.workflowID(id)].GetStatus() != enumspb.WORKFLOW_EXECUTION_STATUS_TERMINATED
	}), nil
}
