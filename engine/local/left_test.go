package local_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/local"
	"github.com/pawlrun/pawl/internal/checktest"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/llm"
)

func modelled(j journal.Journal, m llm.Model, model string, flows ...pawl.Flow) *local.Engine {
	return local.New(&local.Options{Journal: j, Models: llm.Catalog{"test": m}, Model: model, Flows: flows})
}

// A run that is queued without a model has that of the process that takes it up first, and
// keeps it.
func TestQueuedRunTakesTheWorkersModel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j, m := checktest.Memory(t), &script{Replies: map[string][]any{"b": {&llm.Error{Kind: llm.Refused, Message: "no"}}}}
		front := modelled(j, m, "test/front")
		id := enqueue(t, front, abc)
		if rec := status(t, front, id); rec.Model != "" {
			t.Errorf("it is queued with %q", rec.Model)
		}
		if err := modelled(j, m, "test/worker", abc).Work(t.Context(), &local.WorkOptions{Drain: true}); err != nil {
			t.Fatal(err)
		}
		if rec := status(t, front, id); rec.Status != pawl.StatusFailed || rec.Model != "test/worker" {
			t.Fatalf("it is %s with %q", rec.Status, rec.Model)
		}
		other := modelled(j, m, "test/other", abc)
		resume(t, other, id)
		synctest.Wait()
		if rec := status(t, front, id); rec.Status != pawl.StatusDone || rec.Model != "test/worker" {
			t.Errorf("it is %s with %q", rec.Status, rec.Model)
		}
		for _, req := range m.Requests {
			if req.Model != "worker" {
				t.Errorf("%s was asked", req.Model)
			}
		}
		if rows, err := j.Runs(t.Context(), pawl.RunFilter{}); err != nil || rows[0].Model != "test/worker" {
			t.Errorf("it is listed with %q, %v", rows[0].Model, err)
		}
	})
}

func TestQueuedRunWithoutAnyModelIsLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j, m := checktest.Memory(t), &script{}
		id := enqueue(t, modelled(j, m, ""), abc)
		e := modelled(j, m, "", abc)
		refused(t, e.Work(t.Context(), &local.WorkOptions{Drain: true}), pawl.ErrStopped, "run "+string(id)+" is left queued: no model is given")
		refused(t, e.Direct(t.Context(), id, pawl.Directive{What: pawl.DirectResume, Who: "anna"}), pawl.ErrInput, "no model is given")
		direct(t, e, id, pawl.Directive{What: pawl.DirectResume, Model: "test/named"})
		synctest.Wait()
		if rec := status(t, e, id); rec.Status != pawl.StatusDone || rec.Model != "test/named" {
			t.Errorf("it is %s with %q", rec.Status, rec.Model)
		}
	})
}

// A worker whose build does not take a run's input leaves it, whole, to one that does, and
// says so where others can see it.
func TestInputThatDoesNotFitIsLeft(t *testing.T) {
	type older struct{ Topic string }
	type newer struct{ Topic, Tone string }
	old := pawl.New("deploy", "Is deployed.", func(r *pawl.Run, in older) (string, error) { return in.Topic, nil })
	now := pawl.New("deploy", "Is deployed.", func(r *pawl.Run, in newer) (string, error) { return in.Topic + in.Tone, nil })
	synctest.Test(t, func(t *testing.T) {
		j, m := checktest.Memory(t), &script{}
		id, err := newEngine(j, m).Start(t.Context(), now, json.RawMessage(`{"Topic":"a","Tone":"b"}`), &pawl.StartOptions{Queue: true})
		if err != nil {
			t.Fatal(err)
		}
		e := newEngine(j, m, old)
		refused(t, e.Work(t.Context(), &local.WorkOptions{Drain: true}), pawl.ErrStopped, "is left queued: left to another program: input of deploy: ")
		if rec := status(t, e, id); rec.Status != pawl.StatusQueued || !strings.Contains(rec.Reason, "Tone") {
			t.Fatalf("it is %s: %s", rec.Status, rec.Reason)
		}
		if err := newEngine(j, m, now).Work(t.Context(), &local.WorkOptions{Drain: true}); err != nil {
			t.Fatal(err)
		}
		if rec := status(t, e, id); rec.Status != pawl.StatusDone || string(rec.Output) != `"ab"` {
			t.Errorf("it is %s with %s", rec.Status, rec.Output)
		}
	})
}

// While a worker leaves a run its offer says why.
func TestOfferSaysWhatIsLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j, m := checktest.Memory(t), &script{}
		id := enqueue(t, modelled(j, m, ""), abc)
		stop := working(t, modelled(j, m, "", abc), nil)
		offers, err := j.Offers(t.Context())
		if err != nil || len(offers) != 1 || !strings.Contains(offers[0].Left[id], "no model is given") || !slices.Contains(offers[0].Flows, "abc") {
			t.Errorf("offers %+v, %v", offers, err)
		}
		stop()
	})
}
