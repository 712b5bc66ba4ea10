package local_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/internal/enginetest"
	"github.com/pawlrun/pawl/engine/local"
	"github.com/pawlrun/pawl/internal/checktest"
	"github.com/pawlrun/pawl/llm"
)

// A process that ends right after it has claimed a run has changed nothing: the
// record, the list and the inbox agree, and a paused run is not gone on with.
func TestClaimAloneChangesNothing(t *testing.T) {
	j, m := checktest.Memory(t), &script{}
	f := pawl.New("f", "Asks a person, then a model.", func(r *pawl.Run, in topic) (string, error) {
		pawl.Approve(r, "ok", "x", "OK?")
		return pawl.Ask(r, "b", text("B")), nil
	})
	e := newEngine(j, m, f)
	rec := finish(t, e, f)
	for _, is := range []pawl.Status{pawl.StatusWaiting, pawl.StatusPaused} {
		if is == pawl.StatusPaused {
			direct(t, e, rec.ID, pawl.Directive{What: pawl.DirectPause})
			follow(t, e, rec.ID)
		}
		for range 2 {
			c, err := j.Claim(t.Context(), rec.ID, false)
			if err != nil {
				t.Fatal(err)
			}
			if err := j.Release(t.Context(), c); err != nil {
				t.Fatal(err)
			}
		}
		now := status(t, e, rec.ID)
		if now.Status != is || len(now.Blockers) != 1 {
			t.Errorf("run is %s (%s), wants %s", now.Status, now.Reason, is)
		}
		enginetest.CheckStanding(t, e, now)
	}
	if err := e.Record(t.Context(), rec.ID, pawl.Decision{Key: "ok", What: pawl.DecideApprove, Who: "anna"}); err != nil {
		t.Fatal(err)
	}
	if err := e.Work(t.Context(), &local.WorkOptions{Drain: true}); err != nil {
		t.Fatal(err)
	}
	if rec = status(t, e, rec.ID); rec.Status != pawl.StatusPaused || len(rec.Decisions) != 1 || m.Calls("b") != 0 {
		t.Errorf("run is %s (%s) with %d decisions after %d calls", rec.Status, rec.Reason, len(rec.Decisions), m.Calls("b"))
	}
}

// TestTakenRunCannotAppend: a holder that lost its run writes nothing more.
func TestTakenRunCannotAppend(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := checktest.Memory(t)
		slow, quick := &script{Latency: time.Hour}, &script{Latency: time.Second}
		first := newEngine(j, slow, abc)
		id := start(t, first, abc)
		synctest.Wait()
		second := newEngine(j, quick, abc)
		if err := second.Direct(t.Context(), id, pawl.Directive{What: pawl.DirectResume, Who: "me"}); !errors.Is(err, pawl.ErrConflict) {
			t.Fatalf("a held run was resumed: %v", err)
		}
		if err := second.Direct(t.Context(), id, pawl.Directive{What: pawl.DirectResume, Who: "me", Take: true}); err != nil {
			t.Fatal(err)
		}
		rec := follow(t, second, id)
		if rec.Status != pawl.StatusDone || rec.Steps[0].Attempts[0].Outcome != pawl.OutcomeUnknown {
			t.Fatalf("%s %+v", rec.Status, rec.Steps[0].Attempts)
		}
		time.Sleep(2 * time.Hour) // the first holder's call ends, and its append is refused
		synctest.Wait()
		if again := follow(t, second, id); again.UpdatedAt != rec.UpdatedAt {
			t.Errorf("the first holder wrote at %v, after the end at %v", again.UpdatedAt, rec.UpdatedAt)
		}
	})
}

// TestAFinishedRunIsNotClaimed: resuming what is done is refused and adds
// nothing.
func TestAFinishedRunIsNotClaimed(t *testing.T) {
	e := newEngine(checktest.Memory(t), &script{})
	rec := finish(t, e, abc)
	err := e.Direct(t.Context(), rec.ID, pawl.Directive{What: pawl.DirectResume})
	if !errors.Is(err, pawl.ErrConflict) || !strings.Contains(err.Error(), "is done") {
		t.Errorf("resumed: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var pe *pawl.Error
	if _, err := e.Start(ctx, abc, json.RawMessage(`{}`), nil); !errors.As(err, &pe) {
		t.Errorf("error %T", err)
	}
}

// TestConcurrentResumes: of many at once all succeed, and nothing is made twice.
func TestConcurrentResumes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &script{Latency: time.Second, Replies: map[string][]any{"b": {&llm.Error{Kind: llm.Refused}}}}
		e := newEngine(checktest.Memory(t), m)
		rec := finish(t, e, abc)
		var wg sync.WaitGroup
		for i := range 8 {
			wg.Go(func() {
				if err := e.Direct(t.Context(), rec.ID, pawl.Directive{What: pawl.DirectResume, Take: i%2 == 0}); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if rec = follow(t, e, rec.ID); rec.Status != pawl.StatusDone || m.Calls("b") != 2 || m.Calls("c") != 1 || len(rec.Decisions) != 1 {
			t.Errorf("%s, %d and %d calls, %d decisions", rec.Status, m.Calls("b"), m.Calls("c"), len(rec.Decisions))
		}
	})
}
