package local_test

import (
	"context"
	"encoding/json"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/local"
	"github.com/pawlrun/pawl/internal/checktest"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/journal/sqlite"
)

func direct(t *testing.T, e pawl.Engine, id pawl.RunID, d pawl.Directive) {
	t.Helper()
	if d.Who == "" {
		d.Who = "anna"
	}
	if err := e.Direct(t.Context(), id, d); err != nil {
		t.Fatal(err)
	}
}

var twoAsks = pawl.New("two", "Asks twice.", func(r *pawl.Run, in topic) (string, error) {
	pawl.Ask(r, "a", text("A"))
	return pawl.Ask(r, "b", text("B")), nil
})

// What a call brings after the cancel is kept, and nothing goes on from it.
func TestCancelWhileInFlight(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &script{latency: time.Minute}
		e := newEngine(checktest.Memory(t), m)
		id := start(t, e, twoAsks)
		time.Sleep(time.Second)
		direct(t, e, id, pawl.Directive{What: pawl.DirectCancel, Text: "too dear"})
		if rec := status(t, e, id); rec.Status != pawl.StatusCanceling {
			t.Errorf("run is %s (%s)", rec.Status, rec.Reason)
		}
		rec := follow(t, e, id)
		if rec.Status != pawl.StatusCanceled || rec.Reason != "by anna: too dear" || keys(rec) != "a:done" || m.calls("b") != 0 {
			t.Errorf("run is %s (%s), %s", rec.Status, rec.Reason, keys(rec))
		}
		refused(t, e.Direct(t.Context(), id, pawl.Directive{What: pawl.DirectResume}), pawl.ErrConflict, "is canceled")
	})
}

// A run that waits, has failed or is of a flow that nobody has any more can be
// canceled, and its blocker goes with it.
func TestCancelAtRest(t *testing.T) {
	j := checktest.Memory(t)
	e := newEngine(j, &script{})
	waits := finish(t, e, publish)
	m := &script{replies: map[string][]any{"a": {pawl.ErrGate}}}
	e2 := newEngine(j, m)
	failed := finish(t, e2, twoAsks)
	e3 := newEngine(j, m) // knows no flow
	for _, rec := range []pawl.RunRecord{waits, failed} {
		direct(t, e3, rec.ID, pawl.Directive{What: pawl.DirectCancel})
		if rec := follow(t, e3, rec.ID); rec.Status != pawl.StatusCanceled || rec.Reason != "by anna" || len(rec.Blockers) != 0 {
			t.Errorf("run is %s (%s)", rec.Status, rec.Reason)
		}
	}
	if inbox, err := e.Inbox(t.Context(), pawl.RunFilter{}); err != nil || len(inbox) != 0 {
		t.Errorf("inbox %+v, %v", inbox, err)
	}
	refused(t, e.Decide(t.Context(), waits.ID, pawl.Decision{Key: "publish", What: pawl.DecideApprove}), pawl.ErrConflict, "is canceled")
}

// A process that dies between the cancel's word and deed leaves a run that ends
// when it is taken up, without another call.
func TestCancelSurvives(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &script{latency: time.Minute}
		j := checktest.Memory(t)
		e := newEngine(j, m, twoAsks)
		id := start(t, e, twoAsks)
		time.Sleep(time.Second)
		direct(t, e, id, pawl.Directive{What: pawl.DirectCancel})
		e2 := newEngine(j, m, twoAsks)
		direct(t, e2, id, pawl.Directive{What: pawl.DirectCancel}) // posted; the holder is canceling already
		if rec := follow(t, e2, id); rec.Status != pawl.StatusCanceled || m.calls("a") != 1 || m.calls("b") != 0 {
			t.Errorf("run is %s (%s)", rec.Status, rec.Reason)
		}
	})
}

// Guidance is carried by later asks, and stands where it was used.
func TestGuidance(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &script{latency: time.Minute}
		e := newEngine(checktest.Memory(t), m)
		id := start(t, e, twoAsks)
		time.Sleep(time.Second)
		direct(t, e, id, pawl.Directive{What: pawl.DirectGuide, Text: "Write for sailors."})
		rec := follow(t, e, id)
		if rec.Status != pawl.StatusDone || len(rec.Guidance) != 1 {
			t.Fatalf("run is %s (%s), guidance %+v", rec.Status, rec.Reason, rec.Guidance)
		}
		if g := rec.Guidance[0]; g.Text != "Write for sailors." || g.Who != "anna" || len(g.UsedBy) != 1 || g.UsedBy[0] != "b" || g.Unused {
			t.Errorf("guidance %+v", g)
		}
		if a, b := rec.Steps[0].Attempts[0], rec.Steps[1].Attempts[0]; len(a.Guidance) != 0 || len(b.Guidance) != 1 || b.Guidance[0] != "Write for sailors." {
			t.Errorf("attempts carried %q and %q", a.Guidance, b.Guidance)
		}
		sent := m.requests[1].Messages
		if last := sent[len(sent)-1].Text(); len(sent) != 2 || !strings.Contains(last, "Write for sailors.") {
			t.Errorf("the request ends with %q", last)
		}
		refused(t, e.Direct(t.Context(), id, pawl.Directive{What: pawl.DirectGuide, Text: "x"}), pawl.ErrConflict, "is done")

		id = start(t, e, twoAsks)
		time.Sleep(90 * time.Second)
		direct(t, e, id, pawl.Directive{What: pawl.DirectGuide, Text: "Too late."})
		if rec = follow(t, e, id); !rec.Guidance[0].Unused {
			t.Errorf("guidance %+v", rec.Guidance)
		}
	})
}

func TestBreakpoints(t *testing.T) {
	m := &script{}
	e := newEngine(checktest.Memory(t), m)
	id, err := e.Start(t.Context(), twoAsks, json.RawMessage(`{}`), &pawl.StartOptions{Step: true})
	if err != nil {
		t.Fatal(err)
	}
	rec := follow(t, e, id)
	if rec.Status != pawl.StatusWaiting || rec.Blockers[0].Kind != pawl.BlockerBreakpoint || rec.Blockers[0].Key != "a" || m.calls("a") != 0 {
		t.Fatalf("run is %s (%s), %+v", rec.Status, rec.Reason, rec.Blockers)
	}
	decide(t, e, id, pawl.Decision{Key: "a", What: pawl.DecideContinue})
	rec = follow(t, e, id)
	if rec.Status != pawl.StatusWaiting || rec.Blockers[0].Key != "b" || m.calls("a") != 1 {
		t.Fatalf("run is %s (%s), %+v", rec.Status, rec.Reason, rec.Blockers)
	}
	refused(t, e.Decide(t.Context(), id, pawl.Decision{Key: "b", What: pawl.DecideSupply, Value: json.RawMessage("3")}), pawl.ErrInput, "not a text")
	decide(t, e, id, pawl.Decision{Key: "b", What: pawl.DecideSupply, Value: json.RawMessage(`"mine"`)})
	if rec = follow(t, e, id); rec.Status != pawl.StatusDone || string(rec.Output) != `"mine"` || m.calls("b") != 0 {
		t.Errorf("run is %s (%s), %s", rec.Status, rec.Reason, rec.Output)
	}

	id, err = e.Start(t.Context(), twoAsks, json.RawMessage(`{}`), &pawl.StartOptions{Break: []pawl.Key{"b"}})
	if err != nil {
		t.Fatal(err)
	}
	if rec = follow(t, e, id); len(rec.Blockers) != 1 || rec.Blockers[0].Key != "b" {
		t.Errorf("blockers %+v", rec.Blockers)
	}
}

// A decision on a paused run is taken, and no call leaves before it is resumed.
func TestDecideWhilePaused(t *testing.T) {
	m := &script{}
	f := pawl.New("f", "Asks a person, then a model.", func(r *pawl.Run, in topic) (string, error) {
		pawl.Approve(r, "ok", "x", pawl.Asking{Question: "OK?"})
		return pawl.Ask(r, "b", text("B")), nil
	})
	e := newEngine(checktest.Memory(t), m)
	rec := finish(t, e, f)
	direct(t, e, rec.ID, pawl.Directive{What: pawl.DirectPause})
	if rec = follow(t, e, rec.ID); rec.Status != pawl.StatusPaused || len(rec.Blockers) != 1 {
		t.Fatalf("run is %s (%s), %d blockers", rec.Status, rec.Reason, len(rec.Blockers))
	}
	refused(t, e.Decide(t.Context(), rec.ID, pawl.Decision{Key: "ok", What: pawl.DecideApprove, Value: json.RawMessage("1")}), pawl.ErrInput, "not accepted")
	decide(t, e, rec.ID, pawl.Decision{Key: "ok", What: pawl.DecideApprove})
	if rec = follow(t, e, rec.ID); rec.Status != pawl.StatusPaused || rec.Reason != "pause asked for by anna" || len(rec.Blockers) != 0 || m.calls("b") != 0 {
		t.Errorf("run is %s (%s), %d blockers", rec.Status, rec.Reason, len(rec.Blockers))
	}
	direct(t, e, rec.ID, pawl.Directive{What: pawl.DirectResume})
	if rec = follow(t, e, rec.ID); rec.Status != pawl.StatusDone || m.calls("b") != 1 {
		t.Errorf("run is %s (%s)", rec.Status, rec.Reason)
	}
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

// A decision that was only recorded is carried out by whoever takes the run up,
// and one whose value does not fit then leaves the blocker open.
func TestRecordedDecisions(t *testing.T) {
	path := filepath.Join(t.TempDir(), "data")
	m := &script{}
	e := newEngine(openStore(t, path), m, publish)
	rec := finish(t, e, publish)
	clerk := newEngine(openStore(t, path), m) // knows no flow
	refused(t, clerk.Record(t.Context(), rec.ID, pawl.Decision{Key: "no", What: pawl.DecideApprove}), pawl.ErrConflict, "nothing stands")
	for _, d := range []pawl.Decision{
		{Key: "publish", What: pawl.DecideApprove, Who: "bob", Value: json.RawMessage(`{"title":"","words":1}`)},
		{Key: "publish", What: pawl.DecideApprove, Who: "anna"},
		{Key: "publish", What: pawl.DecideReject, Who: "carl"},
	} {
		if err := clerk.Record(t.Context(), rec.ID, d); err != nil {
			t.Fatal(err)
		}
	}
	if rec := status(t, clerk, rec.ID); rec.Status != pawl.StatusWaiting || len(rec.Decisions) != 0 {
		t.Errorf("run is %s (%s)", rec.Status, rec.Reason)
	}
	if err := e.Work(t.Context(), &local.WorkOptions{Drain: true}); err != nil {
		t.Fatal(err)
	}
	rec = status(t, e, rec.ID)
	if rec.Status != pawl.StatusDone || string(rec.Output) != `"answe by anna"` || len(rec.Decisions) != 1 {
		t.Errorf("run is %s (%s), %s, decisions %+v", rec.Status, rec.Reason, rec.Output, rec.Decisions)
	}
}

// What was recorded is also carried out by whoever resumes the run or decides on
// something else in it, and before that.
func TestRecordedIsTakenUpByHand(t *testing.T) {
	two := pawl.New("two", "Asks twice at once.", func(r *pawl.Run, in topic) (string, error) {
		var a, b pawl.Answer[string]
		pawl.Parallel(r, "ask",
			pawl.In("a", func(r *pawl.Run) error {
				a = pawl.Approve(r, "ok", "a", pawl.Asking{Question: "A?"})
				return nil
			}),
			pawl.In("b", func(r *pawl.Run) error {
				b = pawl.Approve(r, "ok", "b", pawl.Asking{Question: "B?"})
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

// Two decisions that were recorded before anyone took the run up: the second is
// taken only after the first is durable, and refused.
func TestRecordedTwice(t *testing.T) {
	j := checktest.Memory(t)
	m := &script{replies: map[string][]any{"a": {pawl.ErrGate}}}
	e := newEngine(j, m, twoAsks)
	rec := finish(t, e, twoAsks)
	if rec.Status != pawl.StatusFailed {
		t.Fatalf("run is %s (%s)", rec.Status, rec.Reason)
	}
	for _, who := range []string{"anna", "bob"} {
		if err := e.Record(t.Context(), rec.ID, pawl.Decision{Key: "a", What: pawl.DecideRetry, Who: who}); err != nil {
			t.Fatal(err)
		}
	}
	if err := e.Work(t.Context(), &local.WorkOptions{Drain: true}); err != nil {
		t.Fatal(err)
	}
	rec = status(t, e, rec.ID)
	if rec.Status != pawl.StatusDone || len(rec.Decisions) != 1 || rec.Decisions[0].Who != "anna" || m.calls("a") != 2 {
		t.Errorf("run is %s (%s), decisions %+v, %d calls", rec.Status, rec.Reason, rec.Decisions, m.calls("a"))
	}
}
