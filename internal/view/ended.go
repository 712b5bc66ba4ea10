package view

import (
	"sync"

	"github.com/pawlrun/pawl"
)

// maxEnded is of how many runs that have ended it is kept what they took.
const maxEnded = 10_000

// endedRuns keeps what runs took that have ended: a list is asked for again and
// again, and reading their histories is most of its work. It is for concurrent use.
type endedRuns struct {
	mu  sync.Mutex
	all map[pawl.RunID]endedRun
}

type endedRun struct {
	created, updated pawl.Time // or it is another run that has the id now
	usage            pawl.UsageRecord
}

// usage returns what a run took; nil: it is not known.
func (e *endedRuns) usage(r pawl.RunSummary) *pawl.UsageRecord {
	e.mu.Lock()
	defer e.mu.Unlock()
	kept, ok := e.all[r.ID]
	if !ok || !kept.created.Equal(r.CreatedAt.Time) || !kept.updated.Equal(r.UpdatedAt.Time) {
		return nil
	}
	return &kept.usage
}

// keep keeps what a run took that was listed so, if nothing comes after.
func (e *endedRuns) keep(r pawl.RunSummary, rec pawl.RunRecord) {
	if !isOver(rec) || !rec.UpdatedAt.Equal(r.UpdatedAt.Time) {
		return
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.all == nil || len(e.all) >= maxEnded {
		e.all = map[pawl.RunID]endedRun{}
	}
	e.all[r.ID] = endedRun{r.CreatedAt, r.UpdatedAt, rec.Usage}
}

// isOver reports whether a run has ended for good.
func isOver(r pawl.RunRecord) bool {
	return r.Status == pawl.StatusDone || r.Status == pawl.StatusCanceled || r.Status == pawl.StatusFailed && r.Error != nil && r.Error.Final
}
