package recorded

import (
	"context"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/local"
	"github.com/pawlrun/pawl/internal/runfile"
	"github.com/pawlrun/pawl/journal"
)

// Check executes a flow against a recorded run and returns where it does something else;
// see [local.Replay].
func Check(ctx context.Context, f pawl.Flow, run *runfile.File) ([]local.Miss, error) {
	return local.Replay(ctx, f, run.Events, blobs(run.Blobs))
}

// blobs are those of a file.
type blobs map[string][]byte

// Blob implements journal.Blobs.
func (b blobs) Blob(_ context.Context, digest string) ([]byte, error) {
	if data, ok := b[digest]; ok {
		return data, nil
	}
	return nil, &pawl.Error{Kind: pawl.ErrNotFound, Message: "the file has no blob " + digest}
}

// Flow returns the name of the flow that a recorded run is of.
func Flow(run *runfile.File) string {
	b, _ := journal.Decode[journal.Created](run.Events[0]) // it was read
	return b.Flow
}
