package view

import (
	"sync"

	"github.com/pawlrun/pawl"
)

// maxUsages is of how many runs it is kept what they took.
const maxUsages = 10_000

// usages keeps what runs took, up to their last event: a list is asked for again and again,
// and reading their histories is most of its work. It is for concurrent use.
type usages struct {
	mu  sync.Mutex
	all map[pawl.RunID]keptUsage
}

type keptUsage struct {
	created pawl.Time // or it is another run that has the id now
	last    pawl.Seq  // the run's last event
	usage   pawl.UsageRecord
}

// of returns what a run took that is listed so; nil: it is not known.
func (u *usages) of(r pawl.RunSummary) *pawl.UsageRecord {
	u.mu.Lock()
	defer u.mu.Unlock()
	kept, ok := u.all[r.ID]
	if !ok || kept.last != r.LastSeq || !kept.created.Equal(r.CreatedAt.Time) {
		return nil
	}
	return &kept.usage
}

// keep keeps what a run took. Where it does not say how far it is, nothing is kept.
func (u *usages) keep(rec pawl.RunRecord) {
	if rec.LastSeq == 0 {
		return
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.all == nil {
		u.all = map[pawl.RunID]keptUsage{}
	}
	if _, ok := u.all[rec.ID]; !ok && len(u.all) >= maxUsages {
		for id := range u.all { // which one is left to chance, since lists go over runs in turn
			delete(u.all, id)
			break
		}
	}
	u.all[rec.ID] = keptUsage{rec.CreatedAt, rec.LastSeq, rec.Usage}
}
