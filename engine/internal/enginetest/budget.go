package enginetest

import (
	"encoding/json"
	"math"
	"testing"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/llm"
)

// Branches do not together pass a limit of calls, and one blocker stands for all.
func budgetOfBranches(t *testing.T, open store) {
	f := pawl.New("wide", "Asks for 16.", func(r *pawl.Run, in Topic) (int, error) {
		return len(pawl.Map(r, "items", make([]int, 16), func(r *pawl.Run, _ int) (string, error) {
			return pawl.Ask(r, "ask", Text("Ask")), nil
		})), nil
	})
	m := &Script{Latency: time.Second}
	e := open(m)
	id := StartWith(t, e, f, &pawl.Budget{Calls: new(int64(5))})
	pass(500 * time.Millisecond)
	if rec := Status(t, e, id); rec.Budget.Reserved.Calls != 5 || len(rec.Blockers) != 1 || rec.Status != pawl.StatusRunning {
		t.Errorf("run is %s, %s, %d blockers", rec.Status, Spent(t, rec), len(rec.Blockers))
	}
	rec := Follow(t, e, id)
	if rec.Status != pawl.StatusWaiting || len(m.Requests) != 5 || len(rec.Blockers) != 1 {
		t.Fatalf("run is %s (%s), %d calls, %d blockers", rec.Status, rec.Reason, len(m.Requests), len(rec.Blockers))
	}
	Raise(t, e, id, pawl.Budget{Calls: new(int64(12))})
	if rec = Follow(t, e, id); rec.Status != pawl.StatusWaiting || len(m.Requests) != 12 || len(rec.Blockers) != 1 {
		t.Fatalf("run is %s (%s), %d calls", rec.Status, rec.Reason, len(m.Requests))
	}
	Raise(t, e, id, pawl.Budget{Calls: new(int64(16))})
	if rec = Follow(t, e, id); rec.Status != pawl.StatusDone || len(m.Requests) != 16 {
		t.Errorf("run is %s (%s), %d calls", rec.Status, rec.Reason, len(m.Requests))
	}
}

// A call that does not fit because of those in flight waits for what they leave,
// and no person is asked.
func budgetWaits(t *testing.T, open store) {
	f := pawl.New("wide", "Asks for 16.", func(r *pawl.Run, in Topic) (int, error) {
		return len(pawl.Map(r, "items", make([]int, 16), func(r *pawl.Run, _ int) (string, error) {
			return pawl.Ask(r, "ask", Text("Ask").MaxTokens(4096)), nil
		})), nil
	})
	m := &Script{Latency: time.Second}
	e := open(m)
	rec := Follow(t, e, StartWith(t, e, f, &pawl.Budget{Tokens: new(int64(3*4115 + 15*15))}))
	if rec.Status != pawl.StatusDone || len(rec.Decisions) != 0 || m.Most != 3 {
		t.Errorf("run is %s (%s), %d calls at once", rec.Status, rec.Reason, m.Most)
	}
}

// A raise sets what it names wherever the run stands, and moves only one that
// waits for it.
func raises(t *testing.T, open store) {
	m := &Script{Replies: map[string][]any{"draft": {"draft 1", error(&llm.Error{Kind: llm.Refused})}}}
	e := open(m)
	defer e.Close(t.Context())
	waits, failed := Finish(t, e, Publish), Finish(t, e, Publish)
	if failed.Status != pawl.StatusFailed {
		t.Fatalf("run is %s", failed.Status)
	}
	for _, rec := range []pawl.RunRecord{waits, failed} {
		was := rec
		Raise(t, e, rec.ID, pawl.Budget{Calls: new(int64(7))})
		Raise(t, e, rec.ID, pawl.Budget{Tokens: new(int64(9))})
		rec = Follow(t, e, rec.ID)
		if rec.Status != was.Status || rec.Reason != was.Reason || len(rec.Blockers) != 1 || rec.Blockers[0].Digest != was.Blockers[0].Digest || len(rec.Decisions) != 2 {
			t.Errorf("run is %s (%s), was %s (%s)", rec.Status, rec.Reason, was.Status, was.Reason)
		}
		if b := rec.Budget; *b.Limit.Calls != 7 || *b.Limit.Tokens != 9 || b.Limit.USD != nil || b.Spent.Calls != 1 {
			t.Errorf("budget %+v", b)
		}
	}
	if inbox, err := e.Inbox(t.Context(), pawl.RunFilter{}); err != nil || len(inbox) != 2 {
		t.Errorf("inbox %+v, %v", inbox, err)
	}

	id := StartWith(t, e, Chain(2), &pawl.Budget{Calls: new(int64(1))})
	rec := Follow(t, e, id)
	b := rec.Blockers[0]
	for _, c := range []struct {
		d    pawl.Decision
		kind pawl.ErrorKind
		says string
	}{
		{pawl.Decision{What: pawl.DecideRaise}, pawl.ErrInput, "needs a limit"},
		{pawl.Decision{What: pawl.DecideRaise, Budget: &pawl.Budget{}}, pawl.ErrInput, "needs a limit"},
		{pawl.Decision{What: pawl.DecideRaise, Budget: &pawl.Budget{USD: new(math.NaN())}}, pawl.ErrInput, "usd"},
		{pawl.Decision{What: pawl.DecideRaise, Budget: &pawl.Budget{Calls: new(int64(-1))}}, pawl.ErrInput, "calls"},
		{pawl.Decision{What: pawl.DecideRaise, Budget: &pawl.Budget{Calls: new(int64(9))}, Digest: "sha256:00"}, pawl.ErrConflict, "not what was shown"},
		{pawl.Decision{What: pawl.DecideRaise, Budget: &pawl.Budget{Calls: new(int64(9))}, Key: "ask"}, pawl.ErrConflict, "nothing stands"},
		{pawl.Decision{What: pawl.DecideSupply, Value: json.RawMessage(`"x"`), Key: b.Key}, pawl.ErrInput, "raise"},
		{pawl.Decision{What: pawl.DecideContinue, Budget: &pawl.Budget{Calls: new(int64(9))}, Key: b.Key}, pawl.ErrInput, "no budget"},
	} {
		Refused(t, e.Decide(t.Context(), id, c.d), c.kind, c.says)
	}
	Raise(t, e, id, pawl.Budget{Calls: new(int64(0))}) // lower than what is spent
	if rec = Follow(t, e, id); rec.Status != pawl.StatusWaiting || rec.Reason != "the next call of ask#2 would be number 2; 0 of 0 calls are left" || rec.Blockers[0].Digest == b.Digest {
		t.Errorf("run is %s (%s)", rec.Status, rec.Reason)
	}
	Direct(t, e, id, pawl.Directive{What: pawl.DirectPause})
	Raise(t, e, id, pawl.Budget{Calls: new(int64(2))})
	if rec = Follow(t, e, id); rec.Status != pawl.StatusPaused || len(rec.Blockers) != 0 || m.Calls("ask#2") != 0 {
		t.Errorf("run is %s (%s)", rec.Status, rec.Reason)
	}
	Refused(t, e.Decide(t.Context(), id, pawl.Decision{What: pawl.DecideRaise, Budget: &pawl.Budget{Calls: new(int64(9))}, Key: b.Key}), pawl.ErrConflict, "raise by anna")
	Resume(t, e, id)
	if rec = Follow(t, e, id); rec.Status != pawl.StatusDone {
		t.Errorf("run is %s (%s)", rec.Status, rec.Reason)
	}
	Refused(t, e.Decide(t.Context(), id, pawl.Decision{What: pawl.DecideRaise, Budget: &pawl.Budget{Calls: new(int64(9))}}), pawl.ErrConflict, "is done")

	_, err := e.Start(t.Context(), Chain(2), json.RawMessage(`{}`), &pawl.StartOptions{Budget: &pawl.Budget{Tokens: new(int64(-1))}})
	Refused(t, err, pawl.ErrInput, "tokens")
}
