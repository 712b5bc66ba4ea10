package temporal

import (
	"context"
	"testing"
	"time"

	"go.temporal.io/sdk/client"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/internal/enginetest"
	"github.com/pawlrun/pawl/engine/local"
	"github.com/pawlrun/pawl/internal/temporaltest"
	"github.com/pawlrun/pawl/llm"
)

// TestBuildOf: what decides on a replay is part of a queue's name, and nothing else is: processes
// with other keys, and so another default model, are one build.
func TestBuildOf(t *testing.T) {
	name := func(change func(o *Options)) string {
		t.Helper()
		o := Options{Build: "one", Models: llm.Catalog{"test": asker(nil)}}
		change(&o)
		b, err := buildOf(newSettings(t.Context(), o))
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	want := name(func(*Options) {})
	for what, change := range map[string]func(o *Options){
		"model": func(o *Options) { o.Model = "test/two" },
		"calls": func(o *Options) { o.Calls, o.CallsPerSecond, o.Heartbeat = 3, 4, time.Hour },
		"flows": func(o *Options) { o.Flows = []pawl.Flow{testFlow("one", nil)} },
	} {
		if name(change) != want {
			t.Errorf("%s: it is another build", what)
		}
	}
	for what, change := range map[string]func(o *Options){
		"build":     func(o *Options) { o.Build = "two" },
		"prices":    func(o *Options) { o.Prices = enginetest.Prices },
		"strict":    func(o *Options) { o.Strict = true },
		"on change": func(o *Options) { o.OnChange = local.ChangeAnew },
		"timeout":   func(o *Options) { o.Timeout = time.Minute },
		"providers": func(o *Options) { o.Models["more"] = asker(nil) },
		"blobs":     func(o *Options) { o.Blobs = Directory(t.TempDir()) },
		"keys":      func(o *Options) { o.Keys = [][]byte{keyOf("a")} },
	} {
		if name(change) == want {
			t.Errorf("%s: it is the same build", what)
		}
	}
}

// TestDefaultModel: a run keeps the model that it was started with, or else first executed with,
// whatever the default of the worker is that goes on with it.
func TestDefaultModel(t *testing.T) { temporaltest.Each(t, testDefaultModel) }

func testDefaultModel(t *testing.T, s *temporaltest.Server) {
	m := asker(func(_ context.Context, r llm.Request) (string, error) { return r.Model, nil })
	f := testFlow("asks", func(r *pawl.Run) (string, error) {
		before := pawl.Ask(r, "a", enginetest.Text("A"))
		return before + pawl.Input[string](r, "who", "Who?") + pawl.Ask(r, "b", enginetest.Text("B")), nil
	})
	for name, c := range map[string]struct{ starts, want string }{
		"of who starts it":         {"test/starter", `"starter Ada starter"`},
		"of who first executes it": {"", `"first Ada first"`},
	} {
		t.Run(name, func(t *testing.T) {
			queue := "test-" + string(pawl.NewRunID())
			open := func(model string, work bool) *Engine {
				t.Helper()
				e, err := Open(t.Context(), Options{Client: client.Options{HostPort: s.Address, Namespace: s.Namespace}, Queue: queue, Build: "one", Work: work,
					Models: llm.Catalog{"test": m}, Model: model, Prices: enginetest.Prices, Flows: []pawl.Flow{f}})
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() { e.Close(context.Background()) })
				return e
			}
			starter := open(c.starts, false)
			id, err := starter.Start(t.Context(), f, []byte(`{}`), &pawl.StartOptions{Queue: true})
			if err != nil {
				t.Fatal(err)
			}
			first := open("test/first", true)
			if rec := enginetest.Follow(t, first, id); rec.Status != pawl.StatusWaiting {
				t.Fatalf("%s (%s)", rec.Status, rec.Reason)
			}
			closed(t, first)
			open("test/second", true) // which repeats all from its beginning
			enginetest.Decide(t, starter, id, pawl.Decision{Key: "who", What: pawl.DecideAnswer, Value: []byte(`" Ada "`), Who: "anna"})
			if rec := enginetest.Follow(t, starter, id); rec.Status != pawl.StatusDone || string(rec.Output) != c.want {
				t.Errorf("%s (%s) %s, want %s", rec.Status, rec.Reason, rec.Output, c.want)
			}
		})
	}
}
