package temporal

import (
	"context"
	"errors"
	"fmt"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/workflow"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/journal"
)

var _ journal.Importer = (*keeper)(nil)

// Import implements journal.Importer: the run is what a workflow of its own begins with. That
// stays open, since Temporal forgets those that have ended, and does nothing, so that it costs
// one task of a worker and is there to be read also before that.
func (k *keeper) Import(ctx context.Context, run journal.Imported) (there bool, err error) {
	if _, err := run.Digests(); err != nil {
		return false, err
	}
	last := run.Events[len(run.Events)-1].Hash
	is := func() (bool, error) {
		was, err := k.read(ctx, run.ID)
		if err != nil {
			return false, err
		}
		if was.events[len(was.events)-1].Hash != last {
			return false, &pawl.Error{Kind: pawl.ErrConflict, Run: run.ID, Message: fmt.Sprintf("run %s is there already, with another history", run.ID)}
		}
		return true, nil
	}
	if there, err := is(); !errors.Is(err, pawl.ErrNotFound) {
		return there, err
	}
	b := beginning{Run: run.NewRun, Events: run.Events, Blobs: run.Blobs, Imported: true}
	b.Run.Blobs, b.Run.Queued = nil, false
	raw, err := k.packed(b, k.settings.most)
	if err != nil {
		return false, err
	}
	_, err = k.start(ctx, b, raw, enumspb.WORKFLOW_ID_REUSE_POLICY_REJECT_DUPLICATE)
	if errors.Is(err, pawl.ErrConflict) { // somebody was faster
		return is()
	}
	k.feed.stirred()
	return false, err
}

// keepImported is the workflow of an imported run: it is there until somebody ends it.
func keepImported(ctx workflow.Context) error {
	return workflow.Await(ctx, func() bool { return false })
}

func errImported(id pawl.RunID) error {
	return &pawl.Error{Kind: pawl.ErrConflict, Run: id, Message: fmt.Sprintf("run %s was imported: it is there to be read, and to be the base of other runs", id)}
}
