package temporal

import (
	"context"
	"slices"
	"time"

	"github.com/pawlrun/pawl"
)

// helpAfter is how long the worker of a run may take to answer before this process helps: too
// short a time has one process too many execute runs, which harms nothing.
const helpAfter = 500 * time.Millisecond

// Execute has this process execute runs of its build from now on, until Close, as
// Options.Work does from the start.
func (e *Engine) Execute() error { return e.begin(advances|calls, passing) }

// Help has this process execute flow code of its build until Close, if nobody answers for a run
// within half a second, and nobody is there who executes the run or is to take it over; it reports
// whether it does by now. It makes no calls of models: a process that is about to end would leave
// the one that it has just been given unmade, which Temporal notices only after
// Options.Heartbeat. Nor does it count as a worker.
func (e *Engine) Help(ctx context.Context, id pawl.RunID) (bool, error) {
	if e.keeper.settings.works.Load() {
		return true, nil
	}
	soon, cancel := context.WithTimeout(ctx, helpAfter)
	defer cancel()
	if e.keeper.ask(soon, id) == nil {
		return false, nil
	}
	d, err := e.keeper.client.DescribeWorkflowExecution(ctx, e.keeper.workflowID(id), "")
	if err != nil {
		return false, e.keeper.failed(ctx, id, err)
	}
	for _, queue := range slices.Compact([]string{d.GetExecutionConfig().GetTaskQueue().GetName(), e.keeper.queue}) {
		if e.keeper.stands(ctx, queue) {
			return false, nil
		}
	}
	err = e.begin(advances, gone)
	return err == nil, err
}
