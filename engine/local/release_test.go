package local_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/checktest"
	"github.com/pawlrun/pawl/journal"
)

// stubborn is a journal that once fails to take a claim back.
type stubborn struct {
	journal.Journal
	failed bool
}

func (s *stubborn) Release(ctx context.Context, c *journal.Claim) error {
	if !s.failed {
		s.failed = true
		return errors.New("disk full")
	}
	return s.Journal.Release(ctx, c)
}

// TestFailedReleaseDoesNotStrandTheRun: a claim that the journal did not take
// back is given back when the run is resumed, in the same process.
func TestFailedReleaseDoesNotStrandTheRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &script{latency: time.Second, replies: map[string][]any{"b": {pawl.ErrGate}}}
		e := newEngine(&stubborn{Journal: checktest.Memory(t)}, m)
		id := start(t, e, abc)
		time.Sleep(time.Minute)
		rec, err := e.Get(t.Context(), id)
		if err != nil || rec.Status != pawl.StatusFailed {
			t.Fatalf("%s, %v", rec.Status, err)
		}
		resume(t, e, id)
		if rec = follow(t, e, id); rec.Status != pawl.StatusDone || m.calls("a") != 1 {
			t.Errorf("%s", rec.Status)
		}
	})
}
