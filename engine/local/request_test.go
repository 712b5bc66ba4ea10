package local_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/checktest"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/llm"
)

// talk asks with all that was said before, twice side by side, with a gate that
// turns some answers down; halfway it fails once.
func talk(turns int) pawl.Flow {
	return pawl.New("talk", "Holds two conversations.", func(r *pawl.Run, in topic) (string, error) {
		one := func(name string) pawl.Branch {
			return pawl.Go(name, func(r *pawl.Run) error {
				said := []llm.Message{llm.System("You talk.")}
				for i := range turns {
					said = append(said, llm.User(fmt.Sprint("question ", i)))
					answer := pawl.Ask(r, "turn", pawl.Messages[string]("Talking", said...).Gate("not bad", good))
					said = append(said, llm.Assistant(answer))
				}
				return nil
			})
		}
		pawl.Parallel(r, "p", one("x"), one("y"))
		return "", nil
	})
}

// What a request's parts stand for is what the model was sent, in a journal that
// takes no more for a longer conversation than its messages.
func TestRequestsReadBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const turns = 40
		m := &script{Replies: map[string][]any{
			"p/x/turn#3":  {"bad", "good"},
			"p/y/turn#20": {pawl.ErrGate, "later"},
			"p/x/turn#7":  {"bad", "bad", "the same"},
			"p/y/turn#8":  {"the same"},
		}}
		j := journal.NewMemory()
		e := newEngine(j, m)
		id := start(t, e, talk(turns))
		follow(t, e, id)
		resume(t, e, id)
		if rec := follow(t, e, id); rec.Status != pawl.StatusDone {
			t.Fatalf("run is %s: %s", rec.Status, rec.Reason)
		}
		events, err := j.Read(t.Context(), id, 0, 0)
		if err != nil {
			t.Fatal(err)
		}
		requests, err := journal.RequestsOf(events)
		if err != nil {
			t.Fatal(err)
		}
		for _, req := range m.Requests {
			got, err := requests.Messages(t.Context(), j, journal.Sent{Key: pawl.Key(req.Meta.Key), Number: req.Meta.Attempt})
			if d := cmp.Diff(req.Messages, got); err != nil || d != "" {
				t.Errorf("attempt %d of %s: %v (-sent +read)\n%s", req.Meta.Attempt, req.Meta.Key, err, d)
			}
		}
		whole := 0 // requests that list what was listed before
		for _, ev := range events {
			if ev.Type == pawl.EventIntent && len(ev.Body) > 900 {
				whole++
			}
		}
		if whole > 2 { // the first of each conversation after it was resumed
			t.Errorf("%d requests of %d are stored whole", whole, len(m.Requests))
		}
		if got, err := requests.Messages(t.Context(), j, journal.Sent{Key: "nope", Number: 1}); got != nil || err != nil {
			t.Errorf("an attempt that never was sent %v, %v", got, err)
		}
	})
}

// What is not there is named, and no loop is followed.
func TestRequestsThatAreDamaged(t *testing.T) {
	for name, r := range map[string]journal.Request{
		"not in the journal": {Prior: &journal.Sent{Key: "a", Number: 7}},
		"refers to the":      {Prior: &journal.Sent{Key: "a", Number: 1}},
		`refers to "answer:`: {Messages: []string{"answer:a:1"}},
		`"answer:"`:          {Messages: []string{"answer:"}},
		"no blob":            {Messages: []string{"sha256:0"}},
	} {
		drafts := []journal.Draft{
			{Type: pawl.EventCreated, Body: journal.Created{}},
			{Type: pawl.EventIntent, Key: "a", Body: journal.Intent{Number: 1, Request: &r}},
		}
		j := journal.NewMemory()
		if _, err := j.Create(t.Context(), journal.NewRun{ID: "r"}, drafts); err != nil {
			t.Fatal(err)
		}
		events, err := j.Read(t.Context(), "r", 0, 0)
		if err != nil {
			t.Fatal(err)
		}
		requests, err := journal.RequestsOf(events)
		if err != nil {
			t.Fatal(err)
		}
		_, err = requests.Messages(t.Context(), j, journal.Sent{Key: "a", Number: 1})
		if err == nil || !strings.Contains(err.Error(), name) || !errors.Is(err, pawl.ErrDatabase) && !errors.Is(err, pawl.ErrNotFound) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A call that was cut short is not made again as it was: not where nobody said what
// it took, and not after the run is resumed, when the limit has come to its end.
func TestCutShortIsNotAskedTheSame(t *testing.T) {
	for _, usage := range []*llm.Usage{nil, {OutputTokens: 700}} {
		var limits []int
		m := llm.Func(func(_ context.Context, r llm.Request, _ func(llm.Delta)) (llm.Response, error) {
			limits = append(limits, r.MaxTokens)
			return llm.Response{}, &llm.Error{Kind: llm.Truncated, Message: "cut", Usage: usage}
		})
		e := newEngine(checktest.Memory(t), m, asks)
		rec := finish(t, e, asks)
		resume(t, e, rec.ID)
		rec = follow(t, e, rec.ID)
		if rec.Status != pawl.StatusFailed || !slices.Equal(limits, []int{16_384, 32_768, 65_536}) {
			t.Errorf("%s, the limits were %v", rec.Status, limits)
		}
	}
}
