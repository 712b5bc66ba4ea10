package temporal

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/replay"
	"github.com/pawlrun/pawl/journal"
)

// keeper is the journal whose runs Temporal keeps, and executes by itself: to create a run is
// to start its workflow, to submit a command is to update that. It gives no claims.
type keeper struct {
	client    client.Client
	converter converter.DataConverter
	settings  *settings
	prefix    string        // of the names of workflows and task queues
	queue     string        // of this build
	patience  time.Duration // see queryPatience
	looks     pauses
	worry     time.Duration // how long who waits for a run is told nothing
	reads     reads
	feed      feed
	clock     clock
	pageSize  int32     // of Temporal's list
	attribute bool      // the namespace has the search attributes
	unlisted  sync.Once // it is said that a run cannot be listed

	// poll asks the server for work.
	poll func(context.Context, *workflowservice.PollActivityTaskQueueRequest) error

	mu   sync.Mutex // guards all below
	n    int64
	came map[int64]answer // of commands, until somebody asks
}

var _ journal.Journal = (*keeper)(nil)

func newKeeper(c client.Client, s *settings, prefix, build string) *keeper {
	poll := func(ctx context.Context, r *workflowservice.PollActivityTaskQueueRequest) error {
		_, err := c.WorkflowService().PollActivityTaskQueue(ctx, r)
		return err
	}
	return &keeper{client: c, poll: poll, converter: s.Client.DataConverter, settings: s, prefix: prefix, queue: prefix + build, patience: queryPatience, looks: pauses{5 * time.Second, 45 * time.Second}, worry: 15 * time.Second, reads: reads{runs: map[pawl.RunID]*kept{}, of: map[string]pawl.RunID{}}, came: map[int64]answer{}, pageSize: pageSize}
}

// workflowID is the id of a run's workflow.
func (k *keeper) workflowID(id pawl.RunID) string { return k.prefix + string(id) }

// Create implements journal.Journal: it starts the run's workflow.
func (k *keeper) Create(ctx context.Context, run journal.NewRun, first []journal.Draft) (*journal.Claim, error) {
	events, _, err := journal.Seal(journal.Claim{Run: run.ID}, first)
	if err != nil {
		return nil, err
	}
	b := beginning{Run: run, Events: events, Blobs: run.Blobs}
	b.Run.Blobs = nil
	if run.Base != "" {
		base, err := k.read(ctx, run.Base)
		if err != nil {
			return nil, err
		}
		b.Base, b.BaseImported = base.events, base.imported
	}
	raw, err := k.packed(b, k.settings.most)
	if err != nil {
		return nil, err
	}
	if _, err := k.start(ctx, b, raw, enumspb.WORKFLOW_ID_REUSE_POLICY_REJECT_DUPLICATE); err != nil {
		return nil, err
	}
	k.feed.stirred()
	return nil, nil
}

// packed is what a workflow begins with, of at most so many bytes.
func (k *keeper) packed(b beginning, most int) (rawValue, error) {
	b.Attributed = k.attribute
	raw, size, err := pack(b)
	if err == nil && size > most {
		err = &pawl.Error{Kind: pawl.ErrInput, Run: b.Run.ID, Hint: "give the engine a store of blobs",
			Message: fmt.Sprintf("what run %s begins with takes %d bytes (its input and history, and that of its base), Temporal takes at most %d in one value", b.Run.ID, size, most)}
	}
	return raw, err
}

// start starts a workflow that executes a run.
func (k *keeper) start(ctx context.Context, b beginning, raw rawValue, reuse enumspb.WorkflowIdReusePolicy) (client.WorkflowRun, error) {
	id := b.Run.ID
	now := kept{begun: true, imported: b.Imported, rested: b.Rested, run: b.Run, events: b.Events, summary: b.Run.Summary}
	row, open := now.row(), 0
	if !b.Imported { // on which nobody decides
		st, err := replay.Fold(b.Events)
		if err != nil {
			return nil, pawl.AsError(err, pawl.ErrDatabase)
		}
		open = len(st.Blockers())
	}
	says := listedOf(row, open, searchText(b.Events[0]))
	memo, err := k.settings.keys.memo(says)
	if err != nil {
		return nil, err
	}
	o := client.StartWorkflowOptions{
		ID: k.workflowID(id), TaskQueue: k.queue, WorkflowIDReusePolicy: reuse, WorkflowIDConflictPolicy: enumspb.WORKFLOW_ID_CONFLICT_POLICY_FAIL,
		WorkflowExecutionErrorWhenAlreadyStarted: true, StaticSummary: cut(row.Flow, 200), Memo: map[string]any{memoKey: memo},
	}
	if k.attribute {
		says.attribute(&o)
	}
	r, err := k.client.ExecuteWorkflow(ctx, o, workflowType, raw)
	if there := new(serviceerror.WorkflowExecutionAlreadyStarted); errors.As(err, &there) {
		return nil, &pawl.Error{Kind: pawl.ErrConflict, Run: id, Message: fmt.Sprintf("run %s exists already", id), Err: err}
	}
	if err != nil {
		return nil, k.failed(ctx, id, err)
	}
	return r, nil
}

// Read implements journal.Journal.
func (k *keeper) Read(ctx context.Context, id pawl.RunID, after pawl.Seq, limit int) ([]pawl.Event, error) {
	run, err := k.read(ctx, id)
	if err != nil {
		return nil, err
	}
	events := run.events[min(max(after, 0), pawl.Seq(len(run.events))):]
	if limit > 0 && limit < len(events) {
		events = events[:limit]
	}
	return append([]pawl.Event{}, events...), nil
}

// Blob implements journal.Journal: blobs are found that are of a run which was read.
func (k *keeper) Blob(ctx context.Context, digest string) ([]byte, error) {
	if id := k.reads.owner(digest); id != "" {
		run := k.reads.get(id)
		if run == nil {
			var err error
			if run, err = k.read(ctx, id); err != nil {
				return nil, err
			}
		}
		if data, ok := run.blobs[digest]; ok {
			return append([]byte{}, data...), nil
		}
	}
	return nil, &pawl.Error{Kind: pawl.ErrNotFound, Message: fmt.Sprintf("no blob %q", digest)}
}

// errExecutes says that Temporal executes runs, and gives them to nobody.
func errExecutes(id pawl.RunID) error {
	return &pawl.Error{Kind: pawl.ErrConflict, Run: id, Message: fmt.Sprintf("run %s is executed by Temporal", id), Err: journal.ErrHeld}
}

// Claim implements journal.Journal.
func (k *keeper) Claim(_ context.Context, id pawl.RunID, _ bool) (*journal.Claim, error) {
	return nil, errExecutes(id)
}

// Append implements journal.Journal.
func (k *keeper) Append(_ context.Context, c *journal.Claim, _ journal.Batch) ([]pawl.Event, error) {
	return nil, errExecutes(c.Run)
}

// Release implements journal.Journal.
func (k *keeper) Release(context.Context, *journal.Claim) error { return nil }

// Close implements journal.Journal.
func (k *keeper) Close() error {
	k.client.Close()
	return nil
}
