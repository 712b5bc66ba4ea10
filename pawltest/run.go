package pawltest

import (
	"context"
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/local"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/llm"
	"github.com/pawlrun/pawl/schema"
)

// Ran is a run at rest: its record, with what a test asks of it. Decisions change it
// in place. Like t, it is for the test's goroutine alone.
type Ran[Out any] struct {
	pawl.RunRecord
	Out   Out      // the output, once the run is done
	Notes []string // in order

	t       testing.TB
	journal journal.Journal
	models  *recorder
	engine  *local.Engine
}

// Run runs a flow and follows it to its rest. All its steps ask m, a [Script] or any
// other model, whatever model their prompts name; m is handed the name "". Input
// that the flow refuses ends the test.
func Run[In, Out any](t testing.TB, f *pawl.FlowOf[In, Out], in In, m llm.Model) *Ran[Out] {
	t.Helper()
	raw, err := schema.Marshal(in)
	if err != nil {
		t.Fatalf("input of %s: %v", f.Name(), err)
	}
	return run(t, f, raw, m)
}

// RunJSON is [Run] with the input as JSON, in which fields may be left out that
// have a default.
func RunJSON[In, Out any](t testing.TB, f *pawl.FlowOf[In, Out], in string, m llm.Model) *Ran[Out] {
	t.Helper()
	return run(t, f, json.RawMessage(in), m)
}

func run[In, Out any](t testing.TB, f *pawl.FlowOf[In, Out], in json.RawMessage, m llm.Model) *Ran[Out] {
	t.Helper()
	r := &Ran[Out]{t: t, journal: journal.NewMemory(), models: &recorder{t: t, next: m}}
	r.open(f)
	t.Cleanup(r.end)
	id, err := r.engine.Start(t.Context(), f, in, &pawl.StartOptions{Model: modelName})
	if err != nil {
		t.Fatalf("start %s: %v", f.Name(), err)
	}
	r.ID = id
	r.follow()
	return r
}

// modelName is the name by which runs know the model that answers.
const modelName = "test"

func (r *Ran[Out]) open(f pawl.Flow) {
	r.engine = local.New(&local.Options{
		Journal: r.journal, Models: llm.Catalog{modelName: r.models}, Model: modelName, Flows: []pawl.Flow{f},
	})
}

func (r *Ran[Out]) close() {
	if err := r.engine.Close(context.WithoutCancel(r.t.Context())); err != nil {
		r.t.Errorf("close engine: %v", err)
	}
}

// end is called when the test ends.
func (r *Ran[Out]) end() {
	r.close()
	if err := r.journal.Close(); err != nil {
		r.t.Errorf("close journal: %v", err)
	}
	script, ok := r.models.next.(Script)
	if !ok || r.t.Failed() || r.Status != pawl.StatusDone {
		return
	}
	asked := map[pawl.Key]int{}
	for _, req := range r.models.all() {
		key := pawl.Key(req.Meta.Key)
		asked[key] = max(asked[key], req.Meta.Attempt)
	}
	if left := script.unasked(asked); left != "" {
		r.t.Errorf("the script has answers that the run never asked for: %s", left)
	}
}

// Restart does what a deploy does: it closes the engine, and opens another one on the
// same journal with the code of f, a flow of the same name. As then, nothing
// happens to the run before someone acts: decide, or [Ran.Resume].
func (r *Ran[Out]) Restart(f pawl.Flow) *Ran[Out] {
	r.t.Helper()
	if f.Name() != r.Flow {
		r.t.Fatalf("restart with flow %q, want one named %q: the run is of that flow", f.Name(), r.Flow)
	}
	r.close()
	r.open(f)
	return r
}

// Sleep lets d pass, and a second more, and follows the run on to its rest: past a
// deadline, for instance. Outside of a bubble of testing/synctest it takes that
// long.
func (r *Ran[Out]) Sleep(d time.Duration) *Ran[Out] {
	r.t.Helper()
	time.Sleep(d + time.Second)
	r.follow()
	return r
}

// follow waits until the run is at rest, and takes it over as it stands then.
func (r *Ran[Out]) follow() {
	r.t.Helper()
	ctx := r.t.Context()
	rec, err := r.wait(ctx)
	if err != nil {
		r.t.Fatalf("follow run: %v", err)
	}
	events, err := r.journal.Read(ctx, r.ID, 0, 0)
	if err != nil {
		r.t.Fatalf("read run: %v", err)
	}
	r.RunRecord, r.Notes = rec, nil
	for _, ev := range events {
		if ev.Type != pawl.EventNote {
			continue
		}
		note, err := journal.Decode[journal.Note](ev)
		if err != nil {
			r.t.Fatalf("read run: %v", err)
		}
		if note.Stale == "" {
			r.Notes = append(r.Notes, note.Text)
		}
	}
	if r.Status == pawl.StatusDone {
		if err := schema.Unmarshal(r.Output, &r.Out); err != nil {
			r.t.Fatalf("output: %v", err)
		}
	}
}

// patience is how long a run may sleep where the time that it takes is real. Tests
// of this package set it.
var patience = 10 * time.Second

// wait waits until the run is at rest. A run that sleeps is awake again by then,
// which the test is not made to wait for where that takes real time.
func (r *Ran[Out]) wait(ctx context.Context) (pawl.RunRecord, error) {
	r.t.Helper()
	if inBubble() {
		return r.engine.Wait(ctx, r.ID)
	}
	for {
		some, cancel := context.WithTimeout(ctx, patience)
		rec, err := r.engine.Wait(some, r.ID)
		cancel()
		if err == nil || !errors.Is(some.Err(), context.DeadlineExceeded) {
			return rec, err
		}
		if rec, err = r.engine.Get(ctx, r.ID); err != nil {
			return rec, err
		}
		if rec.Status == pawl.StatusWaiting && len(rec.Blockers) == 0 { // otherwise it has come to rest just now
			r.RunRecord = rec
			r.fail("the run sleeps (%s): call pawltest.Run in a bubble of testing/synctest, where that takes no time", rec.Reason)
		}
	}
}

// inBubble reports whether time is that of testing/synctest, which begins at the
// year 2000; there is no call that says it.
func inBubble() bool { return time.Now().Year() < 2020 }
