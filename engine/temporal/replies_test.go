package temporal

import (
	"encoding/json"
	"reflect"
	"testing"
	"time"

	commonpb "go.temporal.io/api/common/v1"
	enumspb "go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/sdk/converter"

	"github.com/google/go-cmp/cmp"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/internal/exec"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/llm"
	"github.com/pawlrun/pawl/schema"
)

// asked is a question with everything that one has.
func asked(t *testing.T) exec.Question {
	t.Helper()
	form, err := schema.Parse([]byte(`{"type":"object","properties":{"a":{"type":"string","description":"<b> & ü"}},"required":["a"],"additionalProperties":false}`))
	if err != nil {
		t.Fatal(err)
	}
	return exec.Question{Model: "test/one", Timeout: time.Minute, Sensitive: true, Request: llm.Request{
		Messages: []llm.Message{llm.System("Be short. <b>"), llm.User("What?")}, Schema: form, SchemaName: "form", MaxTokens: 100, Temperature: new(0.25), Effort: "low",
		Meta: llm.Meta{Run: "r", Key: "a", Attempt: 2, Since: 1, Gates: []string{"250 to 400 words"}},
	}}
}

// TestQuestionsComeAsTheyWere: what a worker that calls a model reads is what the run asks.
func TestQuestionsComeAsTheyWere(t *testing.T) {
	for name, want := range map[string]exec.Question{"full": asked(t), "plain": {Model: "test/one", Request: llm.Request{Messages: []llm.Message{llm.User("What?")}}}} {
		var w question
		if err := unpack(wired(t, newQuestion(want)), &w); err != nil {
			t.Fatal(err)
		}
		got, err := w.read()
		if err != nil {
			t.Fatal(err)
		}
		if (got.Request.Schema == nil) != (want.Request.Schema == nil) || want.Request.Schema != nil && string(got.Request.Schema.JSON()) != string(want.Request.Schema.JSON()) {
			t.Errorf("%s: the schema came as %v", name, got.Request.Schema)
		}
		got.Request.Schema, want.Request.Schema = nil, nil
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

// caller is a kept run in whose history calls of models are.
type caller struct {
	*testing.T
	*kept
	n int64
}

// scheduled has an activity be called, and returns a function that ends it with an answer.
func (c *caller) scheduled(kind, id string, q exec.Question) func(reply any) {
	c.n++
	begun := c.n
	takenIn(c.T, c.kept, &historypb.HistoryEvent{EventId: begun, EventType: enumspb.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED,
		Attributes: &historypb.HistoryEvent_ActivityTaskScheduledEventAttributes{ActivityTaskScheduledEventAttributes: &historypb.ActivityTaskScheduledEventAttributes{
			ActivityId: id, ActivityType: &commonpb.ActivityType{Name: kind}, Input: payloadsOf(c.T, newQuestion(q))}}})
	return func(reply any) {
		c.n++
		takenIn(c.T, c.kept, &historypb.HistoryEvent{EventId: c.n, EventType: enumspb.EVENT_TYPE_ACTIVITY_TASK_COMPLETED,
			Attributes: &historypb.HistoryEvent_ActivityTaskCompletedEventAttributes{ActivityTaskCompletedEventAttributes: &historypb.ActivityTaskCompletedEventAttributes{
				ScheduledEventId: begun, Result: payloadsOf(c.T, reply)}}})
	}
}

// attempted has the run record what came of an attempt.
func (c *caller) attempted(key pawl.Key, number int) {
	end := c.events[len(c.events)-1]
	events, _, err := journal.Seal(journal.Claim{Run: "r", Seq: end.Seq, Hash: end.Hash, At: end.At}, []journal.Draft{{Type: pawl.EventAttempt, Key: key, At: dawn,
		Body: journal.Attempt{Number: number, Outcome: pawl.OutcomeAccepted, Result: json.RawMessage(`"x"`), StartedAt: dawn}}})
	if err != nil {
		c.Fatal(err)
	}
	if err := c.commit(wired(c.T, entry{Events: events})); err != nil {
		c.Fatal(err)
	}
}

// unheardOf are the answers that whoever takes the run over brings along, by their ids.
func (c *caller) unheardOf() map[string]string {
	all, err := c.unheard(converter.GetDefaultDataConverter())
	if err != nil {
		c.Fatal(err)
	}
	found := map[string]string{}
	for _, r := range all {
		found[r.ID] = string(r.Reply)
	}
	if len(found) != len(all) {
		c.Errorf("%d answers under %d ids", len(all), len(found))
	}
	return found
}

// TestUnheard: answers that had arrived and that the run has not taken in are brought along, over
// more than one take-over, and those that it has recorded are not.
func TestUnheard(t *testing.T) {
	c := &caller{T: t, kept: keptOf(t, newborn(t))}
	q := asked(t)
	ends := map[string]func(any){}
	for _, key := range []pawl.Key{"came", "recorded", "twice", "open"} {
		ends[string(key)] = c.scheduled(askActivity, activityID(key, 1), q)
	}
	other := c.scheduled("another", activityID("other", 1), q)
	for key, end := range ends {
		if key != "open" {
			end(map[string]string{"text": key})
		}
	}
	other("not an answer")
	c.attempted("recorded", 1)
	c.attempted("twice", 2) // which says nothing of the first: that is in this history
	want := map[string]string{"came#1": `{"text":"came"}`, "twice#1": `{"text":"twice"}`}
	if got := c.unheardOf(); !reflect.DeepEqual(got, want) {
		t.Errorf("brought along are %v, want %v", got, want)
	}

	b := newborn(t)
	var err error
	if b.Replies, err = c.unheard(converter.GetDefaultDataConverter()); err != nil {
		t.Fatal(err)
	}
	c = &caller{T: t, kept: keptOf(t, b)}
	c.scheduled(askActivity, "new#1", q)(map[string]string{"text": "new"})
	c.attempted("twice", 3) // it stands for those before
	want = map[string]string{"came#1": `{"text":"came"}`, "new#1": `{"text":"new"}`}
	if got := c.unheardOf(); !reflect.DeepEqual(got, want) {
		t.Errorf("after another execution, brought along are %v, want %v", got, want)
	}
	c.attempted("came", 1)
	if got := c.unheardOf(); len(got) != 1 || got["new#1"] == "" {
		t.Errorf("after it was recorded, brought along are %v", got)
	}
}

// attempt is one that asks.
type attempt struct {
	exec.Attempt
	key    pawl.Key
	number int
}

func (a attempt) Key() pawl.Key { return a.key }
func (a attempt) Number() int   { return a.number }

// TestRepliesAreTaken: an answer is taken for the question that it is to, and for no other one,
// and once.
func TestRepliesAreTaken(t *testing.T) {
	digest := func(q exec.Question) string {
		t.Helper()
		d, err := newQuestion(q).digest()
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	was := digest(asked(t))
	take := func(heard replies, number int, q exec.Question) bool {
		t.Helper()
		raw, ok := heard.take(attempt{key: "a", number: number}, q, digest(q))
		if ok && string(raw) != "said" {
			t.Errorf("the answer is %q", raw)
		}
		return ok
	}
	heard := func() replies {
		return replies{"a#2": {ID: "a#2", Asked: was, Reply: []byte("said")}, "b#1": {ID: "b#1", Asked: was, Reply: []byte("of b")}}
	}
	for _, change := range []struct {
		name string
		made func(q *exec.Question)
		same bool
	}{
		{"nothing", func(*exec.Question) {}, true},
		{"timeout", func(q *exec.Question) { q.Timeout = time.Second }, true},
		{"max tokens", func(q *exec.Question) { q.Request.MaxTokens = 7 }, true},
		{"sensitive", func(q *exec.Question) { q.Sensitive = false }, true},
		{"attempt", func(q *exec.Question) { q.Request.Meta.Attempt = 9 }, true},
		{"gates", func(q *exec.Question) { q.Request.Meta.Gates = nil }, true},
		{"model", func(q *exec.Question) { q.Model = "test/two" }, false},
		{"messages", func(q *exec.Question) { q.Request.Messages = append(q.Request.Messages, llm.User("And?")) }, false},
		{"no schema", func(q *exec.Question) { q.Request.Schema = nil }, false},
		{"another schema", func(q *exec.Question) { q.Request.Schema, _ = schema.Parse([]byte(`{"type":"object"}`)) }, false},
		{"temperature", func(q *exec.Question) { q.Request.Temperature = new(0.75) }, false},
		{"no temperature", func(q *exec.Question) { q.Request.Temperature = nil }, false},
		{"effort", func(q *exec.Question) { q.Request.Effort = "high" }, false},
	} {
		q := asked(t)
		change.made(&q)
		r := heard()
		if took := take(r, 3, q); took != change.same {
			t.Errorf("%s changed: taken %v", change.name, took)
		}
		if change.same && (take(r, 3, q) || len(r) != 1) {
			t.Errorf("%s changed: taken twice", change.name)
		}
	}
	for _, of := range []struct {
		since, number int
		taken         bool
	}{{1, 2, false}, {1, 3, true}, {2, 3, true}, {3, 3, false}, {3, 4, false}, {1, 6, true}, {0, 3, true}} {
		q := asked(t)
		q.Request.Meta.Since = of.since
		if took := take(heard(), of.number, q); took != of.taken {
			t.Errorf("attempt %d, which stands for those since %d: taken %v", of.number, of.since, took)
		}
	}
}
