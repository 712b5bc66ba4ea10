package local_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/checktest"
	"github.com/pawlrun/pawl/llm"
)

// change is a row of docs/changing.md: a run of the flow as it was, which comes to
// a failure behind all its steps or in one of them, goes on with the flow as it is
// now.
type change struct {
	what    string
	was, is func(*pawl.Run)
	fails   string // the step that fails first; empty: none
	want    string // how the run ends: its status, its steps, what was asked since
}

func inTurn(names ...string) func(*pawl.Run) {
	return func(r *pawl.Run) {
		for _, name := range names {
			ask(r, name)
		}
	}
}

// worded asks with a prompt of that wording, over the same data.
func worded(wording string) func(*pawl.Run) {
	p := pawl.MustPrompt[topic, string](fstest.MapFS{"p.md": {Data: []byte("purpose: Asking\n---\n# user\n" + wording + " {{.Topic}}\n")}}, "p.md")
	return func(r *pawl.Run) { pawl.Ask(r, "a", p.With(topic{Topic: "tides"})) }
}

func each(n int, opts ...pawl.MapOption) func(*pawl.Run) {
	return func(r *pawl.Run) {
		pawl.Map(r, "items", make([]int, n), func(r *pawl.Run, _ int) (string, error) {
			return pawl.Ask(r, "a", text("A")), nil
		}, opts...)
	}
}

func gated(r *pawl.Run) {
	pawl.Ask(r, "a", text("plain").Gate("never", func(string) error { return errors.New("is refused") }))
}

func call(r *pawl.Run) {
	pawl.Call(r, "sub", pawl.New("sub", "Ask.", func(r *pawl.Run, in topic) (int, error) { ask(r, "a"); return 1, nil }), topic{})
}

func attempted(r *pawl.Run) { pawl.TryAsk(r, "a", text("plain")) }

func insisting(r *pawl.Run) {
	pawl.Ask(r, "a", text("plain").Fallback("test/two").Tries(9).Repairs(9).Timeout(time.Hour).MaxTokens(99))
}

func effect(r *pawl.Run) {
	pawl.Do(r, "a", 1, func(context.Context, int) (string, error) { return "done", nil })
}

func rest(d time.Duration) func(*pawl.Run) {
	return func(r *pawl.Run) { pawl.Sleep(r, "rest", d) }
}

// onTopic asks about a topic, with the same words.
func onTopic(what string) func(*pawl.Run) {
	return func(r *pawl.Run) { pawl.Ask(r, "a", aboutP.With(topic{Topic: what})) }
}

type longer struct {
	Topic string `json:"topic"`
	Words int    `json:"words"`
}

var (
	aboutP  = pawl.PromptText[topic, string]("purpose: Asking\n---\n# user\nWrite about {{.Topic}}")
	longerP = pawl.PromptText[longer, string]("purpose: Asking\n---\n# user\nWrite about {{.Topic}} in {{.Words}} words")
)

func input(n int) func(*pawl.Run) {
	return func(r *pawl.Run) {
		pawl.Do(r, "a", n, func(_ context.Context, n int) (int, error) { return n, nil })
	}
}

func proposing(what string) func(*pawl.Run) {
	return func(r *pawl.Run) { pawl.Approve(r, "a", what, "OK?", pawl.ApproveAfter(1)) }
}

func answering[T any](r *pawl.Run) {
	pawl.Do(r, "a", 1, func(context.Context, int) (T, error) { return *new(T), nil })
}

func byName(names ...string) func(*pawl.Run) {
	return func(r *pawl.Run) {
		pawl.Map(r, "items", names, func(r *pawl.Run, name string) (string, error) {
			return pawl.Ask(r, "a", text("A")), nil
		}, pawl.By(func(name string) string { return name }))
	}
}

var changes = []change{
	{"A step is inserted before finished ones", inTurn("a", "b"), inTurn("new", "a", "b"), "",
		"done: a, b, new; asked new"},
	{"A step is inserted before the one that failed", inTurn("a", "b"), inTurn("a", "new", "b"), "b",
		"done: a, b, new; asked new, b"},
	{"A finished step is removed", inTurn("a", "b", "c"), inTurn("b"), "",
		"done: a unused, b, c unused"},
	{"A step that failed is removed", inTurn("a", "b"), inTurn("a"), "b",
		"done: a, b"},
	{"A finished step is renamed", inTurn("a", "b"), inTurn("other", "b"), "",
		"done: a unused, b, other; asked other"},
	{"A finished step is renamed, with Was", inTurn("a", "b"), func(r *pawl.Run) { pawl.Ask(r, "other", text("plain").Was("a")); ask(r, "b") }, "",
		"done: a, b"},
	{"A step that failed is renamed", inTurn("a", "b"), inTurn("a", "other"), "b",
		"done: a, b, other; asked other"},
	{"Finished steps change places", inTurn("a", "b", "c"), inTurn("c", "a", "b"), "",
		"done: a, b, c"},
	{"A step moves into a Map, a Parallel or a Call", inTurn("a"), call, "",
		"done: a unused, sub, sub/a; asked sub/a"},
	{"A finished step's prompt is worded differently", worded("Write about"), worded("Tell of"), "",
		"done: a stale"},
	{"The prompt of a step that failed is worded differently", worded("Write about"), worded("Tell of"), "a",
		"done: a; asked a"},
	{"The data of a finished ask changes", onTopic("tides"), onTopic("tea"), "",
		"failed at a as mismatch: a"},
	{"The data of a step that failed changes", onTopic("tides"), onTopic("tea"), "a",
		"done: a; asked a"},
	{"The data of a finished ask gets a field more", onTopic("tides"), func(r *pawl.Run) { pawl.Ask(r, "a", longerP.With(longer{"tides", 9})) }, "",
		"done: a stale"},
	{"The input of a finished Do changes", input(1), input(2), "",
		"failed at a as mismatch: a"},
	{"What was approved is not what is proposed now", proposing("x"), proposing("y"), "",
		"failed at a as mismatch: a"},
	{"The question of a finished approval is worded differently", proposing("x"), func(r *pawl.Run) { pawl.Approve(r, "a", "x", "Really?", pawl.ApproveAfter(1)) }, "",
		"done: a stale"},
	{"A gate is added to a finished step", inTurn("a"), gated, "",
		"done: a"},
	{"A step's token limit, fallback, tries, repairs or timeout change", inTurn("a"), insisting, "",
		"done: a"},
	{"A step that failed gets a fallback", inTurn("a"), insisting, "a",
		"done: a; asked a"},
	{"A gate is added to a step that failed", inTurn("a"), gated, "a",
		"failed at a as gate: a; asked a, a, a"},
	{"An ask becomes a Do, or any kind another", inTurn("a"), effect, "",
		"failed at a as mismatch: a"},
	{"A step that failed becomes one of another kind", inTurn("a"), effect, "a",
		"failed at a as mismatch: a"},
	{"A finished step's answer no longer fits its type", inTurn("a"), func(r *pawl.Run) { pawl.Ask(r, "a", pawl.Messages[outline]("a", llm.User("a"))) }, "",
		"failed at a as mismatch: a"},
	{"A Try form becomes the plain one, and the step had failed", attempted, inTurn("a"), "a",
		"failed at a as mismatch: a"},
	{"A field with a default is added to a finished step's answer type", answering[struct{ A string }], answering[struct {
		A string
		N int `pawl:"default=3"`
	}], "",
		"done: a"},
	{"A plain form becomes a Try form, and the step had failed", inTurn("a"), attempted, "a",
		"done: a; asked a"},
	{"Items are added at the end of a Map", each(2), each(3), "",
		"done: items, items[0]/a, items[1]/a, items[2]/a; asked items[2]/a"},
	{"Items are removed at the end of a Map", each(2), each(1), "",
		"done: items, items[0]/a, items[1]/a unused"},
	{"Items of a Map By identity change places, come and go", byName("x", "y", "z"), byName("z", "x", "new"), "",
		"done: items, items[=new]/a, items[=x]/a, items[=y]/a unused, items[=z]/a; asked items[=new]/a"},
	{"A Map gets By, or loses it", each(1), byName("0"), "",
		"failed at items as mismatch: items, items[0]/a"},
	{"A Map gets another limit or purpose", each(2), each(2, pawl.Limit(1), pawl.Purpose("Slowly")), "",
		"done: items, items[0]/a, items[1]/a"},
	{"A Map gets InOrder, or loses it", each(2, pawl.InOrder), each(3), "",
		"done: items, items[0]/a, items[1]/a, items[2]/a; asked items[2]/a"},
	{"A Sleep that is over gets another length", rest(time.Hour), rest(48 * time.Hour), "",
		"done: rest"},
}

func TestChanges(t *testing.T) {
	for _, c := range changes {
		c.test(t, neverComes)
	}
	for _, c := range awaited {
		c.test(t, c.comes)
	}
}

func (c change) test(t *testing.T, comes when) {
	t.Run(c.what, func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			if d := cmp.Diff(c.want, c.tryOut(t, comes)); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	})
}

// tryOut says how the run stands in the end.
func (c change) tryOut(t *testing.T, comes when) string {
	j, m := checktest.Memory(t), &script{Replies: map[string][]any{c.fails: {pawl.ErrGate}}}
	e := newEngine(j, m)
	rec := finish(t, e, pawl.New("f", "F.", func(r *pawl.Run, in topic) (int, error) {
		c.was(r)
		return 0, errors.New("stop here")
	}))
	switch comes {
	case comesBefore:
		pays(t, e, j, rec.ID)
	case comesLate:
		time.Sleep(2 * time.Hour)
	}
	if rec = follow(t, e, rec.ID); rec.Status != pawl.StatusFailed && !hasEvent(rec) {
		t.Fatalf("the run is %s before the change", rec.Status)
	}
	e.Close(t.Context())
	asked := len(m.Requests)
	e = newEngine(j, m, pawl.New("f", "F.", func(r *pawl.Run, in topic) (int, error) { c.is(r); return 1, nil }))
	resumed := time.Now()
	resume(t, e, rec.ID)
	rec = follow(t, e, rec.ID)
	if comes == comesAfter {
		pays(t, e, j, rec.ID)
		rec = follow(t, e, rec.ID)
	}

	s := string(rec.Status)
	if rec.Error != nil {
		s += fmt.Sprintf(" at %s as %s", rec.Error.Step, rec.Error.Kind)
	}
	var steps []string
	for _, step := range rec.Steps {
		is := string(step.Key)
		if step.Stale {
			is += " stale"
		}
		if step.Unused {
			is += " unused"
		}
		steps = append(steps, is)
	}
	slices.Sort(steps)
	s += ": " + strings.Join(steps, ", ")
	if d := time.Since(resumed); d >= time.Hour {
		s += " after " + d.String()
	}
	for i, req := range m.Requests[asked:] {
		s += []string{"; asked ", ", "}[min(i, 1)] + req.Meta.Key
	}
	return s
}

// TestChangesAreDocumented: a row of the table is a test here, and a test here is a
// row of the table.
func TestChangesAreDocumented(t *testing.T) {
	doc, err := os.ReadFile("../../docs/changing.md")
	if err != nil {
		t.Fatal(err)
	}
	var rows, tests []string
	for _, m := range regexp.MustCompile(`(?m)^\| (.*?) \|`).FindAllStringSubmatch(string(doc), -1)[1:] { // without the head
		rows = append(rows, strings.ReplaceAll(m[1], "`", ""))
	}
	for _, c := range changes {
		tests = append(tests, c.what)
	}
	for _, c := range awaited {
		tests = append(tests, c.what)
	}
	if d := cmp.Diff(tests, rows); d != "" {
		t.Errorf("(-tests +docs/changing.md):\n%s", d)
	}
}
