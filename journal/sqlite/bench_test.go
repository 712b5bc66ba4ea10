package sqlite

import (
	"fmt"
	"sync"
	"testing"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/journal"
)

// BenchmarkAppend reports durable events per second, each with a body of 1 KiB,
// for different numbers of runs that append at once.
func BenchmarkAppend(b *testing.B) {
	for _, runs := range []int{1, 10, 100} {
		b.Run(fmt.Sprintf("runs=%d", runs), func(b *testing.B) {
			db := openDB(b)
			claims := make([]*journal.Claim, runs)
			for i := range claims {
				claims[i] = createRun(b, db, pawl.RunID(fmt.Sprint("r", i)))
			}
			batch := noteBatch(1 << 10)
			before := db.Stats()
			b.ResetTimer()
			var wg sync.WaitGroup
			for i, c := range claims {
				n := b.N / runs
				if i < b.N%runs {
					n++
				}
				wg.Go(func() {
					for range n {
						if _, err := db.Append(b.Context(), c, batch); err != nil {
							b.Error(err)
							return
						}
					}
				})
			}
			wg.Wait()
			after := db.Stats()
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "events/s")
			b.ReportMetric(float64(after.Events-before.Events)/float64(after.Commits-before.Commits), "events/commit")
		})
	}
}

func BenchmarkRead(b *testing.B) {
	db := openDB(b)
	c := createRun(b, db, "r1")
	for range 100 {
		drafts := make([]journal.Draft, 100)
		for i := range drafts {
			drafts[i] = noteBatch(1 << 10).Drafts[0]
		}
		if _, err := db.Append(b.Context(), c, journal.Batch{Drafts: drafts}); err != nil {
			b.Fatal(err)
		}
	}
	for b.Loop() {
		if events, err := db.Read(b.Context(), "r1", 0, 0); err != nil || len(events) != 10_002 {
			b.Fatal(len(events), err)
		}
	}
}
