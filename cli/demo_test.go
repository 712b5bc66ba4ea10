package cli

import (
	"encoding/json"
	"path/filepath"
	"testing"
	"time"

	"github.com/pawlrun/pawl"
)

// Demonstration runs are made where nobody has run anything and no language model is set up,
// once, and a stand-in alone answers in them.
func TestDemos(t *testing.T) {
	f := pawl.New("shown", "Is shown.", func(r *pawl.Run, in struct {
		Topic string `json:"topic"`
	}) (string, error) {
		return in.Topic, nil
	})
	dir := filepath.Join(t.TempDir(), "data")
	env := map[string]string{"PAWL_DATA": dir}
	demo := Demo{ID: "demo0000done", Flow: "shown", Input: json.RawMessage(`{"topic":"x"}`), Model: "offline"}
	with := func(demos ...Demo) *app {
		return newApp(world{program: "pawl", getenv: func(name string) string { return env[name] }, now: time.Now}, Program{Flows: []pawl.Flow{f}, Demos: demos})
	}
	a := with(demo)
	if with().isFirstStart(dir) || !a.isFirstStart(dir) || a.isSetUp() {
		t.Errorf("at first it is none: %v, %v", a.isFirstStart(dir), a.isSetUp())
	}
	env["OPENAI_API_KEY"] = "sk-1"
	if !a.isSetUp() {
		t.Error("a key sets no model up")
	}
	delete(env, "OPENAI_API_KEY")
	s, err := a.open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer closing(t.Context(), s, nil)
	if a.isFirstStart(dir) {
		t.Error("the second start is a first one")
	}
	for range 2 {
		if ids, err := a.makeDemos(t.Context(), s); err != nil || len(ids) != 1 {
			t.Fatalf("made %v, %v", ids, err)
		}
	}
	runs, err := s.engine.List(t.Context(), pawl.RunFilter{})
	if err != nil || len(runs) != 1 || runs[0].ID != demo.ID || runs[0].Status != pawl.StatusQueued {
		t.Fatalf("runs are %+v, %v", runs, err)
	}
	if rec, err := s.engine.Get(t.Context(), demo.ID); err != nil || rec.Who != demonstrator || rec.Model != "offline" {
		t.Errorf("it is of %q with %q, %v", rec.Who, rec.Model, err)
	}
	paid, other := demo, demo
	paid.ID, paid.Model = "demo0000paid", "openai/gpt-5"
	other.ID, other.Flow = "demo0000othe", "other"
	for _, bad := range []Demo{paid, other} {
		if ids, err := with(bad).makeDemos(t.Context(), s); err == nil {
			t.Errorf("made %v", ids)
		}
	}
	if with().demosOf(s) != nil || a.demosOf(s) == nil {
		t.Error("a server offers what is not there")
	}
	if a.notifying.tells = true; a.demosOf(s) != nil {
		t.Error("receivers of notices would be told of demonstration runs")
	}
}
