package local_test

import (
	"context"
	"encoding/json"
	"errors"
	"path/filepath"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/local"
	"github.com/pawlrun/pawl/internal/checktest"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/journal/sqlite"
)

// delaying is a journal that, once told to, holds what it has read of the commands
// of this process back.
type delaying struct {
	*journal.Memory
	read    chan struct{} // has an element when some were read
	deliver chan struct{} // then they are handed out
	mu      sync.Mutex
	on      bool
}

func (d *delaying) Pending(ctx context.Context, run pawl.RunID) ([]journal.Command, error) {
	read, err := d.Memory.Pending(ctx, run)
	d.mu.Lock()
	holds := d.on && run == "" && len(read) > 0
	d.on = d.on && !holds
	d.mu.Unlock()
	if holds {
		d.read <- struct{}{}
		<-d.deliver
	}
	return read, err
}

// A command that was read by one execution of a run and delivered to the next is
// carried out once.
func TestCommandDeliveredLate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &delaying{Memory: checktest.Memory(t), read: make(chan struct{}), deliver: make(chan struct{}), on: true}
		m := &script{Latency: time.Minute}
		f := pawl.New("f", "Asks models and a person.", func(r *pawl.Run, in topic) (string, error) {
			pawl.Ask(r, "a", text("A"))
			pawl.Approve(r, "ok", "x", "OK?")
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
			t.Fatalf("the command is not handled: %v", err)
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

// One process steers a run that another executes: two handles on one database.
func TestSteerElsewhere(t *testing.T) {
	path := filepath.Join(t.TempDir(), "data")
	gate := make(chan struct{})
	m := &script{}
	f := pawl.New("f", "Holds, then asks.", func(r *pawl.Run, in topic) (string, error) {
		pawl.Do(r, "hold", 1, func(ctx context.Context, n int) (int, error) {
			select {
			case <-gate:
			case <-ctx.Done():
			}
			return n, nil
		})
		return pawl.Ask(r, "b", text("B")), nil
	})
	owner, other := newEngine(openStore(t, path), m, f), newEngine(openStore(t, path), m, f)
	id := start(t, owner, f)
	direct(t, other, id, pawl.Directive{What: pawl.DirectGuide, Text: "Be kind."})
	direct(t, other, id, pawl.Directive{What: pawl.DirectPause})
	if rec := status(t, other, id); rec.Status != pawl.StatusPausing {
		t.Errorf("run is %s (%s)", rec.Status, rec.Reason)
	}
	refused(t, other.Direct(t.Context(), id, pawl.Directive{What: pawl.DirectResume}), pawl.ErrConflict, "process")
	refused(t, other.Decide(t.Context(), id, pawl.Decision{Key: "hold", What: pawl.DecideRetry}), pawl.ErrConflict, "nothing stands in the way")
	close(gate)
	if rec := follow(t, other, id); rec.Status != pawl.StatusPaused || len(rec.Guidance) != 1 {
		t.Errorf("run is %s (%s), guidance %+v", rec.Status, rec.Reason, rec.Guidance)
	}
	direct(t, other, id, pawl.Directive{What: pawl.DirectResume})
	if rec := follow(t, other, id); rec.Status != pawl.StatusDone || rec.Guidance[0].UsedBy[0] != "b" {
		t.Errorf("run is %s (%s), guidance %+v", rec.Status, rec.Reason, rec.Guidance)
	}
}

// A decision that was only recorded is taken by whoever takes the run up. One for each
// blocker is recorded; one whose value the flow does not accept then leaves it open.
func TestRecordedDecisions(t *testing.T) {
	path := filepath.Join(t.TempDir(), "data")
	m := &script{}
	e := newEngine(openStore(t, path), m, publish)
	rec := finish(t, e, publish)
	clerk := newEngine(openStore(t, path), m) // knows no flow
	refused(t, clerk.Record(t.Context(), rec.ID, pawl.Decision{Key: "no", What: pawl.DecideApprove}), pawl.ErrConflict, "nothing stands")
	record := func(d pawl.Decision) error { return clerk.Record(t.Context(), rec.ID, d) }
	refused(t, record(pawl.Decision{Key: "publish", What: pawl.DecideApprove, Who: "bob", Value: json.RawMessage(`{"title":"","words":1}`)}), pawl.ErrInput, "title: has 0 characters")
	if err := record(pawl.Decision{Key: "publish", What: pawl.DecideApprove, Who: "bob", Value: json.RawMessage(`{"title":"T","words":-1}`)}); err != nil { // a gate says no
		t.Fatal(err)
	}
	if err := e.Work(t.Context(), &local.WorkOptions{Drain: true}); err != nil {
		t.Fatal(err)
	}
	if rec := status(t, e, rec.ID); rec.Status != pawl.StatusWaiting || len(rec.Blockers) != 1 || len(rec.Decisions) != 0 {
		t.Fatalf("run is %s (%s), decisions %+v", rec.Status, rec.Reason, rec.Decisions)
	}
	if err := record(pawl.Decision{Key: "publish", What: pawl.DecideApprove, Who: "anna"}); err != nil {
		t.Fatal(err)
	}
	err := record(pawl.Decision{Key: "publish", What: pawl.DecideReject, Who: "carl"})
	refused(t, err, pawl.ErrConflict, "approve by anna at ")
	refused(t, err, pawl.ErrConflict, "and it waits to be asked")
	if rec := status(t, clerk, rec.ID); rec.Status != pawl.StatusQueued || rec.Reason != "publish: decided by anna, waits to be asked" ||
		len(rec.Decisions) != 1 || !rec.Decisions[0].Waits || len(rec.Blockers) != 0 {
		t.Errorf("run is %s (%s), %+v", rec.Status, rec.Reason, rec.Decisions)
	}
	if inbox, err := clerk.Inbox(t.Context(), pawl.RunFilter{}); err != nil || len(inbox) != 0 {
		t.Errorf("inbox %+v, %v", inbox, err)
	}
	if err := e.Work(t.Context(), &local.WorkOptions{Drain: true}); err != nil {
		t.Fatal(err)
	}
	rec = status(t, e, rec.ID)
	if rec.Status != pawl.StatusDone || string(rec.Output) != `"answe by anna"` || len(rec.Decisions) != 1 || rec.Decisions[0].Waits || rec.Decisions[0].Unused {
		t.Errorf("run is %s (%s), %s, decisions %+v", rec.Status, rec.Reason, rec.Output, rec.Decisions)
	}
}

// What was recorded is also carried out by whoever resumes the run or decides on
// something else in it, and before that.
func TestRecordedIsTakenUpByHand(t *testing.T) {
	two := pawl.New("two", "Asks twice at once.", func(r *pawl.Run, in topic) (string, error) {
		var a, b pawl.Approval[string]
		pawl.Parallel(r, "ask",
			pawl.Go("a", func(r *pawl.Run) error {
				a = pawl.Approve(r, "ok", "a", "A?")
				return nil
			}),
			pawl.Go("b", func(r *pawl.Run) error {
				b = pawl.Approve(r, "ok", "b", "B?")
				return nil
			}))
		return a.Who + b.Who, nil
	})
	for name, goOn := range map[string]func(*local.Engine, pawl.RunID) error{
		"resume": func(e *local.Engine, id pawl.RunID) error {
			return e.Direct(t.Context(), id, pawl.Directive{What: pawl.DirectResume, Who: "carl"})
		},
		"decide": func(e *local.Engine, id pawl.RunID) error {
			return e.Decide(t.Context(), id, pawl.Decision{Key: "ask/b/ok", What: pawl.DecideApprove, Who: "bob"})
		},
	} {
		t.Run(name, func(t *testing.T) {
			e := newEngine(checktest.Memory(t), &script{}, two)
			rec := finish(t, e, two)
			if err := e.Record(t.Context(), rec.ID, pawl.Decision{Key: "ask/a/ok", What: pawl.DecideApprove, Who: "anna"}); err != nil {
				t.Fatal(err)
			}
			if err := goOn(e, rec.ID); err != nil {
				t.Fatal(err)
			}
			if rec = follow(t, e, rec.ID); len(rec.Decisions) == 0 || rec.Decisions[0].Who != "anna" {
				t.Errorf("run is %s, decisions %+v", rec.Status, rec.Decisions)
			}
			err := e.Decide(t.Context(), rec.ID, pawl.Decision{Key: "ask/a/ok", What: pawl.DecideReject, Who: "dora"})
			if !errors.Is(err, pawl.ErrConflict) {
				t.Error(err)
			}
		})
	}
}

func openStore(t *testing.T, dir string) journal.Journal {
	t.Helper()
	db, err := sqlite.Open(t.Context(), dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

// Of two decisions that are recorded before anyone takes the run up the second is
// refused, and says whose the first is.
func TestRecordedTwice(t *testing.T) {
	j := checktest.Memory(t)
	m := &script{Replies: map[string][]any{"a": {pawl.ErrGate}}}
	e := newEngine(j, m, twoAsks)
	rec := finish(t, e, twoAsks)
	if rec.Status != pawl.StatusFailed {
		t.Fatalf("run is %s (%s)", rec.Status, rec.Reason)
	}
	record := func(who string) error {
		return e.Record(t.Context(), rec.ID, pawl.Decision{Key: "a", What: pawl.DecideRetry, Who: who})
	}
	if err := record("anna"); err != nil {
		t.Fatal(err)
	}
	refused(t, record("bob"), pawl.ErrConflict, "retry by anna at ")
	if err := e.Work(t.Context(), &local.WorkOptions{Drain: true}); err != nil {
		t.Fatal(err)
	}
	rec = status(t, e, rec.ID)
	if rec.Status != pawl.StatusDone || len(rec.Decisions) != 1 || rec.Decisions[0].Who != "anna" || m.Calls("a") != 2 {
		t.Errorf("run is %s (%s), decisions %+v, %d calls", rec.Status, rec.Reason, rec.Decisions, m.Calls("a"))
	}
}
