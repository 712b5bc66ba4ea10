package temporal

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.temporal.io/sdk/worker"
)

// draining is a worker that stops when all of its kind are being stopped, as if their calls were
// to end then.
type draining struct {
	worker.Worker
	all *sync.WaitGroup
}

func (d draining) Stop() {
	d.all.Done()
	d.all.Wait()
}

// TestCloseStopsAllAtOnce: while one of a process's workers lets its calls end, no other takes more;
// and what is in flight is cut when the time is over.
func TestCloseStopsAllAtOnce(t *testing.T) {
	for _, stuck := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			var all sync.WaitGroup
			all.Add(2)
			cut := func() {}
			if stuck {
				all.Add(1)
				cut = sync.OnceFunc(all.Done)
			}
			e := over(nil, newSettings(t.Context(), Options{}), "one")
			e.workers = []member{{draining{all: &all}, cut}, {draining{all: &all}, cut}}
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			began := time.Now()
			if err := e.Close(ctx); err != nil {
				t.Error(err)
			}
			if took := time.Since(began); stuck != (took == time.Minute) {
				t.Errorf("stuck %v: closed after %s", stuck, took)
			}
		})
	}
}
