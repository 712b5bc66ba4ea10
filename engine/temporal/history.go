package temporal

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	commonpb "go.temporal.io/api/common/v1"
	enumspb "go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/converter"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/journal"
)

// kept is a run as it is read from the history of a workflow.
type kept struct {
	workflowRun  string // of which execution it is
	queue        string // the task queue of that
	length       int64  // of that history
	begun        bool
	imported     bool // from a file: the workflow keeps it
	run          journal.NewRun
	events       []pawl.Event
	blobs        map[string][]byte
	summary      journal.Summary
	rested       bool         // the last commit put it to rest
	closed       bool         // the execution has ended
	taken        bool         // it was ended so that another one goes on, see takeOver
	base         []pawl.Event // as in beginning
	baseImported bool
	replies      []replied  // as in beginning
	answers      []answered // that commands got, the oldest first
	calls        called
	next         string // the execution that goes on; empty: none does
	failing      string // why the workflow's last task failed; empty: it did not
}

// held reports whether the run is being executed, or about to be.
func (k *kept) held() bool { return !k.rested && !k.closed && !k.imported }

// add takes the next event of the workflow's history in.
func (k *kept) add(c converter.DataConverter, e *historypb.HistoryEvent) error {
	k.tried(c, e)
	switch e.GetEventType() {
	case enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED:
		return k.begin(c, e.GetWorkflowExecutionStartedEventAttributes().GetInput())
	case enumspb.EVENT_TYPE_MARKER_RECORDED:
		m := e.GetMarkerRecordedEventAttributes()
		if m.GetMarkerName() != "SideEffect" {
			return nil
		}
		var raw rawValue
		if err := c.FromPayloads(m.GetDetails()["data"], &raw); err != nil {
			return err
		}
		return k.commit(raw)
	case enumspb.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED:
		k.calls.scheduled(e.GetEventId(), e.GetActivityTaskScheduledEventAttributes())
	case enumspb.EVENT_TYPE_ACTIVITY_TASK_COMPLETED:
		a := e.GetActivityTaskCompletedEventAttributes()
		k.calls.completed(a.GetScheduledEventId(), a.GetResult())
	case enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_COMPLETED:
		a := e.GetWorkflowExecutionUpdateCompletedEventAttributes()
		return k.answered(c, a.GetMeta().GetUpdateId(), a.GetOutcome().GetSuccess())
	case enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_CONTINUED_AS_NEW:
		k.closed, k.next = true, e.GetWorkflowExecutionContinuedAsNewEventAttributes().GetNewExecutionRunId()
	case enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED:
		k.closed = true
		var raw rawValue
		var result ended
		if err := c.FromPayloads(e.GetWorkflowExecutionCompletedEventAttributes().GetResult(), &raw); err != nil {
			return err
		}
		if err := unpack(raw, &result); err != nil {
			return err
		}
		k.answers = append(k.answers, result.Answers...)
	case enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_TERMINATED:
		k.closed, k.taken = true, e.GetWorkflowExecutionTerminatedEventAttributes().GetReason() == takenReason(k.run.ID)
	case enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_FAILED, enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_TIMED_OUT, enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_CANCELED:
		k.closed = true
	}
	return nil
}

func (k *kept) begin(c converter.DataConverter, input *commonpb.Payloads) error {
	var raw rawValue
	if err := c.FromPayloads(input, &raw); err != nil {
		return err
	}
	var b beginning
	if err := unpack(raw, &b); err != nil {
		return err
	}
	k.begun, k.imported, k.run, k.summary = true, b.Imported, b.Run, b.Run.Summary
	k.events, k.blobs = b.Events, map[string][]byte{}
	k.base, k.baseImported, k.replies, k.answers, k.rested = b.Base, b.BaseImported, b.Replies, b.Answers, b.Rested
	k.keep(b.Blobs)
	return nil
}

// answered takes in what came of a command; there is none of an update that was refused.
func (k *kept) answered(c converter.DataConverter, id string, outcome *commonpb.Payloads) error {
	if len(outcome.GetPayloads()) == 0 {
		return nil
	}
	var raw rawValue
	var a answer
	if err := c.FromPayloads(outcome, &raw); err != nil {
		return err
	}
	if err := unpack(raw, &a); err != nil {
		return err
	}
	if !a.Moved {
		k.answers = append(k.answers, answered{id, a})
	}
	return nil
}

// answer returns what came of a command, if that is known.
func (k *kept) answer(id string) (a answer, known bool) {
	for _, was := range k.answers {
		if was.ID == id {
			return was.Answer, true
		}
	}
	return a, false
}

func (k *kept) commit(raw rawValue) error {
	var e entry
	if err := unpack(raw, &e); err != nil {
		return err
	}
	if err := k.calls.recorded(e.Events); err != nil {
		return err
	}
	k.events = append(k.events, e.Events...)
	k.keep(e.Blobs)
	if e.Summary != nil {
		k.summary = *e.Summary
	}
	if e.Model != "" {
		k.run.Model = e.Model
	}
	k.rested = e.Released
	return nil
}

func (k *kept) keep(blobs [][]byte) {
	for _, data := range blobs {
		k.blobs[journal.Digest(data)] = data
	}
}

// row is the run as lists have it.
func (k *kept) row() journal.Row {
	end := k.events[len(k.events)-1]
	r := journal.Row{ID: k.run.ID, Flow: k.run.Flow, Model: k.run.Model, Program: k.run.Program, Base: k.run.Base, Schedule: k.run.Schedule,
		Summary: k.summary, CreatedAt: k.events[0].At, UpdatedAt: end.At, LastSeq: end.Seq, LastHash: end.Hash, Imported: k.imported, Held: k.held()}
	if r.Held {
		r.Holder = "Temporal"
	}
	return r
}

// reads keeps the runs that were read last.
type reads struct {
	mu   sync.Mutex
	runs map[pawl.RunID]*kept
	of   map[string]pawl.RunID // blobs, by their digests: a run that has each
}

const (
	maxReads = 64
	maxBlobs = 100_000 // of which is kept whose they are
)

func (r *reads) get(id pawl.RunID) *kept {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.runs[id]
}

func (r *reads) put(id pawl.RunID, k *kept) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.runs) >= maxReads {
		clear(r.runs)
	}
	if len(r.of) > maxBlobs {
		clear(r.of)
	}
	r.runs[id] = k
	for digest := range k.blobs {
		r.of[digest] = id
	}
}

// owner returns a run that has a blob, of those that were read; empty: none has.
func (r *reads) owner(digest string) pawl.RunID {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.of[digest]
}

// read returns a run as it stands. What it returns is not to be changed.
func (k *keeper) read(ctx context.Context, id pawl.RunID) (*kept, error) {
	run, _, err := k.described(ctx, id)
	return run, err
}

// described is read, with what Temporal says of the run's workflow.
func (k *keeper) described(ctx context.Context, id pawl.RunID) (*kept, *workflowservice.DescribeWorkflowExecutionResponse, error) {
	d, err := k.client.DescribeWorkflowExecution(ctx, k.workflowID(id), "")
	if err != nil {
		return nil, nil, k.failed(ctx, id, err)
	}
	info := d.GetWorkflowExecutionInfo()
	run, length := info.GetExecution().GetRunId(), info.GetHistoryLength()
	if was := k.reads.get(id); was != nil && was.workflowRun == run && was.length == length {
		return was, d, nil
	}
	now := &kept{workflowRun: run, queue: d.GetExecutionConfig().GetTaskQueue().GetName()}
	for e, err := range k.history(ctx, id, run, false) {
		if err != nil {
			return nil, nil, err
		}
		if err := now.add(k.converter, e); err != nil {
			return nil, nil, unreadable(id, err)
		}
		now.length = e.GetEventId()
	}
	if !now.begun {
		return nil, nil, unreadable(id, errors.New("it has no beginning"))
	}
	k.reads.put(id, now)
	return now, d, nil
}

func (k *keeper) history(ctx context.Context, id pawl.RunID, run string, follow bool) func(func(*historypb.HistoryEvent, error) bool) {
	return func(yield func(*historypb.HistoryEvent, error) bool) {
		it := k.client.GetWorkflowHistory(ctx, k.workflowID(id), run, follow, enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
		for it.HasNext() {
			e, err := it.Next()
			if err != nil {
				yield(nil, k.failed(ctx, id, err))
				return
			}
			if !yield(e, nil) {
				return
			}
		}
	}
}

// failed is the error of a request to Temporal about a run.
func (k *keeper) failed(ctx context.Context, id pawl.RunID, err error) error {
	var none *serviceerror.NotFound
	switch {
	case errors.As(err, &none):
		return &pawl.Error{Kind: pawl.ErrNotFound, Run: id, Message: fmt.Sprintf("no run %q", id), Err: err}
	case ctx.Err() != nil:
		return &pawl.Error{Kind: pawl.ErrStopped, Run: id, Message: "no longer waited for: " + ctx.Err().Error(), Err: ctx.Err()}
	case isOver(ctx): // what is sent ends a little earlier
		return &pawl.Error{Kind: pawl.ErrStopped, Run: id, Message: "no longer waited for: " + context.DeadlineExceeded.Error(), Err: context.DeadlineExceeded}
	}
	of := ""
	if id != "" {
		of = fmt.Sprintf("run %s on ", id)
	}
	return &pawl.Error{Kind: pawl.ErrStorage, Run: id, Message: fmt.Sprintf("%sTemporal: %v", of, err), Err: err}
}

// isOver reports whether the time of a context is over, or about to be.
func isOver(ctx context.Context) bool {
	until, ok := ctx.Deadline()
	return ok && time.Until(until) < 50*time.Millisecond
}

func unreadable(id pawl.RunID, err error) error {
	return &pawl.Error{Kind: pawl.ErrDatabase, Run: id, Message: fmt.Sprintf("the workflow of run %s cannot be read: %v", id, err), Err: err,
		Hint: "read it with the keys and the store of blobs that it was written with"}
}
