package local_test

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/local"
	"github.com/pawlrun/pawl/internal/checktest"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/llm"
	"github.com/pawlrun/pawl/llm/anthropic"
)

// form has more places that may be null than Anthropic takes.
type form struct {
	A, B, C, D, E, F, G, H, I, J, K, L, M, N, O, P, Last *string
}

var (
	plainP = pawl.PromptText[struct{}, string]("purpose: Plain\n---\n# user\nSay.")
	formP  = pawl.PromptText[struct{}, form]("purpose: Form\n---\n# user\nFill.")
	ownP   = pawl.PromptText[struct{}, form]("purpose: Own\nmodel: test/own\n---\n# user\nFill.")
	otherP = pawl.PromptText[struct{}, form]("purpose: Other\nmodel: test/own\nfallback: anthropic/claude-opus-5\n---\n# user\nFill.")
)

// filling asks, stands still, and fills a form.
func filling[P interface {
	Info() pawl.PromptInfo
	With(struct{}) pawl.Question[form]
}](p P) pawl.Flow {
	return pawl.New("filling", "Fills a form.", func(r *pawl.Run, _ struct{}) (string, error) {
		pawl.Ask(r, "first", plainP.With(struct{}{}))
		pawl.Input[string](r, "gate", "Go on?")
		pawl.Ask(r, "form", p.With(struct{}{}))
		return "done", nil
	}, pawl.Prompts(plainP, p))
}

// filler is an engine with the providers test and anthropic, which is never to be asked.
func filler(j journal.Journal, m llm.Model, preset string, f pawl.Flow) *local.Engine {
	claude := anthropic.New(&anthropic.Options{APIKey: "sk-ant-none", BaseURL: "http://127.0.0.1:1"})
	return local.New(&local.Options{Journal: j, Models: llm.Catalog{"test": m, "anthropic": claude}, Model: preset, Flows: []pawl.Flow{f}})
}

const claude = "anthropic/claude-opus-5"

// refusedForm checks that an error names flow, prompt, model and field.
func refusedForm(t *testing.T, when string, err error) {
	t.Helper()
	var e *pawl.Error
	if !errors.As(err, &e) || e.Kind != pawl.ErrInput || e.Hint == "" {
		t.Fatalf("%s: %v, wants it refused, with a hint", when, err)
	}
	for _, part := range []string{"flow filling", `prompt "`, claude, "Last", "17th", "Anthropic"} {
		if !strings.Contains(e.Message, part) {
			t.Errorf("%s: %q, wants %q in it", when, e.Message, part)
		}
	}
}

// A model that cannot hold the schema of a listed prompt is refused before a run is made.
func TestSchemasAreCheckedAtTheStart(t *testing.T) {
	for _, tt := range []struct {
		name    string
		flow    pawl.Flow
		preset  string
		options pawl.StartOptions
		refused bool
	}{
		{"the model of the run", filling(formP), "test/one", pawl.StartOptions{Model: claude}, true},
		{"the engine's", filling(formP), claude, pawl.StartOptions{}, true},
		{"a fallback", filling(formP), "test/one", pawl.StartOptions{Fallback: []string{"test/two", claude}}, true},
		{"a fallback of the prompt", filling(otherP), "test/one", pawl.StartOptions{}, true},
		{"a run that is queued", filling(formP), "test/one", pawl.StartOptions{Model: claude, Queue: true}, true},
		{"a prompt that has its own", filling(ownP), claude, pawl.StartOptions{}, false},
		{"a prompt whose own is set aside", filling(ownP), "test/one", pawl.StartOptions{Model: claude}, true},
		{"a fallback that is set aside", filling(otherP), "test/one", pawl.StartOptions{Model: "test/two"}, false},
		{"a model that holds it", filling(formP), "test/one", pawl.StartOptions{}, false},
	} {
		j := checktest.Memory(t)
		e := filler(j, &script{}, tt.preset, tt.flow)
		o := tt.options
		o.Queue = o.Queue || !tt.refused // nothing is to be asked here
		_, err := e.Start(t.Context(), tt.flow, []byte(`{}`), &o)
		runs, lerr := e.List(t.Context(), pawl.RunFilter{})
		if lerr != nil {
			t.Fatal(lerr)
		}
		switch {
		case tt.refused:
			refusedForm(t, tt.name, err)
			if len(runs) != 0 {
				t.Errorf("%s: %d runs were made", tt.name, len(runs))
			}
		case err != nil || len(runs) != 1:
			t.Errorf("%s: %v, %d runs", tt.name, err, len(runs))
		}
		if err := e.Close(t.Context()); err != nil {
			t.Error(err)
		}
	}
}

// So it is where a run goes on with other models, or is run again with them, and what is
// refused changes nothing.
func TestSchemasAreCheckedWhereModelsChange(t *testing.T) {
	for _, live := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			j, f := checktest.Memory(t), filling(formP)
			m := &script{}
			e := filler(j, m, "test/one", f)
			id := start(t, e, f)
			follow(t, e, id)
			if !live { // another process: nobody executes the run
				if err := e.Close(t.Context()); err != nil {
					t.Fatal(err)
				}
				e = filler(j, m, "test/one", f)
			}
			before, err := j.Read(t.Context(), id, 0, 1000)
			if err != nil {
				t.Fatal(err)
			}
			for when, d := range map[string]pawl.Directive{
				"another model": {What: pawl.DirectResume, Who: "anna", Model: claude},
				"a fallback":    {What: pawl.DirectResume, Who: "anna", Fallback: []string{claude}},
			} {
				refusedForm(t, when, e.Direct(t.Context(), id, d))
			}
			for when, o := range map[string]pawl.StartOptions{
				"run again":                 {Model: claude, Base: &pawl.Base{Run: id}},
				"run again with a fallback": {Fallback: []string{claude}, Base: &pawl.Base{Run: id}},
			} {
				_, err := e.Start(t.Context(), f, nil, &o)
				refusedForm(t, when, err)
			}
			after, err := j.Read(t.Context(), id, 0, 1000)
			if err != nil || len(after) < len(before) {
				t.Fatal(err)
			}
			for _, ev := range after[len(before):] {
				if ev.Type == pawl.EventDirective || ev.Type == pawl.EventIntent {
					t.Errorf("live %t: what is refused left a %s", live, ev.Type)
				}
			}
			if rec, err := e.Wait(t.Context(), id); err != nil || rec.Status != pawl.StatusWaiting || len(m.Requests) != 1 {
				t.Errorf("live %t: the run is %s, %v, after %d calls", live, rec.Status, err, len(m.Requests))
			}
			if err := e.Direct(t.Context(), id, pawl.Directive{What: pawl.DirectResume, Who: "anna", Model: "test/two"}); err != nil {
				t.Errorf("live %t: with a model that holds it: %v", live, err)
			}
			if err := e.Close(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
}

// A run that was queued without a model is left by whoever has one that cannot hold its
// schemas, with the reason and before anything is asked, and taken up by who has another.
func TestSchemasAreCheckedWhereAQueuedRunTakesAModel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j, f, m := checktest.Memory(t), filling(formP), &script{}
		id := enqueue(t, filler(j, m, "", f), f)
		e := filler(j, m, claude, f)
		err := e.Work(t.Context(), &local.WorkOptions{Drain: true})
		refused(t, err, pawl.ErrStopped, "run "+string(id)+" is left queued: flow filling: prompt \"")
		refusedForm(t, "resumed", e.Direct(t.Context(), id, pawl.Directive{What: pawl.DirectResume, Who: "anna"}))
		if rec := status(t, e, id); rec.Status != pawl.StatusQueued || rec.Model != "" || len(m.Requests) != 0 {
			t.Fatalf("it is %s with %q, after %d calls", rec.Status, rec.Model, len(m.Requests))
		}
		if err := filler(j, m, "test/one", f).Work(t.Context(), &local.WorkOptions{Drain: true}); err != nil {
			t.Fatal(err)
		}
		if rec := status(t, e, id); rec.Status != pawl.StatusWaiting || rec.Model != "test/one" || len(m.Requests) != 1 {
			t.Errorf("it is %s with %q, after %d calls", rec.Status, rec.Model, len(m.Requests))
		}
	})
}
