package local_test

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/local"
	"github.com/pawlrun/pawl/internal/checktest"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/llm"
)

var tries = pawl.New("tries", "Takes failures as values.", func(r *pawl.Run, in topic) (string, error) {
	_, first := pawl.TryAsk(r, "a", text("A"))
	_, second := pawl.TryAsk(r, "b", text("B"))
	return fmt.Sprint(first, "; ", second), nil
})

// TestOlderFinalFailures: a failure that an older program recorded as a value stays one,
// whatever it was about.
func TestOlderFinalFailures(t *testing.T) {
	j := checktest.Memory(t)
	id := pawl.NewRunID()
	failed := journal.Failed{Error: journal.Failure{Kind: "auth", Message: "no key", Step: "a"}, Final: true}
	run := journal.NewRun{ID: id, Flow: "tries", Model: "test/one", Queued: true, Summary: journal.Summary{Status: pawl.StatusQueued, Reason: "its engine was closed"}}
	if _, err := j.Create(t.Context(), run, []journal.Draft{
		{Type: pawl.EventCreated, Body: journal.Created{Flow: "tries", Model: "test/one", Input: json.RawMessage(`{"topic":"x"}`)}},
		{Type: pawl.EventIntent, Key: "a", Body: journal.Intent{Step: journal.Step{Kind: pawl.KindAsk}, Number: 1, Try: 1, Of: 3, Model: "test/one"}},
		{Type: pawl.EventAttempt, Key: "a", Body: journal.Attempt{Number: 1, Outcome: pawl.OutcomeFailed, Model: "test/one", Error: &journal.Failure{Kind: "auth", Message: "no key"}}},
		{Type: pawl.EventFailed, Key: "a", Body: failed, Result: true},
		{Type: pawl.EventReleased, Body: journal.Released{Status: pawl.StatusQueued, Reason: "its engine was closed"}},
	}); err != nil {
		t.Fatal(err)
	}
	m := &script{}
	e := newEngine(j, m, tries)
	resume(t, e, id)
	if rec := follow(t, e, id); rec.Status != pawl.StatusDone || string(rec.Output) != `"no key; <nil>"` || m.Calls("a") != 0 {
		t.Errorf("run is %s (%s), output %s", rec.Status, rec.Reason, rec.Output)
	}
}

// TestSkipUnknown: where nobody knows how a call ended, a person may have the flow go on
// without it, and the flow is told so.
func TestSkipUnknown(t *testing.T) {
	j := checktest.Memory(t)
	began := make(chan bool, 1)
	hangs := llm.Func(func(ctx context.Context, req llm.Request, _ func(llm.Delta)) (llm.Response, error) {
		began <- true
		<-ctx.Done()
		return llm.Response{}, ctx.Err()
	})
	f := pawl.New("tries", "Takes failures as values.", func(r *pawl.Run, in topic) (string, error) {
		_, err := pawl.TryAsk(r, "a", text("A").AskUnknown())
		return fmt.Sprint(pawl.AsError(err, "").Kind, ": ", err), nil
	})
	e := newEngine(j, hangs)
	id := start(t, e, f)
	<-began
	cut, cancel := context.WithCancel(t.Context())
	cancel()
	e.Close(cut)

	m := &script{}
	e = newEngine(j, m, f)
	resume(t, e, id)
	rec := follow(t, e, id)
	if rec.Status != pawl.StatusWaiting || len(rec.Blockers) != 1 || rec.Blockers[0].Kind != pawl.BlockerUnknown {
		t.Fatalf("run is %s (%s), %+v", rec.Status, rec.Reason, rec.Blockers)
	}
	decide(t, e, id, pawl.Decision{Key: "a", What: pawl.DecideSkip})
	rec = follow(t, e, id)
	if rec.Status != pawl.StatusDone || string(rec.Output) != `"unknown: its process ended before the attempt did"` || len(m.Requests) != 0 {
		t.Errorf("run is %s (%s), output %s", rec.Status, rec.Reason, rec.Output)
	}
	// A skip that is stored is carried out by whoever goes on with the run.
	e = newEngine(j, &script{Replies: map[string][]any{"a": {&llm.Error{Kind: llm.Quota, Message: "no credit"}}}}, tries)
	rec = finish(t, e, tries)
	if err := e.Record(t.Context(), rec.ID, pawl.Decision{Key: "a", What: pawl.DecideSkip, Who: "eve"}); err != nil {
		t.Fatal(err)
	}
	resume(t, e, rec.ID)
	if rec = follow(t, e, rec.ID); rec.Status != pawl.StatusDone || string(rec.Output) != `"quota: no credit; <nil>"` {
		t.Errorf("run is %s (%s), output %s", rec.Status, rec.Reason, rec.Output)
	}
}

// keyless has no key for any model.
type keyless struct{ llm.Model }

func (keyless) CheckModel(string) error {
	return &llm.Error{Kind: llm.Auth, Message: "no key", Hint: "set it"}
}

// A model that cannot be asked here is no answer of a Try form.
func TestTryWithoutAModel(t *testing.T) {
	for model, kind := range map[string]pawl.ErrorKind{"nope/x": "invalid", "keyless/x": "auth"} {
		f := pawl.New("tries", "Tries.", func(r *pawl.Run, in topic) (string, error) {
			_, err := pawl.TryAsk(r, "a", text("A").Model(model))
			return "", err
		})
		e := local.New(&local.Options{Journal: checktest.Memory(t), Models: llm.Catalog{"test": &script{}, "keyless": keyless{&script{}}}, Model: "test/one"})
		if rec := finish(t, e, f); rec.Status != pawl.StatusFailed || rec.Error.Kind != kind || rec.Error.Step != "a" || len(rec.Blockers[0].Actions) != 4 {
			t.Errorf("%s: run is %s: %+v, %+v", model, rec.Status, rec.Error, rec.Blockers)
		}
	}
}
