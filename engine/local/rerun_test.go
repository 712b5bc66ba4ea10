package local_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/internal/enginetest"
	"github.com/pawlrun/pawl/internal/checktest"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/llm"
)

// TestBudgetOfTheBase: a rerun has the limits in force in its base, raised ones included,
// unless others or none are given.
func TestBudgetOfTheBase(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newEngine(checktest.Memory(t), &script{}, abc)
		defer e.Close(t.Context())
		one, nine := int64(1), int64(9)
		id := startWith(t, e, abc, &pawl.Budget{Calls: &one})
		follow(t, e, id)
		decide(t, e, id, pawl.Decision{Key: "b", What: pawl.DecideRaise, Budget: &pawl.Budget{Calls: &nine}})
		if was := follow(t, e, id); was.Status != pawl.StatusDone {
			t.Fatal(was.Status)
		}
		for _, tt := range []struct {
			given, want *pawl.Budget
		}{{nil, &pawl.Budget{Calls: &nine}}, {&pawl.Budget{Tokens: &nine}, &pawl.Budget{Tokens: &nine}}, {&pawl.Budget{}, nil}} {
			id, err := e.Start(t.Context(), abc, nil, &pawl.StartOptions{Budget: tt.given, Base: &pawl.Base{Run: id}})
			if err != nil {
				t.Fatal(err)
			}
			var got *pawl.Budget
			if b := follow(t, e, id).Budget; b != nil {
				got = &b.Limit
			}
			is, _ := json.Marshal(got)
			wants, _ := json.Marshal(tt.want)
			if string(is) != string(wants) {
				t.Errorf("%s, wants %s", is, wants)
			}
		}
	})
}

// TestModelOfARerun: what another model had answered is no answer of one that is chosen for
// the rerun, whichever models the base has asked. Of a base that has none yet it is the
// default.
func TestModelOfARerun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &script{Replies: map[string][]any{"b": {&llm.Error{Kind: llm.Refused, Message: "no"}}}}
		e := newEngine(checktest.Memory(t), m, abc)
		defer e.Close(t.Context())
		was := finish(t, e, abc)
		direct(t, e, was.ID, pawl.Directive{What: pawl.DirectResume, Model: "test/two"})
		follow(t, e, was.ID)
		for model, want := range map[string]string{"test/two": "a:done b:reused c:reused", "": "a:reused b:reused c:reused"} {
			id, err := e.Start(t.Context(), abc, nil, &pawl.StartOptions{Model: model, Base: &pawl.Base{Run: was.ID}})
			if err != nil {
				t.Fatal(err)
			}
			if rec := follow(t, e, id); keys(rec) != want || rec.Model != "test/two" {
				t.Errorf("with model %q: %s of %s", model, keys(rec), rec.Model)
			}
		}
		queued, err := e.Start(t.Context(), abc, []byte("{}"), &pawl.StartOptions{Queue: true})
		if err != nil {
			t.Fatal(err)
		}
		if rec := enginetest.On(t, e, abc, pawl.Base{Run: queued}); rec.Model != "test/one" || rec.Status != pawl.StatusDone {
			t.Errorf("%s with %q", rec.Status, rec.Model)
		}
	})
}

// TestPromptsOfTheBase: prompts that are given lie above those of the base, one by one.
func TestPromptsOfTheBase(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		type about struct{ Topic string }
		one := pawl.PromptText[about, string]("purpose: One\n---\n# user\nfirst {{.Topic}}")
		two := pawl.PromptText[about, string]("purpose: Two\n---\n# user\nsecond {{.Topic}}")
		f := pawl.New("abc", "Does.", func(r *pawl.Run, in topic) (string, error) {
			return pawl.Ask(r, "a", one.With(about{"x"})) + pawl.Ask(r, "b", two.With(about{"x"})), nil
		}, pawl.Prompts(one, two))
		with := func(files ...pawl.PromptFile) pawl.Flow {
			t.Helper()
			f, err := f.ReplacePrompts(files...)
			if err != nil {
				t.Fatal(err)
			}
			return f
		}
		m := &script{}
		e := newEngine(checktest.Memory(t), m, f)
		defer e.Close(t.Context())
		other := pawl.PromptFile{Name: "one", Text: "purpose: One\n---\n# user\nother {{.Topic}}"}
		was := finish(t, e, with(other))
		rec := enginetest.On(t, e, with(pawl.PromptFile{Name: "two", Text: "purpose: Two\n---\n# user\nnew {{.Topic}}"}), pawl.Base{Run: was.ID})
		if keys(rec) != "a:reused b:done" || len(rec.Prompts) != 2 {
			t.Errorf("%s, %+v", keys(rec), rec.Prompts)
		}
		own := pawl.PromptFile{Name: "one", Text: "purpose: One\n---\n# user\nfirst {{.Topic}}"}
		rec = enginetest.On(t, e, with(own), pawl.Base{Run: was.ID})
		if keys(rec) != "a:done b:reused" {
			t.Errorf("the flow's own again: %s", keys(rec))
		}
	})
}

// TestRerunTwiceById: whoever starts a rerun again by its id begins nothing; another base,
// place or result is another run, and the base itself is none.
func TestRerunTwiceById(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := checktest.Memory(t)
		e := newEngine(j, &script{}, abc)
		defer e.Close(t.Context())
		was := finish(t, e, abc)
		direct := enginetest.On(t, e, abc, pawl.Base{Run: was.ID})
		id := pawl.NewRunID()
		begin := func(b *pawl.Base) error {
			_, err := e.Start(t.Context(), abc, []byte("{}"), &pawl.StartOptions{ID: id, Base: b})
			return err
		}
		set := pawl.Base{Run: was.ID, At: "b", Result: json.RawMessage(`"set"`)}
		if err := begin(&set); err != nil {
			t.Fatal(err)
		}
		follow(t, e, id)
		if err := begin(&pawl.Base{Run: was.ID, At: "b", Result: json.RawMessage(` "\u0073et"`)}); err != nil {
			t.Errorf("the same again: %v", err)
		}
		for name, b := range map[string]*pawl.Base{
			"no base": nil, "another base": {Run: direct.ID, At: "b", Result: set.Result}, "another place": {Run: was.ID, At: "c", Result: set.Result},
			"another result": {Run: was.ID, At: "b", Result: json.RawMessage(`"other"`)}, "no result": {Run: was.ID, At: "b"},
		} {
			if err := begin(b); !errors.Is(err, pawl.ErrConflict) || !strings.Contains(err.Error(), "exists already") {
				t.Errorf("%s: %v", name, err)
			}
		}
		id = was.ID
		if err := begin(&pawl.Base{Run: was.ID}); !errors.Is(err, pawl.ErrInput) {
			t.Errorf("the base's id: %v", err)
		}
	})
}

// TestRerunFromAnItem: a whole item is executed anew, as a whole scope is.
func TestRerunFromAnItem(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := pawl.New("f", "F.", func(r *pawl.Run, in topic) (string, error) {
			pawl.Map(r, "items", []string{"x", "y"}, func(r *pawl.Run, s string) (string, error) {
				return pawl.Ask(r, "one", text(s)) + pawl.Ask(r, "two", text(s+"!")), nil
			}, pawl.InOrder)
			return "", nil
		})
		j := checktest.Memory(t)
		e := newEngine(j, &script{}, f)
		defer e.Close(t.Context())
		was := finish(t, e, f)
		rec := enginetest.On(t, e, f, pawl.Base{Run: was.ID, At: "items[1]"})
		if got := keys(rec); !strings.Contains(got, "items[0]/two:reused") || !strings.Contains(got, "items[1]/one:done items[1]/two:done") {
			t.Error(got)
		}
		for _, b := range []pawl.Base{{Run: was.ID, At: "items[2]"}, {Run: was.ID, At: "items[1]", Result: json.RawMessage("1")}} {
			if _, err := e.Start(t.Context(), f, nil, &pawl.StartOptions{Base: &b}); !errors.Is(err, pawl.ErrInput) {
				t.Errorf("%+v: %v", b, err)
			}
		}
		events, err := j.Read(t.Context(), rec.ID, 0, 1)
		if err != nil {
			t.Fatal(err)
		}
		if created, _ := journal.Decode[journal.Created](events[0]); created.Base.Before == 0 {
			t.Errorf("%+v", created.Base)
		}
	})
}

// TestRemovedBase: a run whose base was removed before it began executes all, and says so
// once in its history.
func TestRemovedBase(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := checktest.Memory(t)
		m := &script{Replies: map[string][]any{"b": {"one", &llm.Error{Kind: llm.Refused, Message: "no"}}}}
		e := newEngine(j, m, abc)
		defer e.Close(t.Context())
		was := finish(t, e, abc)
		id, err := e.Start(t.Context(), abc, nil, &pawl.StartOptions{Queue: true, Base: &pawl.Base{Run: was.ID}})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := j.Remove(t.Context(), journal.Shown{Run: was.ID, Seq: was.LastSeq}); err != nil {
			t.Fatal(err)
		}
		resume(t, e, id)
		follow(t, e, id) // b is refused
		resume(t, e, id)
		if rec := follow(t, e, id); rec.Status != pawl.StatusDone || len(m.Requests) != 7 {
			t.Errorf("%s after %d requests", rec.Status, len(m.Requests))
		}
		notes := notesOf(t, e, id)
		if len(notes) != 1 || notes[0] != "the run's base "+string(was.ID)+" was removed: what was not taken over from it before is executed" {
			t.Errorf("%q", notes)
		}
	})
}
