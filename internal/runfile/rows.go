package runfile

import (
	"context"
	"fmt"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/journal"
)

// ExportRun is Export of a run that is found by its id, with its flow among those that
// the program has. Of a run of which nobody knows what may leave it is refused.
func ExportRun(ctx context.Context, j journal.Reader, id pawl.RunID, flow func(name string) pawl.Flow, o Options) (*File, error) {
	row, err := rowOf(ctx, j, id)
	if err != nil {
		return nil, err
	}
	o.Flow = flow(row.Flow)
	if err := CheckFlow(row, o.Flow); err != nil {
		return nil, err
	}
	if row.Imported { // what its file has withheld is all that it may show less
		o.Flow = nil
	}
	return Export(ctx, j, id, o)
}

// VerifyRun is Verify of a run that is found by its id.
func VerifyRun(ctx context.Context, j journal.Reader, id pawl.RunID) (*File, error) {
	row, err := rowOf(ctx, j, id)
	if err != nil {
		return nil, err
	}
	return Verify(ctx, j, row)
}

// rowOf returns a run as the journal lists it.
func rowOf(ctx context.Context, j journal.Reader, id pawl.RunID) (journal.Row, error) {
	rows, err := j.Runs(ctx, pawl.RunFilter{Prefix: id, Limit: 1})
	if err == nil && (len(rows) == 0 || rows[0].ID != id) {
		err = &pawl.Error{Kind: pawl.ErrNotFound, Run: id, Message: fmt.Sprintf("there is no run %s, or it was removed meanwhile", id)}
	}
	if err != nil {
		return journal.Row{}, err
	}
	return rows[0], nil
}
