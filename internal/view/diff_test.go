package view_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/local"
	"github.com/pawlrun/pawl/internal/checktest"
	"github.com/pawlrun/pawl/internal/diff"
	"github.com/pawlrun/pawl/internal/view"
	"github.com/pawlrun/pawl/llm"
)

type essayIn struct {
	Topic  string   `json:"topic"`
	Token  string   `json:"token" pawl:"sensitive,default=\"\""`
	Codes  []string `json:"codes" pawl:"sensitive,default=[]"`
	Extra  []string `json:"extra" pawl:"default=[]"`
	Review bool     `json:"review" pawl:"default=false"`
}

type verdict struct {
	Issues []string `json:"issues"`
	Score  float64  `json:"score"`
}

// essay drafts, judges and revises twice; it has a person approve if that is wanted.
var essay = pawl.New("essay", "Writes an essay.", func(r *pawl.Run, in essayIn) (string, error) {
	for _, e := range in.Extra {
		pawl.Ask(r, "extra", pawl.Messages[string]("Asking on", llm.User(e)))
	}
	text := pawl.Ask(r, "draft", pawl.Messages[string]("Drafting", llm.User("draft "+in.Topic)).
		Gate("is long", func(s string) error {
			if len(s) < 10 {
				return errors.New("is short")
			}
			return nil
		}))
	pawl.Ask(r, "judge", pawl.Messages[verdict]("Judging", llm.User("judge "+text)))
	for range 2 {
		text = pawl.Ask(r, "revise", pawl.Messages[string]("Revising", llm.User("revise "+text)))
	}
	if in.Review {
		text = pawl.Approve(r, "publish", text, "Publish?").Value
	}
	return text, nil
})

// desk has an engine whose model answers each prompt, by how it begins, in turn.
type desk struct {
	*view.View
	engine *local.Engine
	asked  *atomic.Int64
}

func newDesk(t *testing.T, said map[string][]string) desk {
	t.Helper()
	var asked atomic.Int64
	var mu sync.Mutex // of said
	j := checktest.Memory(t)
	e := local.New(&local.Options{Journal: j, Model: "test/one", Models: llm.Catalog{"test": llm.Func(func(_ context.Context, req llm.Request, _ func(llm.Delta)) (llm.Response, error) {
		asked.Add(1)
		mu.Lock()
		defer mu.Unlock()
		key := strings.Split(req.Meta.Key, "#")[0]
		all := said[key]
		if len(all) > 1 {
			said[key] = all[1:]
		}
		return llm.Response{Text: all[0], Usage: &llm.Usage{InputTokens: 10, OutputTokens: 5}}, nil
	})}})
	t.Cleanup(func() { e.Close(context.WithoutCancel(t.Context())) })
	return desk{view.New(e, j, []pawl.Flow{essay}), e, &asked}
}

// run runs the essay to its rest, perhaps on a base.
func (d desk) run(t *testing.T, input string, base *pawl.Base) pawl.RunID {
	t.Helper()
	id, err := d.engine.Start(t.Context(), essay, json.RawMessage(input), &pawl.StartOptions{Base: base, Who: "eve"})
	if err == nil {
		d.rest(t, id)
	}
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func (d desk) rest(t *testing.T, id pawl.RunID) {
	t.Helper()
	for _, err := range d.engine.Events(t.Context(), id, 0) {
		if err != nil {
			t.Fatal(err)
		}
	}
}

func (d desk) diff(t *testing.T, a, b pawl.RunID) view.Comparison {
	t.Helper()
	c, err := d.Diff(t.Context(), a, b)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// told are the steps of a comparison in short: what became of each.
func told(c view.Comparison) (all []string) {
	for _, s := range c.Steps {
		line := fmt.Sprintf("%s %s", s.Key, s.Change)
		if s.A != nil && s.B != nil && s.A.Key != s.B.Key {
			line += " from " + string(s.A.Key)
		}
		all = append(all, line)
	}
	return all
}

func wantTold(t *testing.T, c view.Comparison, want ...string) {
	t.Helper()
	if got := told(c); !slices.Equal(got, want) {
		t.Errorf("steps are %q, want %q", got, want)
	}
}

func answersOfEssay() map[string][]string {
	return map[string][]string{
		"draft": {"The tide comes in."}, "judge": {`{"issues":["too short"],"score":0.5}`, `{"issues":["too short","dull"],"score":0.25}`},
		"revise": {"The tide comes in twice.", "The tide comes in twice a day.", "The sea comes in twice.", "The tide comes in twice a day."}, "extra": {"extra words"},
	}
}

// A run beside one that was run anew: what came to the same, what to something else, in
// words and in fields, and where that was asked otherwise.
func TestDiff(t *testing.T) {
	d := newDesk(t, answersOfEssay())
	a := d.run(t, `{"topic":"tides"}`, nil)
	b := d.run(t, `{"topic":"tides"}`, nil)
	c := d.diff(t, a, b)
	wantTold(t, c, "draft same", "judge changed", "revise changed", "revise#2 same")
	judge := c.Steps[1]
	if judge.Asked != "same" || c.Steps[3].Asked != "changed" || judge.Result.Same || len(judge.Result.Fields) != 2 {
		t.Errorf("judge: %+v", judge)
	}
	raw, _ := json.Marshal(judge.Result.Fields)
	if want := `[{"op":"added","path":"issues[1]","was":"issues[1]","old":null,"new":"dull","words":[],"hidden":false},{"op":"changed","path":"score","was":"score","old":0.5,"new":0.25,"words":[],"hidden":false}]`; string(raw) != want {
		t.Errorf("fields are %s", raw)
	}
	if words, _ := json.Marshal(c.Steps[2].Result.Fields[0].Words); string(words) != `[{"op":"same","text":"The "},{"op":"removed","text":"tide"},{"op":"added","text":"sea"},{"op":"same","text":" comes in twice."}]` {
		t.Errorf("words are %s", words)
	}
	if !c.Setup.Same || !c.Input.Same || !c.Output.Same || c.A.Usage.ModelCalls != 4 || *c.Steps[0].B.Usage.InputTokens != 10 {
		t.Errorf("%+v", c)
	}
}

// What a rerun has taken over is reused, also from another key, and what it has alone stands
// where it came.
func TestDiffOfRerun(t *testing.T) {
	d := newDesk(t, answersOfEssay())
	a := d.run(t, `{"topic":"tides","extra":["x"]}`, nil)
	asked := d.asked.Load()
	b := d.run(t, `{"topic":"tides","extra":["y","x"]}`, &pawl.Base{Run: a})
	if now := d.asked.Load(); now != asked+1 {
		t.Fatalf("%d calls", now-asked)
	}
	c := d.diff(t, a, b)
	wantTold(t, c, "extra only_b", "extra#2 reused from extra", "draft reused", "judge reused", "revise reused", "revise#2 reused")
	if got := c.Input.Fields; len(got) != 1 || got[0].Path != "extra[0]" || got[0].Op != diff.Added || *c.B.Base != a {
		t.Errorf("input: %+v", got)
	}
	wantTold(t, d.diff(t, b, a), "extra only_a", "extra reused from extra#2", "draft reused", "judge reused", "revise reused", "revise#2 reused")
	third := d.run(t, `{"topic":"tides","extra":["x"]}`, &pawl.Base{Run: a, At: "judge"})
	c = d.diff(t, b, third) // both have their draft from a
	wantTold(t, c, "extra only_a", "extra reused from extra#2", "draft reused", "judge changed", "revise reused", "revise#2 reused")
}

// What people decided is compared, whoever they are and whatever they made of it.
func TestDiffOfDecisions(t *testing.T) {
	d := newDesk(t, answersOfEssay())
	a := d.run(t, `{"topic":"tides","review":true}`, nil)
	b := d.run(t, `{"topic":"tides","review":true}`, &pawl.Base{Run: a})
	for id, decision := range map[pawl.RunID]pawl.Decision{
		a: {Key: "publish", What: pawl.DecideApprove, Who: "anna"},
		b: {Key: "publish", What: pawl.DecideApprove, Who: "bob", Value: json.RawMessage(`"The tide comes in, twice a day."`)},
	} {
		if err := d.engine.Decide(t.Context(), id, decision); err != nil {
			t.Fatal(err)
		}
		d.rest(t, id)
	}
	c := d.diff(t, a, b)
	s := c.Steps[len(c.Steps)-1]
	if s.Key != "publish" || s.Change != view.StepChanged || s.A.Decision.Who != "anna" || s.B.Decision.Who != "bob" || len(s.Result.Fields) != 1 || s.Result.Fields[0].Path != "" {
		t.Errorf("%+v", s)
	}
	again := d.run(t, `{"topic":"tides","review":true}`, &pawl.Base{Run: a})
	c = d.diff(t, a, again)
	if s := c.Steps[len(c.Steps)-1]; s.Change != view.StepReused || s.B.Decision == nil || !s.B.Decision.Carried {
		t.Errorf("carried: %+v", s)
	}
}

// One step is shown with what was asked, and one that neither run has is not found.
func TestDiffStep(t *testing.T) {
	d := newDesk(t, answersOfEssay())
	a := d.run(t, `{"topic":"tides"}`, nil)
	b := d.run(t, `{"topic":"moons"}`, nil)
	c, err := d.DiffStep(t.Context(), a, b, "draft")
	if err != nil || len(c.Steps) != 1 || len(c.Steps[0].Sent) != 1 {
		t.Fatalf("%+v, %v", c.Steps, err)
	}
	if words := c.Steps[0].Sent[0].Words; len(words) != 3 || words[1].Text != "tides" || words[2].Text != "moons" {
		t.Errorf("sent: %+v", words)
	}
	if _, err := d.DiffStep(t.Context(), a, b, "nope"); !errors.Is(err, pawl.ErrNotFound) {
		t.Errorf("%v", err)
	}
	if _, err := d.Diff(t.Context(), a, "nope"); !errors.Is(err, pawl.ErrNotFound) {
		t.Errorf("%v", err)
	}
}

// What is sensitive and differs is told to differ, in a field and in a whole answer, and
// nothing of it is shown. Of a flow that is not known nothing is shown but that.
func TestDiffIsMasked(t *testing.T) {
	f := started(t, letter)
	a := f.id
	b, err := f.engine.Start(t.Context(), letter, json.RawMessage(`{"topic":"moons, not `+token+`","token":"tok-otter-1234"}`), nil)
	if err != nil {
		t.Fatal(err)
	}
	desk{engine: f.engine}.rest(t, b)
	for name, flows := range map[string][]pawl.Flow{"known": {letter}, "unknown": nil} {
		v := view.New(f.engine, f.journal, flows)
		c, err := v.Diff(t.Context(), a, b)
		if err != nil {
			t.Fatal(err)
		}
		step, err := v.DiffStep(t.Context(), a, b, "draft")
		if err != nil {
			t.Fatal(err)
		}
		revisions, err := v.Revisions(t.Context(), a, []pawl.Key{"draft", "greet"})
		if err != nil {
			t.Fatal(err)
		}
		raw, _ := json.Marshal([]any{c, step, revisions})
		for _, secret := range []string{token, pin, "tok-otter", "1234"} {
			if strings.Contains(string(raw), secret) {
				t.Errorf("%s: shows %s: %s", name, secret, raw)
			}
		}
		hidden := 0
		for _, field := range c.Input.Fields {
			if field.Hidden {
				hidden++
			}
		}
		want := 2 - len(c.Input.Fields) // the whole input, or the token beside the topic
		if want < 0 || hidden != 1 || name == "known" && (len(c.Input.Fields) != 2 || c.Input.Fields[1].Path != "token") || name == "unknown" && strings.Contains(string(raw), "moons") {
			t.Errorf("%s: input %+v", name, c.Input)
		}
		if len(revisions.Revisions) != 3 || !revisions.Revisions[1].Since.Fields[0].Hidden {
			t.Errorf("%s: revisions %+v", name, revisions)
		}
	}
}

// Of what is within something sensitive not even the place is told, nor how much of it there
// is.
func TestDiffWithinHidden(t *testing.T) {
	d := newDesk(t, answersOfEssay())
	a := d.run(t, `{"topic":"tides","codes":["c-1111"]}`, nil)
	b := d.run(t, `{"topic":"tides","codes":["c-1111","c-2222","c-3333"]}`, nil)
	raw, _ := json.Marshal(d.diff(t, a, b).Input)
	if want := `{"same":false,"fields":[{"op":"changed","path":"codes","was":"codes","old":"***","new":"***","words":[],"hidden":true}],"more":0}`; string(raw) != want {
		t.Errorf("input is %s, wants %s", raw, want)
	}
}

// What a step came to, answers that were turned down included, and what each of its revisions
// made of that.
func TestRevisions(t *testing.T) {
	said := answersOfEssay()
	said["draft"] = []string{"Tides.", "The tide comes in."}
	d := newDesk(t, said)
	a := d.run(t, `{"topic":"tides","review":true}`, nil)
	if err := d.engine.Decide(t.Context(), a, pawl.Decision{Key: "publish", What: pawl.DecideApprove, Who: "bob", Value: json.RawMessage(`"The tide comes in, twice a day."`)}); err != nil {
		t.Fatal(err)
	}
	d.rest(t, a)
	r, err := d.Revisions(t.Context(), a, []pawl.Key{"draft"})
	if err != nil {
		t.Fatal(err)
	}
	if got := r.Revisions; len(got) != 2 || got[0].Accepted || got[0].Why[0] != "is long: is short" || got[1].Attempt != 2 || len(got[1].Since.Fields) != 1 || !slices.Equal(r.Alike, []pawl.Key{"revise", "publish"}) {
		t.Errorf("%+v", r)
	}
	if r, err = d.Revisions(t.Context(), a, []pawl.Key{"draft, revise", "publish"}); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, at := range r.Revisions {
		got = append(got, fmt.Sprintf("%s %d %s", at.Key, at.Attempt, at.Result))
	}
	want := []string{`draft 1 "Tides."`, `draft 2 "The tide comes in."`, `revise 1 "The tide comes in twice."`, `revise#2 1 "The tide comes in twice a day."`, `publish 0 "The tide comes in, twice a day."`}
	if !slices.Equal(got, want) || len(r.Alike) != 0 {
		t.Errorf("%q and %v, want %q", got, r.Alike, want)
	}
	if _, err := d.Revisions(t.Context(), a, []pawl.Key{"draft", "nope"}); !errors.Is(err, pawl.ErrNotFound) {
		t.Errorf("%v", err)
	}
	if r, err = d.Revisions(t.Context(), a, nil); err != nil || !slices.Equal(r.Steps, []pawl.Key{"draft", "revise", "publish"}) || len(r.Revisions) != len(want) {
		t.Errorf("without keys: %+v, %v", r, err)
	}
}

// Where nothing was written twice there is no revision, also not of the items of a map, which
// have the same form.
func TestNoRevisions(t *testing.T) {
	lines := pawl.New("lines", "Writes lines.", func(r *pawl.Run, _ struct{}) (int, error) {
		pawl.Map(r, "lines", []string{"one", "two"}, func(r *pawl.Run, about string) (string, error) {
			return pawl.Ask(r, "line", pawl.Messages[string]("Writing a line", llm.User(about))), nil
		})
		return pawl.Do(r, "count", 2, func(_ context.Context, n int) (int, error) { return n, nil }), nil
	})
	d := newDesk(t, map[string][]string{"lines[0]/line": {"First."}, "lines[1]/line": {"Second."}})
	id, err := d.engine.Start(t.Context(), lines, json.RawMessage(`{}`), nil)
	if err != nil {
		t.Fatal(err)
	}
	d.rest(t, id)
	r, err := d.Revisions(t.Context(), id, nil)
	if err != nil || r.Steps == nil || len(r.Steps) != 0 || len(r.Revisions) != 0 {
		t.Errorf("%+v, %v", r, err)
	}
}
