package recorded

import (
	"context"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/local"
	"github.com/pawlrun/pawl/internal/mask"
	"github.com/pawlrun/pawl/internal/runfile"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/schema"
)

// Check executes a flow against a recorded run and returns where it does something else;
// see [local.Replay]. What is sensitive is hidden in what it returns.
func Check(ctx context.Context, f pawl.Flow, run *runfile.File) ([]local.Miss, error) {
	misses, err := local.Replay(ctx, f, run.Events, blobs(run.Blobs))
	if len(misses) == 0 {
		return nil, err
	}
	m, err := maskOf(f, run)
	if err != nil {
		return nil, err
	}
	for i := range misses {
		hide(m, &misses[i])
	}
	return misses, nil
}

// maskOf hides what the flow says now is sensitive: a file from before knows less.
func maskOf(f pawl.Flow, run *runfile.File) (*mask.Mask, error) {
	var rec pawl.RunRecord
	if err := schema.Unmarshal(run.Record, &rec); err != nil {
		return nil, err
	}
	m := mask.Of(f)
	m.Record(rec)
	return m, nil
}

func hide(m *mask.Mask, miss *local.Miss) {
	miss.What = m.Line(miss.What)
	for i, c := range miss.Changes {
		miss.Changes[i] = local.Change{What: m.Line(c.What), Was: m.Line(c.Was), Is: m.Line(c.Is)}
	}
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
