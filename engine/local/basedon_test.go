package local_test

import (
	"context"
	"encoding/json"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/internal/enginetest"
	"github.com/pawlrun/pawl/engine/local"
	"github.com/pawlrun/pawl/internal/checktest"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/llm"
)

// Of a run of an older program it is not known what its steps were about: another question
// is asked anew, before a fork too.
func TestOlderBaseIsAskedAnew(t *testing.T) {
	j, m := checktest.Memory(t), &script{}
	flow := pawl.New("f", "F.", func(r *pawl.Run, in topic) (string, error) {
		return pawl.Ask(r, "a", enginetest.Prompted("About {{.Topic}}", in.Topic)) + pawl.Ask(r, "b", text("B")), nil
	})
	e := newEngine(j, m, flow)
	defer e.Close(t.Context())
	was := finish(t, e, flow)
	old := withoutData(t, j, was.ID)
	for input, want := range map[string]string{`{"topic":"other"}`: "a:done b:done", string(was.Input): "a:reused b:done"} {
		id, err := e.Start(t.Context(), flow, json.RawMessage(input), &pawl.StartOptions{Base: &pawl.Base{Run: old, At: "b"}})
		if err != nil {
			t.Fatal(err)
		}
		if got := keys(follow(t, e, id)); got != want {
			t.Errorf("about %s: %s, wants %s", input, got, want)
		}
	}
}

// withoutData copies a run into one as an older program wrote it.
func withoutData(t *testing.T, j journal.Journal, id pawl.RunID) pawl.RunID {
	t.Helper()
	events, err := j.Read(t.Context(), id, 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	var drafts []journal.Draft
	for _, ev := range events {
		var body map[string]any
		if err := json.Unmarshal(ev.Body, &body); err != nil {
			t.Fatal(err)
		}
		if s, ok := body["step"].(map[string]any); ok {
			delete(s, "data")
		}
		if ev.Type != pawl.EventClaimed {
			drafts = append(drafts, journal.Draft{Type: ev.Type, Key: ev.Key, At: ev.At, Body: body, Result: ev.Type == pawl.EventAttempt})
		}
	}
	old := pawl.NewRunID()
	claim, err := j.Create(t.Context(), journal.NewRun{ID: old, Flow: "f"}, drafts[:1])
	if err != nil {
		t.Fatal(err)
	}
	if _, err := j.Append(t.Context(), claim, journal.Batch{Drafts: drafts[1:], Release: true, Summary: &journal.Summary{Status: pawl.StatusDone}}); err != nil {
		t.Fatal(err)
	}
	return old
}

// Under Strict other words are another question, before a fork too: what it took over
// would be refused when the fork goes on.
func TestStrictForksByDigestAlone(t *testing.T) {
	j, m := checktest.Memory(t), &script{}
	flow := func(words string) pawl.Flow {
		return pawl.New("f", "F.", func(r *pawl.Run, in topic) (string, error) {
			a := pawl.Ask(r, "a", enginetest.Prompted(words+" {{.Topic}}", in.Topic))
			return a + pawl.Ask(r, "b", text("B")) + pawl.Input[string](r, "in", "what?"), nil
		})
	}
	e := newEngine(j, m, flow("A"))
	defer e.Close(t.Context())
	id := start(t, e, flow("A"))
	follow(t, e, id)
	s := local.New(&local.Options{Journal: j, Models: llm.Catalog{"test": m}, Model: "test/one", Strict: true, Flows: []pawl.Flow{flow("About")}})
	defer s.Close(t.Context())
	rec := enginetest.On(t, s, flow("About"), pawl.Base{Run: id, At: "in"})
	if keys(rec) != "a:done b:reused in:waiting" {
		t.Errorf("%s", keys(rec))
	}
	decide(t, s, rec.ID, pawl.Decision{Key: "in", What: pawl.DecideAnswer, Value: json.RawMessage(`"x"`), Who: "anna"})
	if rec = follow(t, s, rec.ID); rec.Status != pawl.StatusDone {
		t.Errorf("%s %s %+v", rec.Status, keys(rec), rec.Error)
	}
}

// largest is a journal that notes the largest batch, in bytes of results.
type largest struct {
	journal.Journal
	bytes, results atomic.Int64
}

func (l *largest) Append(ctx context.Context, c *journal.Claim, b journal.Batch) ([]pawl.Event, error) {
	var bytes, results int64
	for _, d := range b.Drafts {
		if body, ok := d.Body.(journal.Reused); ok {
			bytes, results = bytes+int64(len(body.Result)), results+1
		}
	}
	l.bytes.Store(max(l.bytes.Load(), bytes))
	l.results.Store(max(l.results.Load(), results))
	return l.Journal.Append(ctx, c, b)
}

// What is taken over in one commit is bounded in bytes as well: by one event's, and the
// result with which it is full.
func TestCommitsOfLargeResults(t *testing.T) {
	const size = 4 << 20
	j := &largest{Journal: checktest.Memory(t)}
	f := pawl.New("f", "F.", func(r *pawl.Run, in topic) (int, error) {
		for i := range 12 {
			pawl.Do(r, "big", i, func(context.Context, int) (string, error) { return strings.Repeat("x", size), nil })
		}
		return 0, nil
	})
	e := newEngine(j, nil, f)
	defer e.Close(t.Context())
	was := finish(t, e, f)
	if rec := enginetest.On(t, e, f, pawl.Base{Run: was.ID}); rec.Status != pawl.StatusDone {
		t.Fatalf("%s %+v", rec.Status, rec.Error)
	}
	if most, n := j.bytes.Load(), j.results.Load(); n < 2 || most > journal.MaxValueBytes+size {
		t.Errorf("a commit with %d results of %d bytes", n, most)
	}
}
