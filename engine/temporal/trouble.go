package temporal

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/sdk/converter"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/replay"
)

// failedTasks is how often a workflow's task has failed when somebody is told: what is mended at
// once is nothing to say.
const failedTasks = 2

// trouble says for people why a run does not go on that has something to do: nobody is there who
// would execute it, or its task fails again and again. Empty: nothing of that is known.
func (k *keeper) trouble(ctx context.Context, id pawl.RunID) (string, error) {
	run, d, err := k.described(ctx, id)
	if err != nil {
		return "", err
	}
	if run.closed || run.imported || !run.held() && !replay.Unheld(run.summary).Idle(pawl.At(time.Now())) {
		return "", nil
	}
	if n := d.GetPendingWorkflowTask().GetAttempt() - 1; n >= failedTasks && run.failing != "" {
		return fmt.Sprintf("Temporal has had its task tried %d times, which fails, and goes on trying: %s", n, replay.CutText(run.failing)), nil
	}
	return k.unheard(ctx, run)
}

// unheard says that nobody executes a run.
func (k *keeper) unheard(ctx context.Context, run *kept) (string, error) {
	if run.queue == k.queue && k.settings.works.Load() {
		return "", nil
	}
	there, err := k.there(ctx, run.queue)
	if err != nil || len(there) > 0 {
		return "", err
	}
	return fmt.Sprintf("nobody is there who executes it: it waits for a worker of task queue %s, or of another build that has flow %s", run.queue, run.run.Flow), nil
}

// tried takes in what became of a task of the workflow.
func (k *kept) tried(c converter.DataConverter, e *historypb.HistoryEvent) {
	switch e.GetEventType() {
	case enumspb.EVENT_TYPE_WORKFLOW_TASK_COMPLETED:
		k.failing = ""
	case enumspb.EVENT_TYPE_WORKFLOW_TASK_FAILED:
		a := e.GetWorkflowTaskFailedEventAttributes()
		f := a.GetFailure()
		converter.DecodeCommonFailureAttributes(c, f)
		if k.failing = f.GetMessage(); k.failing == "" {
			k.failing = a.GetCause().String()
		}
	}
}

// Get implements pawl.Engine. Of a run that has something to do and does not go on the reason says
// why.
func (e *Engine) Get(ctx context.Context, id pawl.RunID) (pawl.RunRecord, error) {
	rec, err := e.Engine.Get(ctx, id)
	if err != nil || !slices.Contains([]pawl.Status{pawl.StatusRunning, pawl.StatusQueued, pawl.StatusCanceling, pawl.StatusPausing}, rec.Status) {
		return rec, err
	}
	why, err := e.keeper.trouble(ctx, id)
	if err != nil { // what is known of it is to be shown
		e.keeper.settings.log.Debug("why a run does not go on cannot be told", "run", id, "error", err.Error())
	}
	if why != "" {
		rec.Reason = strings.TrimPrefix(rec.Reason+"; "+why, "; ")
	}
	return rec, nil
}

// warn tells who waits for a run why it does not go on, once for each reason, until ctx ends.
func (k *keeper) warn(ctx context.Context, id pawl.RunID) {
	for said := ""; ; {
		select {
		case <-time.After(k.worry):
		case <-ctx.Done():
			return
		}
		if why, err := k.trouble(ctx, id); err == nil && why != "" && why != said {
			k.settings.log.Warn("a run does not go on: "+why, "run", id)
			said = why
		}
	}
}
