package local_test

import (
	"context"
	"encoding/json"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/checktest"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/llm"
)

// TestLongIntegersReachTheFlow: what a do found is what the flow gets, and what
// its code is given, also where its type says nothing of numbers.
func TestLongIntegersReachTheFlow(t *testing.T) {
	const id = 9007199254740993
	given, got := "", ""
	f := pawl.New("find", "Finds.", func(r *pawl.Run, in topic) (string, error) {
		found := pawl.Do(r, "find", map[string]any{"id": int64(id)}, func(_ context.Context, in map[string]any) (map[string]any, error) {
			b, err := json.Marshal(in["id"])
			given = string(b)
			return map[string]any{"id": int64(id)}, err
		})
		b, err := json.Marshal(found["id"])
		got = string(b)
		return "", err
	})
	rec := finish(t, newEngine(checktest.Memory(t), &script{}), f)
	if rec.Status != pawl.StatusDone || given != "9007199254740993" || got != given {
		t.Errorf("%s (%s): the code was given %s, the flow got %s", rec.Status, rec.Reason, given, got)
	}
}

// TestTimesThatCannotBeWritten: an answer is accepted only with times that the
// flow can hand on.
func TestTimesThatCannotBeWritten(t *testing.T) {
	type booking struct {
		At time.Time `json:"at"`
	}
	f := pawl.New("book", "Books.", func(r *pawl.Run, in topic) (booking, error) {
		return pawl.Ask(r, "a", pawl.Messages[booking]("Asking", llm.User("When?"))), nil
	})
	m := &script{Replies: map[string][]any{"a": {`{"at":"2025-01-02T03:04:05+24:00"}`, `{"at":"2025-01-02T03:04:05+01:00"}`}}}
	rec := finish(t, newEngine(checktest.Memory(t), m), f)
	if rec.Status != pawl.StatusDone || len(rec.Steps[0].Attempts) != 2 || rec.Steps[0].Attempts[0].Outcome != pawl.OutcomeRejected {
		t.Errorf("%s (%s): %+v", rec.Status, rec.Reason, rec.Steps[0].Attempts)
	}
}

// looks counts how often somebody looks at a run in the journal, or reads its history.
type looks struct {
	journal.Journal
	n int
}

func (j *looks) Runs(ctx context.Context, f pawl.RunFilter) ([]journal.Row, error) {
	j.n++
	return j.Journal.Runs(ctx, f)
}

func (j *looks) Read(ctx context.Context, id pawl.RunID, after pawl.Seq, limit int) ([]pawl.Event, error) {
	j.n++
	return j.Journal.Read(ctx, id, after, limit)
}

// TestWaitReturnsWhatTheJournalHas: whoever waits for a run that ends here gets, without the
// journal being asked, what another engine reads from the journal, and so does who waits again.
func TestWaitReturnsWhatTheJournalHas(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		f := pawl.New("book", "Books.", func(r *pawl.Run, in topic) (string, error) {
			pawl.Do(r, "held", 1, func(_ context.Context, n int) (int, error) { <-release; return n, nil })
			return pawl.Ask(r, "a", pawl.Messages[string]("Asking", llm.User("When?"))), nil
		})
		j := &looks{Journal: checktest.Memory(t)}
		e := newEngine(j, &script{Replies: map[string][]any{"a": {"now"}}})
		id, err := e.Start(t.Context(), f, json.RawMessage(`{}`), nil)
		if err != nil {
			t.Fatal(err)
		}
		wait := func() pawl.RunRecord {
			rec, err := e.Wait(t.Context(), id)
			if err != nil {
				t.Error(err)
			}
			return rec
		}
		got := make(chan pawl.RunRecord, 1)
		go func() { got <- wait() }()
		synctest.Wait() // it follows, and the run is held
		before := j.n
		close(release)
		rec := <-got
		if j.n != before {
			t.Errorf("the journal was asked %d times", j.n-before)
		}
		want, err := newEngine(j.Journal, &script{}).Get(t.Context(), id)
		if err != nil || rec.Status != pawl.StatusDone || rec.Output == nil {
			t.Fatalf("%s (%s), %v", rec.Status, rec.Reason, err)
		}
		if diff := cmp.Diff(want, rec); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff(want, wait()); diff != "" {
			t.Errorf("who waits again: %s", diff)
		}
		if j.n == before {
			t.Error("what is compared was not read from the journal")
		}
	})
}
