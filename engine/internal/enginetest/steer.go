package enginetest

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/pawlrun/pawl"
)

func pauseWaits(t *testing.T, open store) {
	m := &Script{Latency: 2 * time.Second}
	e := open(m)
	id := Start(t, e, ABC)
	Until(t, "b is in flight", func() bool { return m.Calls("b") == 1 })
	if err := e.Direct(t.Context(), id, pawl.Directive{What: pawl.DirectPause, Who: "me"}); err != nil {
		t.Fatal(err)
	}
	if rec, _ := e.Get(t.Context(), id); rec.Status != pawl.StatusPausing {
		t.Errorf("status %s while b is in flight, want pausing", rec.Status)
	}
	rec := Follow(t, e, id)
	if rec.Status != pawl.StatusPaused || m.Calls("b") != 1 || m.Calls("c") != 0 || rec.Steps[1].Status != pawl.StepDone {
		t.Fatalf("status %s, steps %s", rec.Status, Keys(rec))
	}
	Resume(t, e, id)
	if rec = Follow(t, e, id); rec.Status != pawl.StatusDone || m.Calls("b") != 1 {
		t.Errorf("status %s, %d calls of b", rec.Status, m.Calls("b"))
	}
}

func resumeTakesPauseBack(t *testing.T, open store) {
	m := &Script{Latency: 3 * time.Second}
	e := open(m)
	id := Start(t, e, ABC)
	Until(t, "a is in flight", func() bool { return m.Calls("a") == 1 })
	if err := e.Direct(t.Context(), id, pawl.Directive{What: pawl.DirectPause, Who: "me"}); err != nil {
		t.Fatal(err)
	}
	Resume(t, e, id)
	if rec := Follow(t, e, id); rec.Status != pawl.StatusDone {
		t.Errorf("status %s", rec.Status)
	}
}

// A decision on a paused run is taken, and no call leaves before it is resumed.
func decideWhilePaused(t *testing.T, open store) {
	m := &Script{}
	f := pawl.New("f", "Asks a person, then a model.", func(r *pawl.Run, in Topic) (string, error) {
		pawl.Approve(r, "ok", "x", "OK?")
		return pawl.Ask(r, "b", Text("B")), nil
	})
	e := open(m)
	rec := Finish(t, e, f)
	Direct(t, e, rec.ID, pawl.Directive{What: pawl.DirectPause})
	if rec = Follow(t, e, rec.ID); rec.Status != pawl.StatusPaused || len(rec.Blockers) != 1 {
		t.Fatalf("run is %s (%s), %d blockers", rec.Status, rec.Reason, len(rec.Blockers))
	}
	Refused(t, e.Decide(t.Context(), rec.ID, pawl.Decision{Key: "ok", What: pawl.DecideApprove, Value: json.RawMessage("1")}), pawl.ErrInput, "not accepted")
	Decide(t, e, rec.ID, pawl.Decision{Key: "ok", What: pawl.DecideApprove})
	if rec = Follow(t, e, rec.ID); rec.Status != pawl.StatusPaused || rec.Reason != "pause asked for by anna" || len(rec.Blockers) != 0 || m.Calls("b") != 0 {
		t.Errorf("run is %s (%s), %d blockers", rec.Status, rec.Reason, len(rec.Blockers))
	}
	Direct(t, e, rec.ID, pawl.Directive{What: pawl.DirectResume})
	if rec = Follow(t, e, rec.ID); rec.Status != pawl.StatusDone || m.Calls("b") != 1 {
		t.Errorf("run is %s (%s)", rec.Status, rec.Reason)
	}
}

// What a call brings after the cancel is kept, and nothing goes on from it.
func cancelInFlight(t *testing.T, open store) {
	m := &Script{Latency: 4 * time.Second}
	e := open(m)
	id := Start(t, e, TwoAsks)
	Until(t, "a is in flight", func() bool { return m.Calls("a") == 1 })
	Direct(t, e, id, pawl.Directive{What: pawl.DirectCancel, Text: "too dear"})
	if rec := Status(t, e, id); rec.Status != pawl.StatusCanceling {
		t.Errorf("run is %s (%s)", rec.Status, rec.Reason)
	}
	rec := Follow(t, e, id)
	if rec.Status != pawl.StatusCanceled || rec.Reason != "by anna: too dear" || Keys(rec) != "a:done" || m.Calls("b") != 0 {
		t.Errorf("run is %s (%s), %s", rec.Status, rec.Reason, Keys(rec))
	}
	Refused(t, e.Direct(t.Context(), id, pawl.Directive{What: pawl.DirectResume}), pawl.ErrConflict, "is canceled")
}

// Guidance is carried by later asks, and stands where it was used.
func guidance(t *testing.T, open store) {
	m := &Script{Latency: 3 * time.Second}
	e := open(m)
	id := Start(t, e, TwoAsks)
	Until(t, "a is in flight", func() bool { return m.Calls("a") == 1 })
	Direct(t, e, id, pawl.Directive{What: pawl.DirectGuide, Text: "Write for sailors."})
	rec := Follow(t, e, id)
	if rec.Status != pawl.StatusDone || len(rec.Guidance) != 1 {
		t.Fatalf("run is %s (%s), guidance %+v", rec.Status, rec.Reason, rec.Guidance)
	}
	if g := rec.Guidance[0]; g.Text != "Write for sailors." || g.Who != "anna" || len(g.UsedBy) != 1 || g.UsedBy[0] != "b" || g.Unused {
		t.Errorf("guidance %+v", g)
	}
	if a, b := rec.Steps[0].Attempts[0], rec.Steps[1].Attempts[0]; len(a.Guidance) != 0 || len(b.Guidance) != 1 || b.Guidance[0] != "Write for sailors." {
		t.Errorf("attempts carried %q and %q", a.Guidance, b.Guidance)
	}
	sent := m.Requests[1].Messages
	if last := sent[len(sent)-1].Text(); len(sent) != 2 || !strings.Contains(last, "Write for sailors.") {
		t.Errorf("the request ends with %q", last)
	}
	Refused(t, e.Direct(t.Context(), id, pawl.Directive{What: pawl.DirectGuide, Text: "x"}), pawl.ErrConflict, "is done")

	id = Start(t, e, TwoAsks)
	Until(t, "b is in flight", func() bool { return m.Calls("b") == 2 })
	Direct(t, e, id, pawl.Directive{What: pawl.DirectGuide, Text: "Too late."})
	if rec = Follow(t, e, id); !rec.Guidance[0].Unused {
		t.Errorf("guidance %+v", rec.Guidance)
	}
}

func breakpoints(t *testing.T, open store) {
	m := &Script{}
	e := open(m)
	id, err := e.Start(t.Context(), TwoAsks, json.RawMessage(`{}`), &pawl.StartOptions{Step: true})
	if err != nil {
		t.Fatal(err)
	}
	rec := Follow(t, e, id)
	if rec.Status != pawl.StatusWaiting || rec.Blockers[0].Kind != pawl.BlockerBreakpoint || rec.Blockers[0].Key != "a" || m.Calls("a") != 0 {
		t.Fatalf("run is %s (%s), %+v", rec.Status, rec.Reason, rec.Blockers)
	}
	if req := rec.Blockers[0].Request; req == nil || req.Model != rec.Model || len(req.Messages) != 1 || req.Messages[0].Text != "A" || req.MaxTokens == 0 || string(req.Data) != "null" || req.Cut {
		t.Errorf("what is about to be asked is %+v", req)
	}
	Decide(t, e, id, pawl.Decision{Key: "a", What: pawl.DecideContinue})
	rec = Follow(t, e, id)
	if rec.Status != pawl.StatusWaiting || rec.Blockers[0].Key != "b" || m.Calls("a") != 1 {
		t.Fatalf("run is %s (%s), %+v", rec.Status, rec.Reason, rec.Blockers)
	}
	Refused(t, e.Decide(t.Context(), id, pawl.Decision{Key: "b", What: pawl.DecideSupply, Value: json.RawMessage("3")}), pawl.ErrInput, "not a text")
	Decide(t, e, id, pawl.Decision{Key: "b", What: pawl.DecideSupply, Value: json.RawMessage(`"mine"`)})
	if rec = Follow(t, e, id); rec.Status != pawl.StatusDone || string(rec.Output) != `"mine"` || m.Calls("b") != 0 {
		t.Errorf("run is %s (%s), %s", rec.Status, rec.Reason, rec.Output)
	}

	id, err = e.Start(t.Context(), TwoAsks, json.RawMessage(`{}`), &pawl.StartOptions{Break: []pawl.Key{"b"}})
	if err != nil {
		t.Fatal(err)
	}
	if rec = Follow(t, e, id); len(rec.Blockers) != 1 || rec.Blockers[0].Key != "b" {
		t.Errorf("blockers %+v", rec.Blockers)
	}
}
