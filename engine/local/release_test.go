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

// keeping is a journal that takes no claim back for some time.
type keeping struct {
	*journal.Memory
	fails int // how often
}

func (k *keeping) Release(ctx context.Context, c *journal.Claim) error {
	if k.fails--; k.fails >= 0 {
		return &pawl.Error{Kind: pawl.ErrStorage, Message: "disk I/O error"}
	}
	return k.Memory.Release(ctx, c)
}

// Who follows a run comes to its end, also if the journal keeps its claim.
func TestFollowersEndWithAKeptClaim(t *testing.T) {
	for _, replies := range []any{"fine", pawl.ErrGate} {
		synctest.Test(t, func(t *testing.T) {
			m := &script{latency: time.Second, replies: map[string][]any{"c": {replies}}}
			e := newEngine(&keeping{checktest.Memory(t), 1 << 30}, m)
			id := start(t, e, abc)
			rec := follow(t, e, id)
			want := pawl.StatusDone
			if replies != "fine" {
				want = pawl.StatusFailed
			}
			if rec.Status != want {
				t.Errorf("run is %s, wants %s", rec.Status, want)
			}
		})
	}
}

// A run that gave up its memory for a timer goes on when its time has come, also
// if its claim was not taken back at first; if it never is, that is told.
func TestKeptClaimOfASleeper(t *testing.T) {
	f := pawl.New("nap", "Sleeps.", func(r *pawl.Run, in topic) (string, error) {
		pawl.Sleep(r, "nap", time.Hour)
		return pawl.Ask(r, "a", text("A")), nil
	})
	synctest.Test(t, func(t *testing.T) {
		e := newEngine(&keeping{checktest.Memory(t), 1}, &script{})
		if rec := finish(t, e, f); rec.Status != pawl.StatusDone {
			t.Errorf("run is %s", rec.Status)
		}
	})
	synctest.Test(t, func(t *testing.T) { // the claim is kept when the run is done
		j := &keeping{checktest.Memory(t), 0}
		e := newEngine(j, &script{})
		id := start(t, e, f)
		time.Sleep(time.Minute)
		j.fails = 1 << 30
		if rec := follow(t, e, id); rec.Status != pawl.StatusDone {
			t.Errorf("run is %s", rec.Status)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		e := newEngine(&keeping{checktest.Memory(t), 1 << 30}, &script{})
		var last error
		for _, last = range e.Events(t.Context(), start(t, e, f), 0) {
			_ = last
		}
		if !errors.Is(last, pawl.ErrStorage) {
			t.Errorf("followed to %v, wants why it is not woken", last)
		}
	})
}

// A worker whose journal fails ends and says so: while it lives, nobody else may
// take what it holds.
func TestWorkEndsWithItsJournal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := &keeping{checktest.Memory(t), 1 << 30}
		e := newEngine(j, &script{}, abc)
		enqueue(t, e, abc)
		if err := e.Work(t.Context(), nil); !errors.Is(err, pawl.ErrStorage) {
			t.Errorf("Work ends with %v", err)
		}
	})
}
