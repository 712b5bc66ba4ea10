package realtest

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/local"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/llm"
)

type input struct{}

// planFlow asks for an answer with bounds.
var planFlow = pawl.New("plan", "Plan work in a garden.", func(r *pawl.Run, _ input) (plan, error) {
	return pawl.Ask(r, "plan", pawl.Messages[plan]("Planning", llm.User(planning)).MaxTokens(limit).Temperature(0)), nil
})

func newEngine(t *testing.T, models llm.Catalog) *local.Engine {
	t.Helper()
	j := journal.NewMemory()
	e := local.New(&local.Options{Journal: j, Models: models, Model: "openai-chat/" + model,
		Flows: []pawl.Flow{planFlow, talesFlow}, Timeout: 2 * time.Minute})
	t.Cleanup(func() {
		if err := e.Close(context.WithoutCancel(t.Context())); err != nil {
			t.Error(err)
		}
		if err := j.Close(); err != nil {
			t.Error(err)
		}
	})
	return e
}

func run(t *testing.T, e *local.Engine, wire string) pawl.RunRecord {
	t.Helper()
	h, err := pawl.Start(t.Context(), e, planFlow, input{}, &pawl.StartOptions{Model: wire + "/" + model})
	if err != nil {
		t.Fatal(err)
	}
	rec, err := e.Wait(t.Context(), h.ID())
	if err != nil {
		t.Fatal(err)
	}
	return rec
}

// outcome says in a line how a run ended.
func outcome(rec pawl.RunRecord) string {
	var attempts []string
	for _, s := range rec.Steps {
		for _, a := range s.Attempts {
			attempts = append(attempts, string(a.Outcome))
		}
	}
	line := string(rec.Status) + ": " + strings.Join(attempts, ", ")
	if rec.Reason != "" {
		line += "; " + rec.Reason
	}
	return line
}

// A server that enforces schemas gets bounds right at once.
func TestBoundsNeedNoRepair(t *testing.T) {
	rec := run(t, newEngine(t, wires(address(t))), "openai-chat")
	if rec.Status != pawl.StatusDone {
		t.Fatal(outcome(rec))
	}
	if n := len(rec.Steps[0].Attempts); n != 1 && given == "" {
		t.Errorf("%d attempts, want 1", n)
	}
	record("openai-chat", "flow with bounds", "", outcome(rec))
}

// One that ignores them is told what is wrong: a repair, or a reason, and no request that
// it refuses.
func TestIgnoredSchemaIsRepaired(t *testing.T) {
	for _, wire := range []string{"openai", "anthropic"} {
		rec := run(t, newEngine(t, wires(address(t))), wire)
		for _, a := range rec.Steps[0].Attempts {
			if a.Error != nil && a.Error.Kind == pawl.ErrorKind(llm.Invalid) {
				t.Errorf("%s: attempt %d was refused: %s", wire, a.Number, a.Error.Message)
			}
		}
		if rec.Status != pawl.StatusDone && rec.Reason == "" {
			t.Errorf("%s: %s, without a reason", wire, outcome(rec))
		}
		record(wire, "flow with bounds", "", outcome(rec))
	}
}

func TestTwoRunsAtOnce(t *testing.T) {
	e := newEngine(t, wires(address(t)))
	recs := make([]pawl.RunRecord, 2)
	var wg sync.WaitGroup
	for i := range recs {
		wg.Go(func() { recs[i] = run(t, e, "openai-chat") })
	}
	wg.Wait()
	for _, rec := range recs {
		if rec.Status != pawl.StatusDone {
			t.Error(outcome(rec))
		}
		record("openai-chat", "two runs at once", "", outcome(rec))
	}
}

type title struct {
	Title string `json:"title" pawl:"len=1..60"`
}

// talesFlow asks several times, so that a server can be killed between.
var talesFlow = pawl.New("tales", "Find titles of tales.", func(r *pawl.Run, _ input) ([]string, error) {
	var titles []string
	for _, about := range []string{"a fox", "a crow", "a hedgehog"} {
		said := pawl.Ask(r, "title", pawl.Messages[title]("Finding a title", llm.User("Find a title for a tale of "+about+".")).MaxTokens(limit).Temperature(0).Tries(1))
		titles = append(titles, said.Title)
	}
	return titles, nil
})

// dying is a model whose server is killed in the middle of the answer to a step.
type dying struct {
	llm.Model
	key  string
	kill func() // called once
}

func (d dying) Generate(ctx context.Context, req llm.Request, stream func(llm.Delta)) (llm.Response, error) {
	return d.Model.Generate(ctx, req, func(piece llm.Delta) {
		if req.Meta.Key == d.key {
			d.kill()
		}
		if stream != nil {
			stream(piece)
		}
	})
}

// What was answered before the server died is not asked again, and half an answer is none.
func TestKilledServerIsResumed(t *testing.T) {
	if command == "" {
		t.Skip("no server that may be killed: run make real")
	}
	s := startServers(t)
	defer func() { s.stop() }()
	models := wires(s.url())
	models["openai-chat"] = dying{models["openai-chat"], "title#2", sync.OnceFunc(s.model.stop)}
	e := newEngine(t, models)
	h, err := pawl.Start(t.Context(), e, talesFlow, input{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	rec, err := e.Wait(t.Context(), h.ID())
	if err != nil {
		t.Fatal(err)
	}
	if rec.Status == pawl.StatusDone || rec.Reason == "" {
		t.Fatalf("%s, want it to stand still with a reason", outcome(rec))
	}
	record("openai-chat", "server killed in an answer", "", outcome(rec))

	s.startModel(t)
	if err := e.Direct(t.Context(), h.ID(), pawl.Directive{What: pawl.DirectResume}); err != nil {
		t.Fatal(err)
	}
	if rec, err = e.Wait(t.Context(), h.ID()); err != nil {
		t.Fatal(err)
	}
	if rec.Status != pawl.StatusDone || len(rec.Steps[0].Attempts) != 1 {
		t.Fatalf("%s, want done, and the first title found once", outcome(rec))
	}
	record("openai-chat", "server back, resumed", "", outcome(rec))
}
