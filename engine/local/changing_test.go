package local_test

import (
	"context"
	"encoding/json"
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
	"github.com/pawlrun/pawl/engine/local"
	"github.com/pawlrun/pawl/internal/checktest"
	"github.com/pawlrun/pawl/journal"
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
	comes   when   // an event for the step paid, 7
}

// when is before or after a change.
type when int

const (
	neverComes when = iota
	comesBefore
	comesAfter
	comesLate // never, and before the change it has expired
)

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

func effect(r *pawl.Run) {
	pawl.Do(r, "a", 1, func(context.Context, int) (string, error) { return "done", nil })
}

func rest(d time.Duration) func(*pawl.Run) {
	return func(r *pawl.Run) { pawl.Sleep(r, "rest", d) }
}

var changes = []change{
	{"A step is inserted before finished ones", inTurn("a", "b"), inTurn("new", "a", "b"), "",
		"done: a, b, new; asked new", neverComes},
	{"A step is inserted before the one that failed", inTurn("a", "b"), inTurn("a", "new", "b"), "b",
		"done: a, b, new; asked new, b", neverComes},
	{"A finished step is removed", inTurn("a", "b", "c"), inTurn("b"), "",
		"done: a unused, b, c unused", neverComes},
	{"A step that failed is removed", inTurn("a", "b"), inTurn("a"), "b",
		"done: a, b", neverComes},
	{"A finished step is renamed", inTurn("a", "b"), inTurn("other", "b"), "",
		"done: a unused, b, other; asked other", neverComes},
	{"A step that failed is renamed", inTurn("a", "b"), inTurn("a", "other"), "b",
		"done: a, b, other; asked other", neverComes},
	{"Finished steps change places", inTurn("a", "b", "c"), inTurn("c", "a", "b"), "",
		"done: a, b, c", neverComes},
	{"A step moves into a Map, a Parallel or a Call", inTurn("a"), call, "",
		"done: a unused, sub, sub/a; asked sub/a", neverComes},
	{"A finished step's prompt is worded differently", worded("Write about"), worded("Tell of"), "",
		"done: a stale", neverComes},
	{"The prompt of a step that failed is worded differently", worded("Write about"), worded("Tell of"), "a",
		"done: a; asked a", neverComes},
	{"A gate is added to a finished step", inTurn("a"), gated, "",
		"done: a", neverComes},
	{"A gate is added to a step that failed", inTurn("a"), gated, "a",
		"failed at a as gate: a; asked a, a, a", neverComes},
	{"An ask becomes a Do, or any kind another", inTurn("a"), effect, "",
		"failed at a as mismatch: a", neverComes},
	{"A step that failed becomes one of another kind", inTurn("a"), effect, "a",
		"failed at a as mismatch: a", neverComes},
	{"A finished step's answer no longer fits its type", inTurn("a"), func(r *pawl.Run) { pawl.Ask(r, "a", pawl.Messages[outline]("a", llm.User("a"))) }, "",
		"failed at a as mismatch: a", neverComes},
	{"A Try form becomes the plain one, and the step had failed", attempted, inTurn("a"), "a",
		"failed at a as mismatch: a", neverComes},
	{"A plain form becomes a Try form, and the step had failed", inTurn("a"), attempted, "a",
		"done: a; asked a", neverComes},
	{"Items are added at the end of a Map", each(2), each(3), "",
		"done: items, items[0]/a, items[1]/a, items[2]/a; asked items[2]/a", neverComes},
	{"Items are removed at the end of a Map", each(2), each(1), "",
		"done: items, items[0]/a, items[1]/a unused", neverComes},
	{"A Map gets another limit or purpose", each(2), each(2, pawl.Limit(1), pawl.Purpose("Slowly")), "",
		"done: items, items[0]/a, items[1]/a", neverComes},
	{"A Sleep that is over gets another length", rest(time.Hour), rest(48 * time.Hour), "",
		"done: rest", neverComes},
	{"An Await is inserted before finished steps", inTurn("a"), func(r *pawl.Run) { pawl.Await[int](r, "paid"); ask(r, "a") }, "",
		"done: a, paid", comesAfter},
	{"An Await that has its event is removed", paid[int]("paid"), inTurn("a"), "",
		"done: a, paid unused; asked a", comesBefore},
	{"An Await that is open is removed", paid[int]("paid"), inTurn("a"), "",
		"done: a, paid; asked a", neverComes},
	{"An Await that has its event is renamed", paid[int]("paid"), paid[int]("money"), "",
		"waiting: money, paid", comesBefore},
	{"An Await that is open is renamed", paid[int]("paid"), paid[int]("money"), "",
		"waiting: money, paid", comesAfter},
	{"An Await that is open is renamed with pawl.Was", paid[int]("paid"), paid[int]("money", pawl.Was("paid")), "",
		"done: paid", comesAfter},
	{"The type of an Await that has its event changes, and the event does not fit it", paid[int]("paid"), paid[string]("paid"), "",
		"failed at paid as mismatch: paid", comesBefore},
	{"The type of an Await that has its event changes, and the event fits it", paid[int]("paid"), paid[float64]("paid"), "",
		"done: paid stale", comesBefore},
	{"The type of an Await that is open changes", paid[int]("paid"), paid[string]("paid"), "",
		"waiting: paid", comesAfter},
	{"A TryAwait that has expired becomes an Await", triesPaid, paid[int]("paid"), "",
		"failed at paid as mismatch: paid", comesLate},
}

// paid awaits an event.
func paid[T any](name string, opts ...pawl.AwaitOption) func(*pawl.Run) {
	return func(r *pawl.Run) { pawl.Await[T](r, name, opts...) }
}

func triesPaid(r *pawl.Run) { _, _ = pawl.TryAwait[int](r, "paid", pawl.For(time.Hour)) }

func TestChanges(t *testing.T) {
	for _, c := range changes {
		t.Run(c.what, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				if d := cmp.Diff(c.want, c.tryOut(t)); d != "" {
					t.Errorf("(-want +got):\n%s", d)
				}
			})
		})
	}
}

// tryOut says how the run stands in the end.
func (c change) tryOut(t *testing.T) string {
	j, m := checktest.Memory(t), &script{Replies: map[string][]any{c.fails: {pawl.ErrGate}}}
	e := newEngine(j, m)
	rec := finish(t, e, pawl.New("f", "F.", func(r *pawl.Run, in topic) (int, error) {
		c.was(r)
		return 0, errors.New("stop here")
	}))
	switch c.comes {
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
	if c.comes == comesAfter {
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

// pays delivers the event of the step paid, if it is taken.
func pays(t *testing.T, e *local.Engine, j journal.Journal, id pawl.RunID) {
	t.Helper()
	err := e.Deliver(t.Context(), addressOf(t, j, id, "paid"), "1", json.RawMessage(`7`))
	if err != nil && !errors.Is(err, pawl.ErrInput) {
		t.Fatal(err)
	}
}

// addressOf is where events for a step are delivered.
func addressOf(t *testing.T, j journal.Journal, id pawl.RunID, key pawl.Key) string {
	t.Helper()
	events, err := j.Read(t.Context(), id, 0, 1)
	if err != nil {
		t.Fatal(err)
	}
	created, err := journal.Decode[journal.Created](events[0])
	if err != nil {
		t.Fatal(err)
	}
	return journal.Callback{Run: id, Key: key}.Address(created.Secret)
}

func hasEvent(rec pawl.RunRecord) bool {
	return slices.ContainsFunc(rec.Blockers, func(b pawl.Blocker) bool { return b.Kind == pawl.BlockerEvent })
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
	if d := cmp.Diff(tests, rows); d != "" {
		t.Errorf("(-tests +docs/changing.md):\n%s", d)
	}
}
