package local_test

import (
	"context"
	"encoding/json"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/checktest"
	"github.com/pawlrun/pawl/journal"
)

// held does something until gate is closed, then awaits an event.
func held(gate chan struct{}) pawl.Flow {
	return pawl.New("held", "Holds, then waits.", func(r *pawl.Run, in topic) (string, error) {
		hold(r, gate)
		return pawl.Await[post](r, "paid").Title, nil
	})
}

func hold(r *pawl.Run, gate chan struct{}) {
	pawl.Do(r, "hold", 1, func(ctx context.Context, n int) (int, error) {
		select {
		case <-gate:
		case <-ctx.Done():
		}
		return n, nil
	})
}

// An event reaches the process that executes the run, whichever the webhook is in: early,
// twice, with a value that does not fit, and when it is awaited.
func TestDeliverElsewhere(t *testing.T) {
	path, gate, end := filepath.Join(t.TempDir(), "data"), make(chan struct{}), make(chan struct{})
	f := pawl.New("f", "Holds, then waits beside something.", func(r *pawl.Run, in topic) (title string, err error) {
		hold(r, gate)
		pawl.Parallel(r, "both",
			pawl.Go("paid", func(r *pawl.Run) error { title = pawl.Await[post](r, "paid").Title; return nil }),
			pawl.Go("hold", func(r *pawl.Run) error { hold(r, end); return nil }))
		return title, nil
	})
	j := openStore(t, path)
	owner, other := newEngine(j, &script{}, f), newEngine(openStore(t, path), &script{}) // which knows no flow
	id := start(t, owner, f)
	send := func(delivery, value string) error {
		return other.Deliver(t.Context(), addressOf(t, j, id, "both/paid/paid"), delivery, json.RawMessage(value))
	}
	for range 2 {
		if err := send("early", `{"title":"T","words":-1}`); err != nil {
			t.Fatal(err)
		}
	}
	if rec := status(t, other, id); rec.Status != pawl.StatusRunning || len(rec.Decisions) != 1 || !rec.Decisions[0].Waits {
		t.Errorf("run is %s (%s), decisions %+v", rec.Status, rec.Reason, rec.Decisions)
	}
	close(gate)
	for ev, err := range other.Events(t.Context(), id, 0) {
		if err != nil {
			t.Fatal(err)
		}
		if ev.Type == pawl.EventBlocker {
			break
		}
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
	if n := claims(t, j, id); n != 1 {
		t.Errorf("the run was claimed %d times", n)
	}
}

// Of many deliveries at once one is the event; the same again is no error.
func TestDeliveredOnce(t *testing.T) {
	for name, awaited := range map[string]bool{"early": false, "awaited": true} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				gate, j := make(chan struct{}), checktest.Memory(t)
				f := held(gate)
				e := newEngine(j, &script{}, f)
				id := start(t, e, f)
				if awaited {
					close(gate)
					follow(t, e, id)
				}
				address := addressOf(t, j, id, "paid")
				came := make(chan error)
				for i := range 10 {
					go func() {
						came <- e.Deliver(t.Context(), address, string(rune('a'+i%2)), json.RawMessage(`{"title":"T","words":1}`))
					}()
				}
				refusals := 0
				for range 10 {
					if err := <-came; errors.Is(err, pawl.ErrConflict) {
						refusals++
					} else if err != nil {
						t.Error(err)
					}
				}
				if !awaited {
					close(gate)
				}
				rec := follow(t, e, id)
				want, listed := 0, 2 // both are kept, and the second is not taken
				if awaited {
					want, listed = 5, 1
				}
				if rec.Status != pawl.StatusDone || refusals != want || len(rec.Decisions) != listed {
					t.Errorf("run is %s (%s), %d were refused, decisions %+v", rec.Status, rec.Reason, refusals, rec.Decisions)
				}
				e.Close(t.Context())
			})
		})
	}
}

// secretless is a journal of an older program, whose runs had no secret.
type secretless struct{ *journal.Memory }

func (s secretless) Create(ctx context.Context, run journal.NewRun, first []journal.Draft) (*journal.Claim, error) {
	created := first[0].Body.(journal.Created)
	created.SecretDigest = ""
	first[0].Body = created
	return s.Memory.Create(ctx, run, first)
}

// A run that an older program began has no callbacks, and its events can be answered.
func TestNoCallbacks(t *testing.T) {
	gate, j := make(chan struct{}), checktest.Memory(t)
	close(gate)
	f := held(gate)
	e := newEngine(secretless{j}, &script{}, f)
	rec := finish(t, e, f)
	refused(t, e.Deliver(t.Context(), addressOf(t, j, rec.ID, "paid"), "1", json.RawMessage(`1`)), pawl.ErrNotFound, "no step has")
	decide(t, e, rec.ID, pawl.Decision{Key: "paid", What: pawl.DecideAnswer, Who: "anna", Value: json.RawMessage(`{"title":"T","words":1}`)})
	if rec = follow(t, e, rec.ID); rec.Status != pawl.StatusDone {
		t.Errorf("run is %s (%s)", rec.Status, rec.Reason)
	}
	asks := pawl.New("asks", "Asks for an address.", func(r *pawl.Run, in topic) (string, error) { return r.Callback("paid"), nil })
	if rec = finish(t, e, asks); rec.Status != pawl.StatusFailed || rec.Error.Kind != pawl.ErrFlow || !strings.Contains(rec.Error.Message, "has no callbacks") {
		t.Errorf("run is %s (%s)", rec.Status, rec.Reason)
	}
}
