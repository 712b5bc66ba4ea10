package replay_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/local"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/llm"
)

// -record runs the story anew through the engine and writes its journal and
// records. What is in testdata is a promise: old journals stay readable.
var record = flag.Bool("record", false, "write testdata anew")

const (
	storyJournal = "testdata/story.jsonl"
	storyFailed  = "testdata/story_failed.json" // the record when the run stood still
	storyDone    = "testdata/story_done.json"   // and at its end
)

// storyteller answers by step: with texts and errors in turn, then with the
// step's key. A nil hangs until the call is cut.
type storyteller map[string][]any

func (s storyteller) Generate(ctx context.Context, req llm.Request, _ func(llm.Delta)) (llm.Response, error) {
	var reply any = "The text of " + req.Meta.Key + "."
	if q := s[req.Meta.Key]; len(q) > 0 {
		reply, s[req.Meta.Key] = q[0], q[1:]
	}
	switch r := reply.(type) {
	case error:
		return llm.Response{}, r
	case string:
		return llm.Response{Text: r, ID: "req_1", Usage: &llm.Usage{InputTokens: 20, OutputTokens: 10, CachedTokens: 5}}, nil
	}
	<-ctx.Done()
	return llm.Response{}, &llm.Error{Kind: llm.Canceled}
}

type storyInput struct {
	Topic string `json:"topic"`
}

type storyPlan struct {
	Sections []string `json:"sections" jsonschema:"names" pawl:"items=2..3"`
}

// storyFlow is the flow before and after its code was edited: its first prompt
// is another, and a step is gone.
func storyFlow(edited bool) pawl.Flow {
	text := func(purpose, s string) pawl.Question[string] { return pawl.Messages[string](purpose, llm.User(s)) }
	count := func(_ context.Context, s string) (int, error) { return len(s), nil }
	inner := pawl.New("inner", "Count the words.", func(r *pawl.Run, in storyInput) (int, error) {
		return pawl.Do(r, "words", in.Topic, count), nil
	})
	return pawl.New("story", "Tell a story.", func(r *pawl.Run, in storyInput) (string, error) {
		ask := []llm.Message{llm.User("Plan a story on " + in.Topic)}
		if edited {
			ask = append([]llm.Message{llm.System("Be polite.")}, ask...)
		}
		plan := pawl.Ask(r, "plan", pawl.Messages[storyPlan]("Planning story", ask...))
		if !edited {
			pawl.Do(r, "extra", 1, func(_ context.Context, n int) (int, error) { return n, nil })
		}
		r.Note("%d sections", len(plan.Sections))
		written := pawl.Map(r, "sections", plan.Sections, func(r *pawl.Run, s string) (string, error) {
			return pawl.Ask(r, "write", text("Writing section", s)), nil
		}, pawl.Limit(1))
		_, err := pawl.TryAsk(r, "title", text("Finding title", written[0]))
		pawl.Parallel(r, "checks", pawl.Go("length", func(r *pawl.Run) error {
			pawl.Do(r, "count", written[1], count, pawl.Repeatable, pawl.Purpose("Counting"))
			return nil
		}))
		pawl.Call(r, "inner", inner, in)
		return pawl.Ask(r, "draft", text("Writing draft", in.Topic+err.Error())), nil
	})
}

func tellStory(t *testing.T) (events []pawl.Event) {
	synctest.Test(t, func(t *testing.T) {
		j := journal.NewMemory()
		teller := storyteller{
			"plan":              {"no JSON", `{"sections":["a"]}`, `{"sections":["a","b"]}`},
			"sections[1]/write": {&llm.Error{Kind: llm.Overloaded, Message: "busy", Status: 503}},
			"title":             {&llm.Error{Kind: llm.Refused, Message: "no titles"}},
			"draft":             {&llm.Error{Kind: llm.Auth, Message: "bad key", Hint: "set the key"}, nil},
		}
		engine := func(edited bool) *local.Engine {
			return local.New(&local.Options{Journal: j, Models: llm.Catalog{"test": teller}, Model: "test/one", Flows: []pawl.Flow{storyFlow(edited)}})
		}
		rest := func(e *local.Engine, id pawl.RunID) {
			for _, err := range e.Events(t.Context(), id, 0) {
				if err != nil {
					t.Fatal(err)
				}
			}
		}
		resume := func(e *local.Engine, id pawl.RunID) {
			if err := e.Direct(t.Context(), id, pawl.Directive{What: pawl.DirectResume, Who: "ada"}); err != nil {
				t.Fatal(err)
			}
		}
		gone, leave := context.WithCancel(t.Context())
		leave()

		e := engine(false)
		id, err := e.Start(t.Context(), storyFlow(false), json.RawMessage(`{"topic":"tides"}`), nil)
		if err != nil {
			t.Fatal(err)
		}
		rest(e, id)
		if err := e.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
		e = engine(true)
		resume(e, id)
		synctest.Wait()
		if err := e.Close(gone); err != nil {
			t.Fatal(err)
		}
		e = engine(true)
		resume(e, id)
		rest(e, id)
		if err := e.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
		if events, err = j.Read(t.Context(), id, 0, 0); err != nil {
			t.Fatal(err)
		}
	})
	return events
}

// story returns the recorded history, and where the run stood still.
func story(t *testing.T) (events []pawl.Event, failed int) {
	t.Helper()
	if *record {
		var lines bytes.Buffer
		for _, e := range tellStory(t) {
			b, err := json.Marshal(e)
			if err != nil {
				t.Fatal(err)
			}
			lines.Write(append(b, '\n'))
		}
		if err := errors.Join(os.MkdirAll("testdata", 0o755), os.WriteFile(storyJournal, lines.Bytes(), 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	b, err := os.ReadFile(storyJournal)
	if err != nil {
		t.Fatal(err)
	}
	if events, err = decodeLines(b); err != nil {
		t.Fatal(err)
	}
	if err := journal.Verify(events); err != nil {
		t.Fatal(err)
	}
	for i, e := range events {
		if e.Type == pawl.EventReleased && strings.Contains(string(e.Body), `"failed"`) {
			return events, i + 1
		}
	}
	t.Fatal("the run never stood still")
	return nil, 0
}

// decodeLines reads events, one to a line.
func decodeLines(b []byte) (events []pawl.Event, err error) {
	for line := range bytes.Lines(b) {
		var e pawl.Event
		if err := json.Unmarshal(line, &e); err != nil {
			return nil, err
		}
		events = append(events, e)
	}
	return events, nil
}
