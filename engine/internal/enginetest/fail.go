package enginetest

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/pawlrun/pawl"
)

var errSoldOut = errors.New("sold out")

// failsForGood: a run whose flow says so has ended: nothing is asked of anyone any
// more, and nothing makes it go on, in this engine or the next.
func failsForGood(t *testing.T, open store) {
	m := &Script{Latency: time.Second}
	f := pawl.New("buy", "Buys.", func(r *pawl.Run, in Topic) (string, error) {
		got := pawl.Ask(r, "a", Text("A"))
		pawl.Parallel(r, "both",
			pawl.Go("person", func(r *pawl.Run) error { pawl.Input[string](r, "name", "Who?"); return nil }),
			pawl.Go("code", func(r *pawl.Run) error {
				pawl.Ask(r, "b", Text("B"))
				return pawl.Fail(fmt.Errorf("%s: %w", in.Topic, errSoldOut))
			}))
		return got, nil
	})
	e := open(m, f)
	h, err := pawl.Start(t.Context(), e, f, Topic{Topic: "tea"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	id := h.ID()
	if _, err := h.Result(t.Context()); !errors.Is(err, pawl.ErrFlow) || !pawl.AsError(err, "").Final || !strings.HasSuffix(err.Error(), `of buy, step "both/code": tea: sold out`) {
		t.Errorf("result %v", err)
	}
	check := func(e pawl.Engine) {
		t.Helper()
		rec := Status(t, e, id)
		if rec.Status != pawl.StatusFailed || !rec.Ended() || len(rec.Blockers) != 0 || !rec.Error.Final || rec.Error.Message != "tea: sold out" || rec.Error.Step != "both/code" {
			t.Errorf("%s, ended %v, blockers %+v, %+v", rec.Status, rec.Ended(), rec.Blockers, rec.Error)
		}
		if inbox, err := e.Inbox(t.Context(), pawl.RunFilter{}); err != nil || len(inbox) != 0 {
			t.Errorf("inbox %+v, %v", inbox, err)
		}
		for _, d := range []pawl.Directive{{What: pawl.DirectResume}, {What: pawl.DirectCancel}, {What: pawl.DirectPause}} {
			Refused(t, e.Direct(t.Context(), id, d), pawl.ErrConflict, "has failed for good: tea: sold out")
		}
		for _, d := range []pawl.Decision{{What: pawl.DecideRetry}, {Key: "both/person/name", What: pawl.DecideAnswer, Value: []byte(`"me"`)}} {
			Refused(t, e.Decide(t.Context(), id, d), pawl.ErrConflict, "has failed for good: tea: sold out")
		}
		if again := Follow(t, e, id); again.LastSeq != rec.LastSeq {
			t.Errorf("its last event was %d and is %d", rec.LastSeq, again.LastSeq)
		}
	}
	check(e)
	check(open(m, f))
}

// branchFailsForGood: what a branch returns of it is a value in a Try form, and ends
// the run otherwise, as do its kind and what the flow says with a rejection.
func branchFailsForGood(t *testing.T, open store) {
	for _, c := range []struct {
		flow  func(r *pawl.Run) error
		final bool
		kind  pawl.ErrorKind
	}{
		{func(r *pawl.Run) error {
			res := pawl.TryMap(r, "m", []int{1}, func(*pawl.Run, int) (int, error) { return 0, pawl.Fail(errSoldOut) })
			return fmt.Errorf("went on: %w", errors.New(res[0].Err.Error()))
		}, false, pawl.ErrFlow},
		{func(r *pawl.Run) error {
			pawl.Map(r, "m", []int{1}, func(*pawl.Run, int) (int, error) { return 0, pawl.Fail(errSoldOut) })
			return nil
		}, true, pawl.ErrFlow},
		{func(r *pawl.Run) error { return fmt.Errorf("in short: %w", pawl.Fail(pawl.ErrRejected)) }, true, pawl.ErrRejected},
		{func(r *pawl.Run) error { return pawl.Fail(nil) }, false, ""},
	} {
		f := pawl.New("fail", "Fails.", func(r *pawl.Run, in Topic) (int, error) { return 0, c.flow(r) })
		rec := Finish(t, open(&Script{}), f)
		if c.kind == "" {
			if rec.Status != pawl.StatusDone {
				t.Errorf("Fail of no error: %s %+v", rec.Status, rec.Error)
			}
			continue
		}
		if rec.Status != pawl.StatusFailed || rec.Error.Final != c.final || rec.Error.Kind != c.kind {
			t.Errorf("%s %+v, want final %v", rec.Status, rec.Error, c.final)
		}
	}
}

// returnedError: a plain error leaves the run resumable, and says what resuming
// comes to.
func returnedError(t *testing.T, open store) {
	f := pawl.New("fail", "Fails.", func(r *pawl.Run, in Topic) (int, error) { return 0, errSoldOut })
	rec := Finish(t, open(&Script{}), f)
	if rec.Status != pawl.StatusFailed || rec.Ended() || rec.Error.Message != "sold out" || !strings.Contains(rec.Error.Hint, "resuming repeats it") {
		t.Errorf("%s %+v", rec.Status, rec.Error)
	}
}
