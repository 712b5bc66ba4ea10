package temporal

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	workflowpb "go.temporal.io/api/workflow/v1"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/journal"
)

// takeOver has this build go on with a run that another one began, or whose workflow was ended
// from outside, if there are workers of this build. A run at rest is taken over by whoever
// decides on it or directs it; one that is being executed is not, unless no worker of its
// build is left, or the command says so. Whoever resumes a run that its own build cannot
// repeat, so that its workflow does not answer, has it begin anew in the same manner.
//
// What the new workflow begins with is made and measured first: what is refused leaves the run
// as it is. Then the old workflow is ended, so that nothing is added to its history any more;
// what that says of the run, then, is what the new one begins with, and the command is what it
// does first. Of several who do so at once one starts it, and the others look again. It
// reports whether it took the run over.
func (k *keeper) takeOver(ctx context.Context, p journal.Command, c command) (bool, error) {
	takes := p.Directive != nil && p.Directive.Take
	may := func(queue string, open bool) (*kept, error) { return k.mayTake(ctx, p, queue, open) }
	for {
		taken, err := k.tryTakeOver(ctx, p.Run, takes, may, c)
		if !errors.Is(err, errOthers) {
			return taken, err
		}
		select {
		case <-ctx.Done():
			return false, k.failed(ctx, p.Run, ctx.Err())
		case <-time.After(again):
		}
	}
}

// errOthers says that somebody else took the run over, or ended its workflow, meanwhile.
var errOthers = errors.New("others were faster")

// tryTakeOver takes a run over if may returns it, for the queue of its workflow, and whether that
// is open. While a worker of any build makes a call for it, whose model has a queue of its own, only
// who says that it cuts does so: that call would be lost, and made again.
func (k *keeper) tryTakeOver(ctx context.Context, id pawl.RunID, cuts bool, may func(queue string, open bool) (*kept, error), first ...command) (bool, error) {
	d, err := k.client.DescribeWorkflowExecution(ctx, k.workflowID(id), "")
	if err != nil {
		return false, k.failed(ctx, id, err)
	}
	info, queue := d.GetWorkflowExecutionInfo(), d.GetExecutionConfig().GetTaskQueue().GetName()
	open := info.GetStatus() == enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING
	if open && !cuts && slices.ContainsFunc(d.GetPendingActivities(), func(a *workflowpb.PendingActivityInfo) bool {
		return a.GetState() == enumspb.PENDING_ACTIVITY_STATE_STARTED && a.GetActivityOptions().GetTaskQueue().GetName() != queue
	}) {
		return false, nil
	}
	run, err := may(queue, open)
	if run == nil || err != nil {
		return false, err
	}
	if open {
		if _, _, err := k.taken(run, first, k.settings.most); err != nil {
			return false, err
		}
		err := k.client.TerminateWorkflow(ctx, k.workflowID(id), info.GetExecution().GetRunId(), takenReason(id))
		if none := new(serviceerror.NotFound); errors.As(err, &none) {
			return false, errOthers
		}
		if err != nil {
			return false, k.failed(ctx, id, err)
		}
		if run, err = k.read(ctx, id); err != nil {
			return false, err
		}
		if run.workflowRun != info.GetExecution().GetRunId() {
			return false, errOthers
		}
		if run.summary.Ended() {
			return false, nil
		}
	}
	b, raw, err := k.taken(run, first, k.settings.most*3/2) // of which the half more is for what came meanwhile
	if err != nil {
		return false, err
	}
	// One that has ended by itself is not begun again.
	_, err = k.start(ctx, b, raw, enumspb.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE_FAILED_ONLY)
	if there := new(serviceerror.WorkflowExecutionAlreadyStarted); errors.As(err, &there) {
		return false, errOthers
	}
	return err == nil, err
}

// takenReason is why the workflow of a run that is taken over is ended, as its history says.
func takenReason(id pawl.RunID) string {
	return "run " + string(id) + " is taken over by another build"
}

// mayTake returns the run if it is to be taken over for a command; nil: it is not. queue is
// that of its workflow, which is open.
func (k *keeper) mayTake(ctx context.Context, p journal.Command, queue string, open bool) (*kept, error) {
	resumes := p.Directive != nil && p.Directive.What == pawl.DirectResume
	takes := p.Directive != nil && p.Directive.Take
	answers := sync.OnceValue(func() bool { return k.answers(ctx, p.Run, queue) }) // which may take long
	switch same := queue == k.queue; {
	case !k.keeps(ctx, queue, takes):
		return nil, nil
	case open && same && (!resumes || answers()):
		return nil, nil
	}
	run, err := k.read(ctx, p.Run)
	if err != nil || run.summary.Ended() || run.next != "" {
		return nil, err
	}
	if k.settings.flow(run.run.Flow) == nil && (p.Directive == nil || resumes || open && answers()) {
		return nil, nil // what is asked is for others who have the flow
	}
	if open && run.held() && !takes && answers() {
		return nil, nil // who executes it is told
	}
	return run, nil
}

// taken is what the workflow begins with that goes on with a run, of at most so many bytes. It carries the commands out first.
func (k *keeper) taken(run *kept, first []command, most int) (b beginning, raw rawValue, err error) {
	b = beginning{Run: run.run, Events: run.events, Base: run.base, BaseImported: run.baseImported, Rested: run.rested, Commands: first}
	b.Run.Summary = run.summary
	for _, digest := range slices.Sorted(maps.Keys(run.blobs)) {
		b.Blobs = append(b.Blobs, run.blobs[digest])
	}
	b.Answers = run.answers[max(0, len(run.answers)-maxAnswers):]
	if b.Replies, err = run.unheard(k.converter); err != nil {
		return b, raw, unreadable(run.run.ID, err)
	}
	raw, err = k.packed(b, most)
	return b, raw, err
}

// keeps reports whether somebody goes on with a run that this build takes over: its workers, or
// this process while it executes runs. A command, which is about to end, leaves runs to the workers
// of their builds, unless it is told to take them.
func (k *keeper) keeps(ctx context.Context, queue string, takes bool) bool {
	switch {
	case k.settings.lasts.Load() || k.isPolled(ctx):
		return true
	case !k.settings.works.Load():
		return false
	case takes || queue == k.queue:
		return true
	}
	others, err := k.workers(ctx, queue)
	return err == nil && len(others) == 0
}

// queryPatience is how long a worker may take to answer before it is looked whether it is
// gone: one that calls the code of a do answers after 8 seconds, and one whose neighbor died
// after the 10 of a task and the 5 of that one's own queue.
const queryPatience = 18 * time.Second

// answers reports whether somebody of the build that executes a run is there. Only who is known
// to be gone counts as gone: nobody shows himself; or a worker says that it cannot go on; or nobody
// answers, nor shows himself meanwhile.
func (k *keeper) answers(ctx context.Context, id pawl.RunID, queue string) bool {
	before, err := k.there(ctx, queue)
	helps := queue == k.queue && k.settings.works.Load() // this process does, and perhaps shows itself to nobody
	if err == nil && len(before) == 0 && !helps {
		return false
	}
	began := time.Now()
	limited, cancel := context.WithTimeout(ctx, k.patience)
	defer cancel()
	for again := true; again; again = timedOut(err) && limited.Err() == nil && !isOver(limited) {
		err = k.ask(limited, id)
	}
	var failed *serviceerror.QueryFailed
	var unready *serviceerror.WorkflowNotReady
	switch {
	case err == nil:
		return true
	case errors.As(err, &failed), errors.As(err, &unready):
		return false
	case ctx.Err() != nil || !timedOut(err): // it says nothing of workers
		return true
	}
	return k.shows(ctx, queue, before, missed-time.Since(began))
}

// ask asks a run's workflow whether somebody goes on with it.
func (k *keeper) ask(ctx context.Context, id pawl.RunID) error {
	_, err := k.client.QueryWorkflow(ctx, k.workflowID(id), "", thereQuery)
	return err
}

// timedOut reports whether a request got no answer in time: the server itself gives up a query
// after some seconds.
func timedOut(err error) bool {
	var late *serviceerror.DeadlineExceeded
	return errors.As(err, &late) || errors.Is(err, context.DeadlineExceeded)
}
