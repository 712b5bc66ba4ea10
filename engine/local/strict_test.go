package local_test

import (
	"testing"
	"testing/synctest"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/internal/enginetest"
	"github.com/pawlrun/pawl/engine/local"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/llm"
)

// A strict engine refuses a finished step that is asked for in other words; one
// that is not keeps its result and marks it.
func TestStrict(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		words := "{{.Topic}}"
		f := pawl.New("f", "Asks in words that change.", func(r *pawl.Run, in topic) (string, error) {
			return pawl.Ask(r, "a", enginetest.Prompted(words, "A")) + pawl.Ask(r, "b", text("B")), nil
		})
		j, m := journal.NewMemory(), &script{Replies: map[string][]any{"b": {pawl.ErrGate}}}
		loose := newEngine(j, m, f)
		id := start(t, loose, f)
		follow(t, loose, id)
		words = "another {{.Topic}}"
		strict := local.New(&local.Options{Journal: j, Models: llm.Catalog{"test": m}, Model: "test/one", Flows: []pawl.Flow{f}, Strict: true})
		resume(t, strict, id)
		rec := follow(t, strict, id)
		if rec.Status != pawl.StatusFailed || rec.Error.Kind != pawl.ErrMismatch || rec.Error.Step != "a" || len(m.Requests) != 2 {
			t.Fatalf("strict: run is %s, %+v, %d calls", rec.Status, rec.Error, len(m.Requests))
		}
		resume(t, loose, id)
		if rec := follow(t, loose, id); rec.Status != pawl.StatusDone || !rec.Steps[0].Stale || m.Calls("a") != 1 {
			t.Errorf("not strict: run is %s, stale %v, %d calls of a", rec.Status, rec.Steps[0].Stale, m.Calls("a"))
		}
	})
}

// A step that is worded otherwise twice after its result was recorded says so twice: so the
// run fits the code that it went on with last, and that alone.
func TestReplayOfRewordedTwice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		words := "write about {{.Topic}}"
		f := pawl.New("f", "F.", func(r *pawl.Run, in topic) (string, error) {
			return pawl.Ask(r, "a", enginetest.Prompted(words, "A")) + pawl.Ask(r, "b", text("B")), nil
		})
		j, m := journal.NewMemory(), &script{Replies: map[string][]any{"b": {pawl.ErrGate, pawl.ErrGate}}}
		e := newEngine(j, m, f)
		id := start(t, e, f)
		follow(t, e, id)
		for _, words = range []string{"another {{.Topic}}", "one more {{.Topic}}"} {
			resume(t, e, id)
			follow(t, e, id)
		}
		events, err := j.Read(t.Context(), id, 0, 0)
		if err != nil {
			t.Fatal(err)
		}
		for to, want := range map[string]int{"one more {{.Topic}}": 0, "another {{.Topic}}": 1} {
			words = to
			if misses, err := local.Replay(t.Context(), f, events, j); err != nil || len(misses) != want {
				t.Errorf("%q: %+v, %v", to, misses, err)
			}
		}
	})
}
