package local_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/local"
	"github.com/pawlrun/pawl/internal/checktest"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/llm"
)

// A process that ends right after it has claimed a run has changed nothing: the
// record, the list and the inbox agree, and a paused run is not gone on with.
func TestClaimAloneChangesNothing(t *testing.T) {
	j, m := checktest.Memory(t), &script{}
	f := pawl.New("f", "Asks a person, then a model.", func(r *pawl.Run, in topic) (string, error) {
		pawl.Approve(r, "ok", "x", pawl.Asking{Question: "OK?"})
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
		checkStanding(t, e, now)
	}
	if err := e.Record(t.Context(), rec.ID, pawl.Decision{Key: "ok", What: pawl.DecideApprove, Who: "anna"}); err != nil {
		t.Fatal(err)
	}
	if err := e.Work(t.Context(), &local.WorkOptions{Drain: true}); err != nil {
		t.Fatal(err)
	}
	if rec = status(t, e, rec.ID); rec.Status != pawl.StatusPaused || len(rec.Decisions) != 1 || m.calls("b") != 0 {
		t.Errorf("run is %s (%s) with %d decisions after %d calls", rec.Status, rec.Reason, len(rec.Decisions), m.calls("b"))
	}
}

// Code that takes a deadline back, or sets one, has the person asked anew; a run
// is not woken for a deadline that is none any more.
func TestDeadlineTakenBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		asking := func(q pawl.Asking) pawl.Flow {
			q.Question = "OK?"
			return pawl.New("f", "Asks.", func(r *pawl.Run, in topic) (bool, error) { return pawl.Approve(r, "ok", "x", q).Expired, nil })
		}
		within := asking(pawl.Asking{Deadline: time.Hour, Default: pawl.DecideApprove})
		whenever := asking(pawl.Asking{})
		j := checktest.Memory(t)
		rec := finish(t, newEngine(j, &script{}), within)
		change := func(f pawl.Flow) (*local.Engine, pawl.RunRecord) {
			e := newEngine(j, &script{}, f)
			resume(t, e, rec.ID)
			time.Sleep(time.Second)
			synctest.Wait()
			return e, status(t, e, rec.ID)
		}
		e, now := change(whenever)
		if now.Status != pawl.StatusWaiting || now.Blockers[0].Deadline != nil {
			t.Errorf("run is %s (%s), %+v", now.Status, now.Reason, now.Blockers)
		}
		time.Sleep(3 * time.Hour)
		synctest.Wait()
		if again := status(t, e, rec.ID); again.LastSeq > now.LastSeq+4 {
			t.Fatalf("%d events while nothing is to happen", again.LastSeq-now.LastSeq)
		}
		e.Close(t.Context())
		e, now = change(within)
		if now.Status != pawl.StatusWaiting || now.Blockers[0].Deadline == nil || !now.Blockers[0].Deadline.After(time.Now()) {
			t.Errorf("run is %s (%s), %+v", now.Status, now.Reason, now.Blockers)
		}
		time.Sleep(time.Hour)
		synctest.Wait()
		if now = status(t, e, rec.ID); now.Status != pawl.StatusDone || string(now.Output) != "true" {
			t.Errorf("run is %s (%s)", now.Status, now.Reason)
		}
		e.Close(t.Context())
	})
}

// What the journal cannot hold fails the run, which says so, instead of leaving
// it to be taken up for ever.
func TestOversizedQuestions(t *testing.T) {
	long := strings.Repeat("x", journal.MaxValueBytes)
	for name, f := range map[string]pawl.Flow{
		"proposal": pawl.New("f", "Asks.", func(r *pawl.Run, in topic) (bool, error) {
			return pawl.Approve(r, "ok", long, pawl.Asking{Question: "OK?"}).Approved, nil
		}),
		"question": pawl.New("f", "Asks.", func(r *pawl.Run, in topic) (bool, error) {
			return pawl.Approve(r, "ok", "x", pawl.Asking{Question: long}).Approved, nil
		}),
		"default": pawl.New("f", "Asks.", func(r *pawl.Run, in topic) (string, error) {
			return pawl.Input[string](r, "ok", pawl.Asking{Question: "What?", Deadline: time.Hour, Default: long}), nil
		}),
	} {
		t.Run(name, func(t *testing.T) {
			if testing.Short() && name != "question" {
				t.Skip("takes long under the race detector")
			}
			e := newEngine(checktest.Memory(t), &script{})
			rec := finish(t, e, f)
			if rec.Status != pawl.StatusFailed || !strings.Contains(rec.Reason, "the journal holds at most") {
				t.Errorf("run is %s (%.200s)", rec.Status, rec.Reason)
			}
			checkStanding(t, e, rec)
		})
	}
	e := newEngine(checktest.Memory(t), &script{})
	rec := finish(t, e, publish)
	err := e.Decide(t.Context(), rec.ID, pawl.Decision{Key: "publish", What: pawl.DecideApprove, Who: long})
	refused(t, err, pawl.ErrInput, "who")
	decide(t, e, rec.ID, pawl.Decision{Key: "publish", What: pawl.DecideApprove, Comment: long})
	if rec = follow(t, e, rec.ID); rec.Status != pawl.StatusDone {
		t.Errorf("run is %s (%.200s)", rec.Status, rec.Reason)
	}
	rec = finish(t, e, publish)
	refused(t, e.Direct(t.Context(), rec.ID, pawl.Directive{What: pawl.DirectGuide, Text: "x", Who: long}), pawl.ErrInput, "who")
}

// delaying is a journal that, once told to, holds what it has read of the posts
// of this process back.
type delaying struct {
	*journal.Memory
	read    chan struct{} // has an element when some were read
	deliver chan struct{} // then they are handed out
	mu      sync.Mutex
	on      bool
}

func (d *delaying) Pending(ctx context.Context, run pawl.RunID) ([]journal.Command, error) {
	posts, err := d.Memory.Pending(ctx, run)
	d.mu.Lock()
	holds := d.on && run == "" && len(posts) > 0
	d.on = d.on && !holds
	d.mu.Unlock()
	if holds {
		d.read <- struct{}{}
		<-d.deliver
	}
	return posts, err
}

// A post that was read by one activation of a run and heard by the next is
// carried out once.
func TestPostHeardLate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &delaying{Memory: checktest.Memory(t), read: make(chan struct{}), deliver: make(chan struct{}), on: true}
		m := &script{latency: time.Minute}
		f := pawl.New("f", "Asks models and a person.", func(r *pawl.Run, in topic) (string, error) {
			pawl.Ask(r, "a", text("A"))
			pawl.Approve(r, "ok", "x", pawl.Asking{Question: "OK?"})
			return pawl.Ask(r, "b", text("B")), nil
		})
		e := newEngine(d, m, f)
		id := start(t, e, f)
		time.Sleep(time.Second)
		n, err := d.Submit(t.Context(), journal.Command{Run: id, Directive: &pawl.Directive{What: pawl.DirectGuide, Text: "Be kind.", Who: "anna"}})
		if err != nil {
			t.Fatal(err)
		}
		<-d.read // the listener has it, and is slow
		time.Sleep(2 * time.Minute)
		if rec := status(t, e, id); rec.Status != pawl.StatusWaiting {
			t.Fatalf("run is %s (%s)", rec.Status, rec.Reason)
		}
		if err := e.Work(t.Context(), &local.WorkOptions{Drain: true}); err != nil { // carries it out
			t.Fatal(err)
		}
		if done, _, err := d.Handled(t.Context(), n); !done || err != nil {
			t.Fatalf("the post is not settled: %v", err)
		}
		decide(t, e, id, pawl.Decision{Key: "ok", What: pawl.DecideApprove})
		time.Sleep(time.Second)
		d.deliver <- struct{}{}
		rec := follow(t, e, id)
		if rec.Status != pawl.StatusDone || len(rec.Guidance) != 1 {
			t.Errorf("run is %s (%s), guidance %+v", rec.Status, rec.Reason, rec.Guidance)
		}
		e.Close(t.Context())
	})
}

// While the flow itself stands still nothing else of it can be decided, and the
// refusal says so; once it is mended all goes on.
func TestDecideBesideABug(t *testing.T) {
	bug := true
	f := pawl.New("f", "Asks beside a bug.", func(r *pawl.Run, in topic) (string, error) {
		pawl.Parallel(r, "p",
			pawl.In("a", func(r *pawl.Run) error {
				pawl.Approve(r, "ok", "x", pawl.Asking{Question: "OK?"})
				pawl.Approve(r, "sure", "x", pawl.Asking{Question: "Sure?"})
				return nil
			}),
			pawl.In("b", func(r *pawl.Run) error {
				pawl.Ask(r, "s", text("S"))
				if bug {
					return errors.New("a bug")
				}
				return nil
			}))
		return pawl.Ask(r, "b", text("B")), nil
	})
	e := newEngine(checktest.Memory(t), &script{})
	rec := finish(t, e, f)
	if rec.Status != pawl.StatusFailed || len(rec.Blockers) != 2 {
		t.Fatalf("run is %s (%s), %+v", rec.Status, rec.Reason, rec.Blockers)
	}
	checkStanding(t, e, rec)
	for range 2 { // whether the bug is there or not
		refused(t, e.Decide(t.Context(), rec.ID, pawl.Decision{Key: "p/a/ok", What: pawl.DecideApprove}), pawl.ErrConflict, "the flow itself")
		bug = false
	}
	if now := status(t, e, rec.ID); now.LastSeq != rec.LastSeq {
		t.Errorf("a refused decision added %d events", now.LastSeq-rec.LastSeq)
	}
	decide(t, e, rec.ID, pawl.Decision{What: pawl.DecideRetry})
	for _, key := range []pawl.Key{"p/a/ok", "p/a/sure"} {
		if rec = follow(t, e, rec.ID); rec.Status != pawl.StatusWaiting || len(rec.Blockers) != 1 {
			t.Fatalf("run is %s (%s), %+v", rec.Status, rec.Reason, rec.Blockers)
		}
		decide(t, e, rec.ID, pawl.Decision{Key: key, What: pawl.DecideApprove})
	}
	if rec = follow(t, e, rec.ID); rec.Status != pawl.StatusDone {
		t.Errorf("run is %s (%s)", rec.Status, rec.Reason)
	}
}

// Asks that are held back since the provider refuses the account keep no deadline
// from passing.
func TestDeadlineBesideRefusedAccount(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &script{replies: map[string][]any{"t": {&llm.Error{Kind: llm.Auth, Message: "no"}}}}
		f := pawl.New("f", "Asks a person beside a model.", func(r *pawl.Run, in topic) (bool, error) {
			_, _ = pawl.TryAsk(r, "t", text("T"))
			expired := false
			pawl.Parallel(r, "p",
				pawl.In("a", func(r *pawl.Run) error {
					expired = pawl.Approve(r, "ok", "x", pawl.Asking{Question: "OK?", Deadline: time.Hour, Default: pawl.DecideApprove}).Expired
					return nil
				}),
				pawl.In("b", func(r *pawl.Run) error { pawl.Ask(r, "s", text("S")); return nil }))
			return expired, nil
		})
		e := newEngine(checktest.Memory(t), m)
		id := start(t, e, f)
		synctest.Wait()
		checkRest(t, status(t, e, id))
		time.Sleep(2 * time.Hour)
		synctest.Wait()
		rec := status(t, e, id)
		if len(rec.Decisions) != 1 || !rec.Decisions[0].Expired {
			t.Errorf("run is %s (%s), %+v", rec.Status, rec.Reason, rec.Decisions)
		}
		if rec.Status == pawl.StatusFailed {
			resume(t, e, id)
			rec = follow(t, e, id)
		}
		if rec.Status != pawl.StatusDone || string(rec.Output) != "true" {
			t.Errorf("run is %s (%s), %s", rec.Status, rec.Reason, rec.Output)
		}
		e.Close(t.Context())
	})
}
