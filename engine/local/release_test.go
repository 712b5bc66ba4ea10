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

// stubborn is a journal that once fails to take a claim back, with the last
// events and then without.
type stubborn struct {
	journal.Journal
	failed, refused bool
}

func (s *stubborn) Append(ctx context.Context, c *journal.Claim, b journal.Batch) ([]pawl.Event, error) {
	if b.Release && !s.refused {
		s.refused = true
		return nil, errors.New("disk full")
	}
	return s.Journal.Append(ctx, c, b)
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
		m := &script{Latency: time.Second, Replies: map[string][]any{"b": {pawl.ErrGate}}}
		e := newEngine(&stubborn{Journal: checktest.Memory(t)}, m)
		id := start(t, e, abc)
		time.Sleep(time.Minute)
		rec, err := e.Get(t.Context(), id)
		if err != nil || rec.Status != pawl.StatusRunning { // it is held still
			t.Fatalf("%s, %v", rec.Status, err)
		}
		resume(t, e, id)
		if rec = follow(t, e, id); rec.Status != pawl.StatusDone || m.Calls("a") != 1 {
			t.Errorf("%s", rec.Status)
		}
	})
}

// failing is a journal whose disk fails when a run comes to rest.
type failing struct{ *journal.Memory }

func (f failing) Append(ctx context.Context, c *journal.Claim, b journal.Batch) ([]pawl.Event, error) {
	if b.Release {
		return nil, &pawl.Error{Kind: pawl.ErrStorage, Message: "disk I/O error"}
	}
	return f.Memory.Append(ctx, c, b)
}

// A worker whose journal fails ends and says so: while it lives, nobody else may
// take what it holds.
func TestWorkEndsWithItsJournal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newEngine(failing{checktest.Memory(t)}, &script{}, abc)
		enqueue(t, e, abc)
		if err := e.Work(t.Context(), nil); !errors.Is(err, pawl.ErrStorage) {
			t.Errorf("Work ends with %v", err)
		}
	})
}

// TestJournalFailureEndsTheRun: a run whose journal fails stops, whoever follows
// it is told why, and it goes on once the journal works again.
func TestJournalFailureEndsTheRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		mem := checktest.Memory(t)
		m := &script{Latency: time.Second}
		e := newEngine(&crashing{Journal: mem, left: 3}, m, abc)
		id := start(t, e, abc)
		var last error
		for _, err := range e.Events(t.Context(), id, 0) {
			last = err
		}
		if !errors.Is(last, errCrash) {
			t.Fatalf("followers are told %v", last)
		}
		if rec, err := e.Get(t.Context(), id); err != nil || rec.Status != pawl.StatusQueued {
			t.Errorf("status %s, %v", rec.Status, err)
		}
		e = newEngine(mem, m, abc)
		resume(t, e, id)
		if rec := follow(t, e, id); rec.Status != pawl.StatusDone {
			t.Errorf("status %s", rec.Status)
		}
	})
}

// sick is a journal whose disk fails for good from some moment on, but for reading and
// for a claim.
type sick struct {
	*journal.Memory
	from time.Time
}

func (s sick) Append(ctx context.Context, c *journal.Claim, b journal.Batch) ([]pawl.Event, error) {
	if time.Now().After(s.from) {
		return nil, &pawl.Error{Kind: pawl.ErrStorage, Message: "disk I/O error"}
	}
	return s.Memory.Append(ctx, c, b)
}

func (s sick) Release(ctx context.Context, c *journal.Claim) error {
	if time.Now().After(s.from) {
		return &pawl.Error{Kind: pawl.ErrStorage, Message: "disk I/O error"}
	}
	return s.Memory.Release(ctx, c)
}

// Whoever follows a run that has slept is told of it if the run cannot go on when it is
// woken, though its claim cannot be given back.
func TestFollowersOfAWokenRunHearOfItsJournal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := pawl.New("f", "F.", func(r *pawl.Run, in topic) (string, error) {
			pawl.Sleep(r, "night", time.Hour)
			return pawl.Ask(r, "a", text("A")), nil
		})
		e := newEngine(sick{checktest.Memory(t), time.Now().Add(time.Minute)}, &script{}, f)
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Hour)
		defer cancel()
		var err error
		for ev, e := range e.Events(ctx, start(t, e, f), 0) {
			if err = e; ev.Type == pawl.EventReleased {
				time.Sleep(2 * time.Hour) // whoever is slow sees the one execution, and not that there was another
			}
		}
		if !errors.Is(err, pawl.ErrStorage) {
			t.Errorf("Events end with %v", err)
		}
	})
}
