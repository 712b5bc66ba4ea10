package local_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/local"
	"github.com/pawlrun/pawl/internal/checktest"
	"github.com/pawlrun/pawl/internal/view"
	"github.com/pawlrun/pawl/journal"
)

// hookOf is where a program answers the only open blocker of a run.
func hookOf(t *testing.T, e *local.Engine, j journal.Reader, rec pawl.RunRecord) string {
	t.Helper()
	if len(rec.Blockers) != 1 {
		t.Fatalf("run is %s (%s), open are %+v", rec.Status, rec.Reason, rec.Blockers)
	}
	v := view.New(e, j, nil)
	b, err := v.Open(t.Context(), rec.ID, rec.Blockers[0].Key)
	if err != nil {
		t.Fatal(err)
	}
	address, err := v.Hook(t.Context(), b)
	if err != nil {
		t.Fatal(err)
	}
	return address
}

// A program answers what a person is asked, as it was shown, once for each delivery; what
// does not fit leaves it open, and so does what is meant for another question.
func TestDeliverAnswer(t *testing.T) {
	shown := "a harbour"
	f := pawl.New("f", "Asks.", func(r *pawl.Run, in topic) (string, error) {
		return pawl.Input[post](r, "which", "Which post?", pawl.Shown(shown)).Title, nil
	})
	path := filepath.Join(t.TempDir(), "data")
	j := openStore(t, path)
	e := newEngine(j, &script{}, f)
	rec := finish(t, e, f)
	address := hookOf(t, e, j, rec)
	deliver := func(e *local.Engine, delivery, value string) error {
		return e.Deliver(t.Context(), address, delivery, json.RawMessage(value))
	}
	refused(t, deliver(e, "1", `{"title":"T","words":-1}`), pawl.ErrInput, "is negative")
	refused(t, deliver(e, "1", `{"title":7}`), pawl.ErrInput, "title: ")
	refused(t, e.Deliver(t.Context(), address+"x", "1", json.RawMessage(`{}`)), pawl.ErrNotFound, "no step has")
	if now := status(t, e, rec.ID); len(now.Decisions) != 0 || len(now.Blockers) != 1 {
		t.Fatalf("what was refused has changed the run: %+v", now)
	}

	if err := e.Close(t.Context()); err != nil { // another build shows something else
		t.Fatal(err)
	}
	shown = "a lighthouse"
	e = newEngine(j, &script{}, f)
	if err := e.Direct(t.Context(), rec.ID, pawl.Directive{What: pawl.DirectResume, Who: "anna"}); err != nil {
		t.Fatal(err)
	}
	rec = follow(t, e, rec.ID)
	refused(t, deliver(e, "1", `{"title":"T","words":1}`), pawl.ErrConflict, "is not what was shown")
	if rec = follow(t, e, rec.ID); hookOf(t, e, j, rec) == address {
		t.Error("another question has the same address")
	}

	address = hookOf(t, e, j, rec)
	for range 2 {
		if err := deliver(e, "1", `{"title":"T","words":1}`); err != nil {
			t.Fatal(err)
		}
	}
	refused(t, deliver(e, "2", `{"title":"U","words":1}`), pawl.ErrConflict, "")
	rec = follow(t, e, rec.ID)
	if d := rec.Decisions; rec.Status != pawl.StatusDone || string(rec.Output) != `"T"` || len(d) != 1 || d[0].Who != "delivery 1" || d[0].Delivery != "1" || d[0].Digest == "" || d[0].Waits {
		t.Errorf("run is %s (%s), %s, decided %+v", rec.Status, rec.Reason, rec.Output, d)
	}
	if err := e.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	e = newEngine(openStore(t, path), &script{}, f) // which reads that from the journal
	if err := deliver(e, "1", `{"title":"T","words":1}`); err != nil {
		t.Errorf("the same after the end: %v", err)
	}
	refused(t, deliver(e, "3", `{"title":"T","words":1}`), pawl.ErrConflict, "is done")
}

// A program approves nothing, and a question that has its answer has no address.
func TestNoHook(t *testing.T) {
	j := checktest.Memory(t)
	f := pawl.New("f", "Asks.", func(r *pawl.Run, in topic) (string, error) {
		pawl.Approve(r, "ok", in.Topic, "Is it good?")
		return in.Topic, nil
	})
	e := newEngine(j, &script{}, f)
	rec := finish(t, e, f)
	if address := hookOf(t, e, j, rec); address != "" {
		t.Errorf("an approval has the address %s", address)
	}
	address := callbackOf(t, j, journal.Callback{Run: rec.ID, Key: "ok", Seen: rec.Blockers[0].Digest[7:19]}) // as if it were a question
	refused(t, e.Deliver(t.Context(), address, "1", json.RawMessage(`"so"`)), pawl.ErrInput, "takes approve or reject, not answer")
	if rec = status(t, e, rec.ID); len(rec.Decisions) != 0 || len(rec.Blockers) != 1 {
		t.Errorf("run is %s, decided %+v", rec.Status, rec.Decisions)
	}
}

// Of many answers at once one counts, a program's or a person's; one that is late does not.
func TestDeliverAnswerOnce(t *testing.T) {
	f := pawl.New("f", "Asks.", func(r *pawl.Run, in topic) (string, error) {
		return pawl.Input[string](r, "why", "Why?", pawl.AnswerAfter(time.Hour, "nobody knows")), nil
	})
	synctest.Test(t, func(t *testing.T) {
		j := checktest.Memory(t)
		e := newEngine(j, &script{}, f)
		rec := finish(t, e, f)
		address := hookOf(t, e, j, rec)
		came := make(chan error)
		for i := range 12 {
			go func() {
				if i%3 == 2 {
					came <- e.Decide(t.Context(), rec.ID, pawl.Decision{Key: "why", What: pawl.DecideAnswer, Who: "bob", Value: json.RawMessage(`"b"`)})
					return
				}
				came <- e.Deliver(t.Context(), address, fmt.Sprint(i%3), json.RawMessage(`"so"`))
			}()
		}
		taken := 0
		for range 12 {
			if err := <-came; err == nil {
				taken++
			} else if !errors.Is(err, pawl.ErrConflict) {
				t.Error(err)
			}
		}
		now := follow(t, e, rec.ID)
		if want := map[string]int{"delivery 0": 4, "delivery 1": 4, "bob": 1}; len(now.Decisions) != 1 || taken != want[now.Decisions[0].Who] || now.Status != pawl.StatusDone {
			t.Errorf("run is %s (%s), %d were taken, decided %+v", now.Status, now.Reason, taken, now.Decisions)
		}

		rec = finish(t, e, f)
		address = hookOf(t, e, j, rec)
		time.Sleep(2 * time.Hour)
		refused(t, e.Deliver(t.Context(), address, "1", json.RawMessage(`"so"`)), pawl.ErrConflict, "")
		if rec = follow(t, e, rec.ID); rec.Status != pawl.StatusDone || string(rec.Output) != `"nobody knows"` {
			t.Errorf("run is %s (%s), %s", rec.Status, rec.Reason, rec.Output)
		}
		e.Close(t.Context())
	})
}

// An answer reaches the process that executes the run, whichever it is delivered to.
func TestDeliverAnswerElsewhere(t *testing.T) {
	path, end := filepath.Join(t.TempDir(), "data"), make(chan struct{})
	f := pawl.New("f", "Asks beside something.", func(r *pawl.Run, in topic) (title string, err error) {
		pawl.Parallel(r, "both",
			pawl.Go("ask", func(r *pawl.Run) error { title = pawl.Input[post](r, "which", "Which?").Title; return nil }),
			pawl.Go("hold", func(r *pawl.Run) error { hold(r, end); return nil }))
		return title, nil
	})
	j := openStore(t, path)
	owner, other := newEngine(j, &script{}, f), newEngine(openStore(t, path), &script{}) // which knows no flow
	id := start(t, owner, f)
	for ev, err := range other.Events(t.Context(), id, 0) {
		if err != nil {
			t.Fatal(err)
		}
		if ev.Type == pawl.EventBlocker {
			break
		}
	}
	address := hookOf(t, other, j, status(t, other, id))
	send := func(delivery, value string) error {
		return other.Deliver(t.Context(), address, delivery, json.RawMessage(value))
	}
	refused(t, send("odd", `{"title":"T","words":-1}`), pawl.ErrInput, "is negative")
	for range 2 {
		if err := send("even", `{"title":"T","words":1}`); err != nil {
			t.Fatal(err)
		}
	}
	refused(t, send("odd", `{"title":"T","words":1}`), pawl.ErrConflict, "answer by delivery even at ")
	close(end)
	if rec := follow(t, other, id); rec.Status != pawl.StatusDone || string(rec.Output) != `"T"` {
		t.Errorf("run is %s (%s), %s", rec.Status, rec.Reason, rec.Output)
	}
}
