package flowtest

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/local"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/llm"
	"github.com/pawlrun/pawl/schema"
)

// Ran is a run at rest.
type Ran[Out any] struct {
	pawl.RunRecord
	Out   Out      // the output, if it is done
	Notes []string // in order

	t testing.TB
}

// Engine returns an engine on a new journal in memory, whose only model is m.
// A name "offline?..." passes those options on to it.
func Engine(t testing.TB, m llm.Model, name string) *local.Engine {
	return EngineOn(t, Journal(t), m, name)
}

// Journal returns a new journal in memory.
func Journal(t testing.TB) journal.Journal {
	j := journal.NewMemory()
	t.Cleanup(func() {
		if err := j.Close(); err != nil {
			t.Errorf("close journal: %v", err)
		}
	})
	return j
}

// EngineOn is Engine on a journal that there is, which knows some flows from the
// start.
func EngineOn(t testing.TB, j journal.Journal, m llm.Model, name string, flows ...pawl.Flow) *local.Engine {
	provider, _ := llm.Split(name)
	e := local.New(&local.Options{Journal: j, Models: llm.Catalog{provider: m}, Model: name, Flows: flows})
	t.Cleanup(func() {
		if err := e.Close(context.Background()); err != nil {
			t.Errorf("close engine: %v", err)
		}
	})
	return e
}

// Run runs a flow to its rest on an engine of its own.
func Run[In, Out any](t testing.TB, f *pawl.FlowOf[In, Out], in In, m llm.Model) Ran[Out] {
	t.Helper()
	return Follow(t, Engine(t, m, "test"), f, in)
}

// Follow starts a run on an engine and follows it to its rest.
func Follow[In, Out any](t testing.TB, e *local.Engine, f *pawl.FlowOf[In, Out], in In) Ran[Out] {
	t.Helper()
	raw, err := schema.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	return FollowRaw(t, e, f, raw)
}

// FollowRaw is Follow with the input as JSON.
func FollowRaw[In, Out any](t testing.TB, e *local.Engine, f *pawl.FlowOf[In, Out], in json.RawMessage) Ran[Out] {
	t.Helper()
	id, err := e.Start(t.Context(), f, in, nil)
	if err != nil {
		t.Fatalf("start %s: %v", f.Name(), err)
	}
	return follow[Out](t, e, id)
}

// Decided decides on what a run waits for, as anna and on what she was shown, and
// follows it to its rest.
func Decided[Out any](e *local.Engine, ran Ran[Out], d pawl.Decision) Ran[Out] {
	t := ran.t
	t.Helper()
	if ran.Status != pawl.StatusWaiting || len(ran.Blockers) != 1 {
		t.Fatalf("run is %s with %d blockers, want one to decide on", ran.Status, len(ran.Blockers))
	}
	b := ran.Blockers[0]
	d.Key, d.Digest, d.Who = b.Key, b.Digest, "anna"
	if err := e.Decide(t.Context(), ran.ID, d); err != nil {
		t.Fatalf("%s: %v", d.What, err)
	}
	return follow[Out](t, e, ran.ID)
}

// follow follows a run to its rest.
func follow[Out any](t testing.TB, e *local.Engine, id pawl.RunID) Ran[Out] {
	t.Helper()
	ctx, ran := t.Context(), Ran[Out]{t: t}
	for ev, err := range e.Events(ctx, id, 0) {
		if err != nil {
			t.Fatalf("follow run: %v", err)
		}
		if ev.Type == pawl.EventNote {
			note, err := journal.Decode[journal.Note](ev)
			if err != nil {
				t.Fatal(err)
			}
			if note.Stale == "" {
				ran.Notes = append(ran.Notes, note.Text)
			}
		}
	}
	var err error
	if ran.RunRecord, err = e.Get(ctx, id); err != nil {
		t.Fatalf("get run: %v", err)
	}
	if ran.Status == pawl.StatusDone {
		if err := schema.Unmarshal(ran.Output, &ran.Out); err != nil {
			t.Fatalf("output: %v", err)
		}
	}
	return ran
}

// Asks checks that the run waits for a person at a step, and what she is asked. It
// returns what she is shown.
func (r Ran[Out]) Asks(key pawl.Key, question string, reasons ...string) pawl.Blocker {
	r.t.Helper()
	if r.Status != pawl.StatusWaiting || len(r.Blockers) != 1 || r.Blockers[0].Key != key {
		r.t.Fatalf("run is %s with blockers %s, want it to wait at %s", r.Status, JSON(r.Blockers), key)
	}
	b := r.Blockers[0]
	if b.Question != question || !slices.Equal(b.Reasons, reasons) {
		r.t.Errorf("asks %q with reasons %q, want %q with %q", b.Question, b.Reasons, question, reasons)
	}
	return b
}

// Done fails the test unless the run is done.
func (r Ran[Out]) Done() Ran[Out] {
	r.t.Helper()
	if r.Status != pawl.StatusDone {
		r.t.Fatalf("run is %s: %s", r.Status, JSON(r.Error))
	}
	return r
}

// Step returns a step of the run.
func (r Ran[Out]) Step(key pawl.Key) pawl.StepRecord {
	r.t.Helper()
	i := slices.IndexFunc(r.Steps, func(s pawl.StepRecord) bool { return s.Key == key })
	if i < 0 {
		r.t.Fatalf("run has no step %q", key)
	}
	return r.Steps[i]
}

// RejectedOnlyBy checks that a step's first answer was turned down by one gate
// alone, with a complaint that contains the given texts, and that the second
// was accepted.
func (r Ran[Out]) RejectedOnlyBy(key pawl.Key, gate string, complaint ...string) {
	r.t.Helper()
	attempts := r.Step(key).Attempts
	if len(attempts) != 2 || attempts[0].Outcome != pawl.OutcomeRejected || attempts[1].Outcome != pawl.OutcomeAccepted {
		r.t.Fatalf("attempts of %q: %s, want a rejected and an accepted one", key, JSON(attempts))
	}
	found := false
	for _, g := range attempts[0].Gates {
		if g.OK != (g.Name != gate) {
			r.t.Errorf("gate %q of %q: ok=%v (%s), want only %q to fail", g.Name, key, g.OK, g.Detail, gate)
		}
		if g.Name != gate {
			continue
		}
		found = true
		for _, c := range complaint {
			if !strings.Contains(g.Detail, c) {
				r.t.Errorf("gate %q complains %q, want it to contain %q", gate, g.Detail, c)
			}
		}
	}
	if !found {
		r.t.Errorf("gate %q did not run: %s", gate, JSON(attempts[0]))
	}
	for _, g := range attempts[1].Gates {
		if !g.OK {
			r.t.Errorf("gate %q of the accepted answer complains %q", g.Name, g.Detail)
		}
	}
}
