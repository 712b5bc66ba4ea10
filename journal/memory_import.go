package journal

import (
	"context"
	"fmt"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/journal/internal/refusal"
)

// Import implements Importer.
func (m *Memory) Import(ctx context.Context, run Imported) (there bool, err error) {
	digests, err := run.Digests()
	if err != nil {
		return false, err
	}
	return changing(ctx, m, fmt.Sprintf("import run %q", run.ID), func() (bool, error) {
		last := run.Events[len(run.Events)-1]
		if r := m.runs[run.ID]; r != nil {
			if r.last.Hash != last.Hash {
				return false, refusal.OtherHistory(run.ID)
			}
			return true, nil
		}
		m.keep(digests, run.Blobs)
		r := &memoryRun{NewRun: run.NewRun, imported: true, results: map[pawl.Key]bool{}, events: copyEvents(run.Events),
			last: Claim{Run: run.ID, Seq: last.Seq, Hash: last.Hash, At: last.At}}
		r.NewRun.Blobs, r.Queued = nil, false
		m.runs[run.ID] = r
		m.order = append(m.order, r)
		m.placed(r)
		return false, nil
	})
}
