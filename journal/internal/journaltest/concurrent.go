package journaltest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/journal"
)

func concurrentRuns(t *testing.T, b bench) {
	const runs, batches = 40, 10
	shared := []byte("the same blob in every run")
	var wg sync.WaitGroup
	for i := range runs {
		wg.Go(func() {
			id := pawl.RunID(fmt.Sprintf("r%02d", i))
			c, err := b.j.Create(b.ctx(), newRun(id), []journal.Draft{created()})
			if err != nil {
				t.Error(err)
				return
			}
			for k := range batches {
				key := pawl.Key(fmt.Sprintf("step#%d", k))
				_, err := b.j.Append(b.ctx(), c, journal.Batch{Drafts: []journal.Draft{note("x"), result(key, "1")}, Blobs: [][]byte{shared}})
				if err != nil {
					t.Error(err)
					return
				}
				// Some do what is refused; nobody else may notice.
				if k == 5 && i%8 == 0 {
					lost := *c
					if _, err := b.j.Append(b.ctx(), &lost, batch(result(key, "2"))); err == nil {
						t.Error("a second result was taken")
					}
				}
				if events, err := b.j.Read(b.ctx(), id, c.Seq-1, 0); err != nil || len(events) != 1 || events[0].Hash != c.Hash {
					t.Errorf("own append is not there: %v, %v", events, err)
				}
			}
			if i%2 == 0 {
				if err := b.j.Release(b.ctx(), c); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	rows := b.runs(pawl.RunFilter{})
	if len(rows) != runs {
		t.Fatalf("%d runs, want %d", len(rows), runs)
	}
	for _, row := range rows {
		if row.LastSeq != 2+2*batches {
			t.Errorf("run %q ends at %d", row.ID, row.LastSeq)
		}
	}
}

func concurrentClaims(t *testing.T, b bench) {
	c := b.create("r1")
	if err := b.j.Release(b.ctx(), c); err != nil {
		t.Fatal(err)
	}
	var won atomic.Int64
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			c, err := b.j.Claim(b.ctx(), "r1", false)
			if err != nil {
				b.want(err, pawl.ErrConflict)
				return
			}
			won.Add(1)
			if _, err := b.j.Append(b.ctx(), c, batch(note("mine"))); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if won.Load() != 1 {
		t.Errorf("%d claims won", won.Load())
	}
}

func concurrentTake(t *testing.T, b bench) {
	b.create("r1")
	const takers, appends = 8, 20
	var wg sync.WaitGroup
	var stored atomic.Int64
	for range takers {
		wg.Go(func() {
			c, err := b.j.Claim(b.ctx(), "r1", true)
			if err != nil {
				t.Error(err)
				return
			}
			for range appends {
				_, err := b.j.Append(b.ctx(), c, batch(note("x")))
				if errors.Is(err, journal.ErrLost) {
					return
				}
				if err != nil {
					t.Error(err)
					return
				}
				stored.Add(1)
			}
		})
	}
	wg.Wait()
	b.wantLen("r1", 2+takers+int(stored.Load()))
}

func canceled(t *testing.T, b bench) {
	c := b.create("r1")
	ctx, cancel := context.WithCancel(b.ctx())
	cancel()
	_, created := b.j.Create(ctx, newRun("r2"), []journal.Draft{created()})
	_, claimed := b.j.Claim(ctx, "r1", true)
	_, appended := b.j.Append(ctx, c, batch(note("x")))
	released := b.j.Release(ctx, c)
	_, read := b.j.Read(ctx, "r1", 0, 0)
	_, listed := b.j.Runs(ctx, pawl.RunFilter{})
	_, changed := b.j.Changes(ctx, 0)
	_, blob := b.j.(journal.Blobs).Blob(ctx, journal.Digest(nil))
	_, submitted := b.commands().Submit(ctx, journal.Command{Run: "r1", Decision: approve("a")})
	_, pending := b.commands().Pending(ctx, "r1")
	_, _, outcome := b.commands().Handled(ctx, 1)
	_, open := b.commands().OpenBlockers(ctx, pawl.RunFilter{})
	for i, err := range []error{created, claimed, appended, released, read, listed, changed, blob, submitted, pending, outcome, open} {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("call %d: got %v, want context.Canceled", i, err)
		}
		b.want(err, pawl.ErrStorage)
	}
	b.wantLen("r1", 2)
	b.wantPending("r1", "")
	if !b.row("r1").Held || len(b.runs(pawl.RunFilter{})) != 1 {
		t.Error("a canceled call had an effect")
	}
}
