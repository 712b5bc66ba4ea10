package enginetest

import (
	"context"
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/pawlrun/pawl"
)

func closeCuts(t *testing.T, open store) {
	m := &Script{Latency: time.Hour}
	e := open(m)
	id := Start(t, e, ABC)
	settle(t)
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	if err := e.Close(ctx); err != nil {
		t.Fatal(err)
	}
	rec, err := e.Get(t.Context(), id)
	if err != nil || rec.Status != pawl.StatusQueued || rec.Reason != "interrupted" {
		t.Fatalf("status %s (%s), %v", rec.Status, rec.Reason, err)
	}
	if _, err := e.Start(t.Context(), ABC, json.RawMessage(`{}`), nil); !errors.Is(err, pawl.ErrStopped) {
		t.Errorf("a closed engine starts runs: %v", err)
	}
	m.Latency = time.Second
	e = open(m, ABC)
	Resume(t, e, id)
	rec = Follow(t, e, id)
	if at := rec.Steps[0].Attempts; rec.Status != pawl.StatusDone || at[0].Outcome != pawl.OutcomeUnknown || len(at) != 2 || rec.Usage.ModelCalls != 4 {
		t.Errorf("status %s, attempts %+v, usage %+v", rec.Status, at, rec.Usage)
	}
}

// thirdUnknownAsks: three crashes in a row in one call, and a person is
// asked; resuming is the answer.
func thirdUnknownAsks(t *testing.T, open store) {
	m := &Script{Latency: time.Hour}
	var id pawl.RunID
	cut := func() {
		e := open(m, ABC)
		if id == "" {
			id = Start(t, e, ABC)
		} else {
			Resume(t, e, id)
		}
		settle(t)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		e.Close(ctx)
	}
	cut()
	cut()
	cut()
	e := open(m, ABC)
	Resume(t, e, id)
	rec := Follow(t, e, id)
	if rec.Status != pawl.StatusWaiting || len(rec.Blockers) != 1 || rec.Blockers[0].Kind != pawl.BlockerUnknown || rec.Blockers[0].Key != "a" {
		t.Fatalf("status %s, blockers %+v", rec.Status, rec.Blockers)
	}
	if m.Calls("a") != 3 {
		t.Errorf("%d calls before a person was asked, want 3", m.Calls("a"))
	}
	m.Latency = time.Second
	if err := e.Decide(t.Context(), id, pawl.Decision{Key: "a", What: pawl.DecideRetry, Who: "me", Digest: "sha256:other"}); !errors.Is(err, pawl.ErrConflict) {
		t.Errorf("a decision on something else was taken: %v", err)
	}
	if err := e.Decide(t.Context(), id, pawl.Decision{Key: "a", What: pawl.DecideRetry, Who: "me", Digest: rec.Blockers[0].Digest}); err != nil {
		t.Fatal(err)
	}
	if rec = Follow(t, e, id); rec.Status != pawl.StatusDone || len(rec.Decisions) != 1 || rec.Decisions[0].Who != "me" {
		t.Errorf("status %s, decisions %+v", rec.Status, rec.Decisions)
	}
}

func unknownPolicyAsk(t *testing.T, open store) {
	f := pawl.New("once", "Asks once.", func(r *pawl.Run, in Topic) (string, error) {
		return pawl.Ask(r, "a", Text("A").AskUnknown()), nil
	})
	m := &Script{Latency: time.Hour}
	e := open(m)
	id := Start(t, e, f)
	settle(t)
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	e.Close(ctx)
	e = open(m, f)
	Resume(t, e, id)
	if rec := Follow(t, e, id); rec.Status != pawl.StatusWaiting || m.Calls("a") != 1 {
		t.Errorf("status %s after %d calls", rec.Status, m.Calls("a"))
	}
}

// A run that waits, has failed or is of a flow that nobody has any more can be
// canceled, and its blocker goes with it.
func cancelAtRest(t *testing.T, open store) {
	e := open(&Script{})
	waits := Finish(t, e, Publish)
	m := &Script{Replies: map[string][]any{"a": {pawl.ErrGate}}}
	e2 := open(m)
	failed := Finish(t, e2, TwoAsks)
	e3 := open(m) // knows no flow
	for _, rec := range []pawl.RunRecord{waits, failed} {
		Direct(t, e3, rec.ID, pawl.Directive{What: pawl.DirectCancel})
		if rec := Follow(t, e3, rec.ID); rec.Status != pawl.StatusCanceled || rec.Reason != "by anna" || len(rec.Blockers) != 0 {
			t.Errorf("run is %s (%s)", rec.Status, rec.Reason)
		}
	}
	if inbox, err := e.Inbox(t.Context(), pawl.RunFilter{}); err != nil || len(inbox) != 0 {
		t.Errorf("inbox %+v, %v", inbox, err)
	}
	Refused(t, e.Decide(t.Context(), waits.ID, pawl.Decision{Key: "publish", What: pawl.DecideApprove}), pawl.ErrConflict, "is canceled")
}

// A process that dies between the cancel's word and deed leaves a run that ends
// when it is taken up, without another call.
func cancelSurvives(t *testing.T, open store) {
	m := &Script{Latency: 5 * time.Second}
	e := open(m, TwoAsks)
	id := Start(t, e, TwoAsks)
	Until(t, "a is in flight", func() bool { return m.Calls("a") == 1 })
	Direct(t, e, id, pawl.Directive{What: pawl.DirectCancel})
	e2 := open(m, TwoAsks)
	Direct(t, e2, id, pawl.Directive{What: pawl.DirectCancel}) // posted; the holder is canceling already
	if rec := Follow(t, e2, id); rec.Status != pawl.StatusCanceled || m.Calls("a") != 1 || m.Calls("b") != 0 {
		t.Errorf("run is %s (%s)", rec.Status, rec.Reason)
	}
}
