package local_test

import (
	"context"
	"encoding/json"
	"errors"
	"testing"
	"testing/fstest"
	"testing/synctest"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/local"
	"github.com/pawlrun/pawl/internal/checktest"
	"github.com/pawlrun/pawl/journal"
)

var (
	firstP = pawl.PromptText[struct{}, string]("purpose: First\n---\n# user\nown")
	nextP  = pawl.PromptText[struct{}, string]("purpose: Next\n---\n# user\nown")
)

// wordy asks twice, and stands still in between at "gate".
var wordy = pawl.New("wordy", "Asks in words.", func(r *pawl.Run, _ struct{}) (string, error) {
	pawl.Ask(r, "first", firstP.With(struct{}{}))
	pawl.Input[string](r, "gate", "Go on?")
	return pawl.Ask(r, "next", nextP.With(struct{}{})), nil
}, pawl.Prompts(firstP, nextP))

// in returns wordy with both prompts in these words.
func in(t *testing.T, words string) pawl.Flow {
	t.Helper()
	file := func(purpose string) *fstest.MapFile {
		return &fstest.MapFile{Data: []byte("purpose: " + purpose + "\n---\n# user\n" + words)}
	}
	f, err := wordy.WithPrompts(fstest.MapFS{"wordy/first.md": file("First"), "wordy/next.md": file("Next")})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func overlaid(f pawl.Flow) []pawl.PromptFile {
	return f.(*pawl.FlowOf[struct{}, string]).Replaced()
}

// sentTo are the words of the calls for a run, in order.
func sentTo(m *script, id pawl.RunID) (words []string) {
	for _, req := range m.Requests {
		if req.Meta.Run == string(id) {
			words = append(words, req.Messages[len(req.Messages)-1].Text())
		}
	}
	return words
}

func goOn(t *testing.T, e pawl.Engine, id pawl.RunID) {
	t.Helper()
	decide(t, e, id, pawl.Decision{Key: "gate", What: pawl.DecideAnswer, Value: json.RawMessage(`"yes"`)})
	if _, err := e.Wait(t.Context(), id); err != nil {
		t.Fatal(err)
	}
}

func checkSent(t *testing.T, m *script, id pawl.RunID, want ...string) {
	t.Helper()
	got := sentTo(m, id)
	if len(got) != len(want) {
		t.Fatalf("asked %q, want %q", got, want)
	}
	for i := range got {
		if got[i] != want[i] {
			t.Errorf("asked %q, want %q", got, want)
		}
	}
}

// A run is gone on with by another process with the prompts that it was started with,
// and each run of one process has its own.
func TestRunKeepsItsPrompts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j, m := checktest.Memory(t), &script{}
		e := newEngine(j, m)
		mine, plain := start(t, e, in(t, "mine")), start(t, e, wordy)
		yours := start(t, e, in(t, "yours"))
		synctest.Wait()
		goOn(t, e, plain) // where the flow of that name came in with other prompts before and after
		if err := e.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
		other := newEngine(j, m, wordy)
		goOn(t, other, mine)
		goOn(t, other, yours)
		checkSent(t, m, mine, "mine", "mine")
		checkSent(t, m, yours, "yours", "yours")
		checkSent(t, m, plain, "own", "own")
		rec := status(t, other, mine)
		if len(rec.Prompts) != 2 || rec.Prompts[1].Name != "next" || rec.Prompts[1].From != "wordy/next.md" {
			t.Errorf("its record says %+v", rec.Prompts)
		}
		for _, s := range rec.Steps {
			if s.Stale {
				t.Errorf("step %s is stale", s.Key)
			}
		}
		if rec := status(t, other, plain); rec.Prompts == nil || len(rec.Prompts) != 0 {
			t.Errorf("the record of a run with the flow's own prompts says %#v", rec.Prompts)
		}
	})
}

func TestQueuedRunKeepsItsPrompts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j, m := checktest.Memory(t), &script{}
		id := enqueue(t, newEngine(j, m), in(t, "mine"))
		if err := newEngine(j, m, wordy).Work(t.Context(), &local.WorkOptions{Drain: true}); err != nil {
			t.Fatal(err)
		}
		checkSent(t, m, id, "mine")
	})
}

func TestResumeReplacesPrompts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j, m := checktest.Memory(t), &script{}
		e := newEngine(j, m)
		id := start(t, e, in(t, "mine"))
		synctest.Wait()
		direct(t, e, id, pawl.Directive{What: pawl.DirectPause})
		synctest.Wait() // until it rests: before, it gets no other prompts
		direct(t, e, id, pawl.Directive{What: pawl.DirectResume, Prompts: overlaid(in(t, "other"))})
		synctest.Wait()
		if err := e.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
		e = newEngine(j, m, wordy)
		goOn(t, e, id)
		checkSent(t, m, id, "mine", "other")
		if rec := status(t, e, id); rec.Prompts[0].Digest != journal.Digest([]byte("purpose: First\n---\n# user\nother")) {
			t.Errorf("its record says %+v", rec.Prompts)
		}
	})
}

// A run whose prompts do not fit the flow any more asks nothing in other words by
// itself: it says so and stays as it is.
func TestPromptsThatFitNoMore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j, m := checktest.Memory(t), &script{}
		e := newEngine(j, m)
		id := start(t, e, in(t, "mine"))
		synctest.Wait()
		if err := e.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
		renamedP := pawl.PromptText[struct{}, string]("purpose: Last\n---\n# user\nown")
		e = newEngine(j, m, pawl.New("wordy", "Asks in words.", func(r *pawl.Run, _ struct{}) (string, error) {
			pawl.Ask(r, "first", firstP.With(struct{}{}))
			pawl.Input[string](r, "gate", "Go on?")
			return pawl.Ask(r, "next", renamedP.With(struct{}{})), nil
		}, pawl.Prompts(firstP, renamedP)))
		err := e.Decide(t.Context(), id, pawl.Decision{Key: "gate", What: pawl.DecideAnswer, Who: "anna", Value: json.RawMessage(`"yes"`)})
		if refused(t, err, pawl.ErrInput, `prompt "wordy/next.md": it is no prompt of flow wordy`); len(sentTo(m, id)) != 1 {
			t.Errorf("it asked %q", sentTo(m, id))
		}
		if rec := status(t, e, id); rec.Status != pawl.StatusWaiting {
			t.Errorf("it is %s", rec.Status)
		}
		direct(t, e, id, pawl.Directive{What: pawl.DirectResume, Prompts: overlaid(in(t, "other"))[:1]})
		synctest.Wait()
		goOn(t, e, id)
		checkSent(t, m, id, "mine", "own")
	})
}

// changedBlobs is a journal whose blobs have become others.
type changedBlobs struct{ journal.Journal }

func (j changedBlobs) Blob(ctx context.Context, digest string) ([]byte, error) {
	text, err := j.Journal.Blob(ctx, digest)
	return append(text, '.'), err
}

func TestPromptsAreCheckedWhenRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j, m := checktest.Memory(t), &script{}
		id := enqueue(t, newEngine(j, m), in(t, "mine"))
		e := newEngine(changedBlobs{j}, m, wordy)
		err := e.Direct(t.Context(), id, pawl.Directive{What: pawl.DirectResume, Who: "anna"})
		if !errors.Is(err, pawl.ErrDatabase) || len(m.Requests) > 0 {
			t.Errorf("error %v after %d calls", err, len(m.Requests))
		}
	})
}
