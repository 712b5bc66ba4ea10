package local_test

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/local"
	"github.com/pawlrun/pawl/internal/checktest"
	"github.com/pawlrun/pawl/internal/mask"
	"github.com/pawlrun/pawl/journal"
)

// An event that comes when an Await has expired is taken when somebody has it wait once more,
// and not because the run goes on for another reason.
func TestLateEventWaitsForARetry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := pawl.New("f", "F.", func(r *pawl.Run, in topic) (string, error) {
			var got int
			pawl.Parallel(r, "both",
				pawl.Go("a", func(r *pawl.Run) error { got = pawl.Await[int](r, "paid", pawl.For(time.Hour)); return nil }),
				pawl.Go("b", func(r *pawl.Run) error {
					pawl.Approve(r, "look", "x", "ok?")
					pawl.Approve(r, "look", "y", "ok2?")
					return nil
				}))
			return fmt.Sprint(got), nil
		})
		j := checktest.Memory(t)
		e := newEngine(j, &script{}, f)
		id := start(t, e, f)
		time.Sleep(time.Minute)
		ctx, cancel := context.WithCancel(t.Context())
		go e.Work(ctx, nil)
		time.Sleep(2 * time.Hour)
		delivers(t, e.Deliver(t.Context(), addressOf(t, j, id, "both/a/paid"), "1", json.RawMessage(`7`)))
		time.Sleep(time.Minute)
		decide(t, e, id, pawl.Decision{Key: "both/b/look", What: pawl.DecideApprove, Who: "anna"})
		time.Sleep(time.Minute)
		rec := status(t, e, id)
		if strings.Contains(keys(rec), "both/a/paid:done") {
			t.Error("the expired Await took the late event although nobody retried it")
		}
		decide(t, e, id, pawl.Decision{Key: "both/a/paid", What: pawl.DecideRetry, Who: "anna"})
		decide(t, e, id, pawl.Decision{Key: "both/b/look#2", What: pawl.DecideApprove, Who: "anna"})
		if rec := follow(t, e, id); string(rec.Output) != `"7"` {
			t.Errorf("run is %s (%s), output %s", rec.Status, rec.Reason, rec.Output)
		}
		cancel()
		e.Close(t.Context())
	})
}

// An Await that was renamed has the event that it took under its former name, and its
// address is that of the former.
func TestRenamedAwaitKeepsItsEvent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var addr string
		gen := func(name string, was ...pawl.Was) pawl.Flow {
			return pawl.New("f", "F.", func(r *pawl.Run, in topic) (string, error) {
				addr = r.Callback(name, was...)
				got := pawl.Await[int](r, name, cmp.Or(was...))
				pawl.Approve(r, "look", fmt.Sprint(got), "ok?")
				return fmt.Sprint(got), nil
			})
		}
		j := checktest.Memory(t)
		e := newEngine(j, &script{}, gen("payment"))
		id := start(t, e, gen("payment"))
		time.Sleep(time.Minute)
		e.Close(t.Context())
		f := gen("paid", pawl.Was("payment"))
		e = newEngine(j, &script{}, f)
		resume(t, e, id)
		time.Sleep(time.Minute)
		synctest.Wait()
		delivers(t, e.Deliver(t.Context(), addressOf(t, j, id, "payment"), "1", json.RawMessage(`7`)))
		time.Sleep(time.Minute)
		refused(t, e.Deliver(t.Context(), addr, "2", json.RawMessage(`8`)), pawl.ErrConflict, "")
		e.Close(t.Context())
		e = newEngine(j, &script{}, f)
		decide(t, e, id, pawl.Decision{Key: "look", What: pawl.DecideApprove, Who: "anna"})
		time.Sleep(time.Minute)
		rec := status(t, e, id)
		if string(rec.Output) != `"7"` {
			t.Errorf("output %s: the recorded event is replaced by a later one on replay", rec.Output)
		}
		e.Close(t.Context())
	})
}

// What Callback gives for a renamed Await reaches it.
func TestRenamedCallback(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var addr string
		gen := func(name string, was ...pawl.Was) pawl.Flow {
			return pawl.New("f", "F.", func(r *pawl.Run, in topic) (string, error) {
				addr = r.Callback(name, was...)
				got := pawl.Await[int](r, name, cmp.Or(was...))
				return fmt.Sprint(got), nil
			})
		}
		j := checktest.Memory(t)
		e := newEngine(j, &script{}, gen("payment"))
		id := start(t, e, gen("payment"))
		time.Sleep(time.Minute)
		e.Close(t.Context())
		f := gen("paid", pawl.Was("payment"))
		e = newEngine(j, &script{}, f)
		resume(t, e, id)
		time.Sleep(time.Minute)
		synctest.Wait()
		if err := e.Deliver(t.Context(), addr, "2", json.RawMessage(`8`)); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		rec := status(t, e, id)
		if rec.Status != pawl.StatusDone {
			t.Errorf("the event at Callback's address does not reach the step that awaits it")
		}
		e.Close(t.Context())
	})
}

// A decision that the run's process refuses, and that process gives the run back before
// one looks again, is refused all the same.
func TestRecordSaysARefusal(t *testing.T) {
	path, gate := filepath.Join(t.TempDir(), "data"), make(chan struct{})
	f := pawl.New("f", "F.", func(r *pawl.Run, in topic) (s string, err error) {
		pawl.Parallel(r, "both",
			pawl.Go("ask", func(r *pawl.Run) error { s = pawl.Input[post](r, "in", "Which?").Title; return nil }),
			pawl.Go("hold", func(r *pawl.Run) error { hold(r, gate); return nil }))
		return s, nil
	})
	j := openStore(t, path)
	owner := newEngine(j, &script{}, f)
	id := start(t, owner, f)
	untilBlocked(t, owner, id)
	other := newEngine(&racy{Journal: openStore(t, path), after: func() {
		mark := journal.Mark(0)
		for p, _ := j.Pending(t.Context(), id); len(p) > 0; p, _ = j.Pending(t.Context(), id) {
			mark, _ = j.Changes(t.Context(), mark) // until it is refused
		}
		close(gate)
		follow(t, owner, id) // and given back
	}}, &script{})
	// It passes the schema, not Validate.
	err := other.Record(t.Context(), id, pawl.Decision{Key: "both/ask/in", What: pawl.DecideAnswer, Who: "anna", Value: json.RawMessage(`{"title":"T","words":-1}`)})
	refused(t, err, pawl.ErrInput, "negative")
}

// A note about a value that was refused does not show it, if views must not.
func TestComplaintOfASensitiveValue(t *testing.T) {
	path, gate := filepath.Join(t.TempDir(), "data"), make(chan struct{})
	f := pawl.New("f", "F.", func(r *pawl.Run, in topic) (s string, err error) {
		pawl.Parallel(r, "both",
			pawl.Go("ask", func(r *pawl.Run) error { s = pawl.Await[card](r, "in").Number[:1]; return nil }),
			pawl.Go("hold", func(r *pawl.Run) error { hold(r, gate); return nil }))
		return s, nil
	})
	j := openStore(t, path)
	owner := newEngine(j, &script{}, f)
	id := start(t, owner, f)
	untilBlocked(t, owner, id)
	other := newEngine(openStore(t, path), &script{}, f)
	err := other.Deliver(t.Context(), addressOf(t, j, id, "both/ask/in"), "d1", json.RawMessage(`{"number":"5555666677778888"}`))
	refused(t, err, pawl.ErrInput, "not a Visa card")
	close(gate)
	follow(t, owner, id)
	m := mask.Of(f)
	for ev, err := range owner.Events(t.Context(), id, 0) {
		if err != nil {
			t.Fatal(err)
		}
		shown := m.Event(ev)
		if strings.Contains(string(shown.Body), "5555666677778888") {
			t.Errorf("event %d %s shows a sensitive value: %s", ev.Seq, ev.Type, shown.Body)
		}
	}
	// and early
	gate2 := make(chan struct{})
	f2 := pawl.New("f2", "F.", func(r *pawl.Run, in topic) (s string, err error) {
		hold(r, gate2)
		s = pawl.Await[card](r, "in").Number[:1]
		return s, nil
	})
	o2 := newEngine(j, &script{}, f2)
	id = start(t, o2, f2)
	if err := o2.Deliver(t.Context(), addressOf(t, j, id, "in"), "d1", json.RawMessage(`{"number":"5555666677778888"}`)); err != nil {
		t.Fatal(err)
	}
	rec := status(t, o2, id)
	raw, _ := json.Marshal(mask.Of(f2).Record(rec))
	if strings.Contains(string(raw), "5555666677778888") {
		t.Errorf("record before shows it: %s", raw)
	}
	close(gate2)
	rec = follow(t, o2, id)
	raw, _ = json.Marshal(mask.Of(f2).Record(rec))
	if strings.Contains(string(raw), "5555666677778888") {
		t.Errorf("record shows it: %s", raw)
	}
	m = mask.Of(f2)
	for ev, err := range o2.Events(t.Context(), id, 0) {
		if err != nil {
			t.Fatal(err)
		}
		shown := m.Event(ev)
		if strings.Contains(string(shown.Body), "5555666677778888") {
			t.Errorf("early event %d %s shows a sensitive value: %s", ev.Seq, ev.Type, shown.Body)
		}
	}
}

// A value supplied by Record for an Await that has expired is to be taken, as Decide's is.
func TestSupplyOfAnExpiredAwait(t *testing.T) {
	for _, record := range []bool{false, true} {
		t.Run(fmt.Sprint(record), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := pawl.New("f", "F.", func(r *pawl.Run, in topic) (string, error) {
					return fmt.Sprint(pawl.Await[int](r, "paid", pawl.For(time.Hour))), nil
				})
				j := checktest.Memory(t)
				e := newEngine(j, &script{}, f)
				id := start(t, e, f)
				ctx, cancel := context.WithCancel(t.Context())
				go e.Work(ctx, nil)
				time.Sleep(2 * time.Hour)
				d := pawl.Decision{Key: "paid", What: pawl.DecideSupply, Who: "anna", Value: json.RawMessage(`7`)}
				var err error
				if record {
					err = e.Record(t.Context(), id, d)
				} else {
					err = e.Decide(t.Context(), id, d)
				}
				if err != nil {
					t.Fatal(err)
				}
				time.Sleep(time.Minute)
				rec := status(t, e, id)
				if rec.Status != pawl.StatusDone {
					t.Errorf("run is %s: what anna has supplied is lost", rec.Status)
				}
				cancel()
				e.Close(t.Context())
			})
		})
	}
}

// What is supplied for one input is never the result of another: of a Do that announces
// nothing, too.
func TestSupplyIsForItsData(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		code := func(context.Context, int) (int, error) { return 0, errors.New("bad") }
		gen := func(in int) pawl.Flow {
			return pawl.New("f", "F.", func(r *pawl.Run, _ topic) (string, error) {
				return fmt.Sprint(pawl.Do(r, "do", in, func(ctx context.Context, in int) (int, error) { return code(ctx, in) }, pawl.Repeatable)), nil
			})
		}
		j := checktest.Memory(t)
		e := newEngine(j, &script{}, gen(1))
		rec := finish(t, e, gen(1))
		if err := e.Record(t.Context(), rec.ID, pawl.Decision{Key: "do", What: pawl.DecideSupply, Who: "anna", Value: []byte(`42`)}); err != nil {
			t.Fatal(err)
		}
		e.Close(t.Context())
		n := 0
		code = func(_ context.Context, in int) (int, error) {
			if n++; n == 1 {
				return 0, pawl.Transient(errors.New("busy"))
			}
			return in, nil
		}
		e = newEngine(j, &script{}, gen(2))
		resume(t, e, rec.ID)
		rec = follow(t, e, rec.ID)
		if string(rec.Output) != `"2"` {
			t.Errorf("output %s: a value that was supplied for input 1 is the result of input 2", rec.Output)
		}
		e.Close(t.Context())
	})
}

// A decision that was not taken does not wait on when its step is done without it.
func TestKeptDecisionIsSettled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fail := true
		gen := func(in int) pawl.Flow {
			return pawl.New("f", "F.", func(r *pawl.Run, _ topic) (string, error) {
				v := pawl.Do(r, "do", in, func(_ context.Context, in int) (int, error) {
					if fail {
						return 0, errors.New("bad")
					}
					return in, nil
				}, pawl.Repeatable)
				pawl.Approve(r, "look", "x", "ok?")
				return fmt.Sprint(v), nil
			})
		}
		j := checktest.Memory(t)
		e := newEngine(j, &script{}, gen(1))
		rec := finish(t, e, gen(1))
		if err := e.Record(t.Context(), rec.ID, pawl.Decision{Key: "do", What: pawl.DecideSupply, Who: "anna", Value: []byte(`42`)}); err != nil {
			t.Fatal(err)
		}
		e.Close(t.Context())
		fail = false
		e = newEngine(j, &script{}, gen(2))
		resume(t, e, rec.ID)
		rec = follow(t, e, rec.ID)
		if len(rec.Decisions) > 0 && rec.Decisions[0].Waits {
			t.Errorf("the decision waits on, of a step that is done")
		}
		decide(t, e, rec.ID, pawl.Decision{Key: "look", What: pawl.DecideApprove})
		rec = follow(t, e, rec.ID)
		if rec.Steps[0].Unused {
			t.Errorf("the step is unused")
		}
		e.Close(t.Context())
	})
}

// NotBy with Record, and a NotBy that is added later.
// Who may not decide may not, in whatever letters; and a decision that waits is held to
// what the flow says when it asks.
func TestNotByOfAKeptDecision(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gen := func(who ...string) pawl.Flow {
			return pawl.New("f", "F.", func(r *pawl.Run, _ topic) (string, error) {
				a := pawl.Approve(r, "a", 1, "G?", pawl.NotBy(who...))
				return fmt.Sprint(a.Approved, a.Who, a.Expired), nil
			})
		}
		j := checktest.Memory(t)
		e := newEngine(j, &script{}, gen("Anna"))
		rec := finish(t, e, gen("Anna"))
		for _, who := range []string{"anna", "ANNA", "Anna ", " anna", ""} {
			refused(t, e.Record(t.Context(), rec.ID, pawl.Decision{Key: "a", What: pawl.DecideReject, Who: who}), pawl.ErrInput, `step "a": `)
		}
		e.Close(t.Context())
		// nobody said, and then somebody may not
		f := gen()
		e = newEngine(j, &script{}, f)
		rec = finish(t, e, f)
		delivers(t, e.Record(t.Context(), rec.ID, pawl.Decision{Key: "a", What: pawl.DecideApprove}))
		e.Close(t.Context())
		e = newEngine(j, &script{}, gen("Anna"))
		resume(t, e, rec.ID)
		rec = follow(t, e, rec.ID)
		if rec.Status == pawl.StatusDone {
			t.Errorf("a decision of nobody was taken where not everybody may decide")
		}
		e.Close(t.Context())
	})
}

// untilBlocked waits for the run's first blocker.
func untilBlocked(t *testing.T, e *local.Engine, id pawl.RunID) {
	t.Helper()
	for ev, err := range e.Events(t.Context(), id, 0) {
		if err != nil {
			t.Fatal(err)
		}
		if ev.Type == pawl.EventBlocker {
			return
		}
	}
	t.Fatal("the run has no blocker")
}

func delivers(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// racy is a journal on which something happens between two looks.
type racy struct {
	journal.Journal
	after func()
}

// Handled calls after once, behind the first look at a command that is not handled.
func (r *racy) Handled(ctx context.Context, n int64) (bool, *journal.Failure, error) {
	done, f, err := r.Journal.Handled(ctx, n)
	if after := r.after; !done && after != nil {
		r.after = nil
		after()
	}
	return done, f, err
}

// card has a number that views must not show, and that its own check repeats.
type card struct {
	Number string `json:"number" pawl:"sensitive"`
}

func (c card) Validate() error {
	if c.Number[0] != '4' {
		return fmt.Errorf("number %s is not a Visa card", c.Number)
	}
	return nil
}

// An event that came early, under the former name of an Await, is taken under it.
func TestEarlyEventOfARenamedAwait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gen := func(name string, was pawl.Was) pawl.Flow {
			return pawl.New("f", "F.", func(r *pawl.Run, in topic) (int, error) {
				pawl.Approve(r, "first", "x", "OK?")
				return pawl.Await[int](r, name, was), nil
			})
		}
		j := checktest.Memory(t)
		e := newEngine(j, &script{}, gen("payment", ""))
		id := finish(t, e, gen("payment", "")).ID
		delivers(t, e.Deliver(t.Context(), addressOf(t, j, id, "payment"), "1", json.RawMessage(`7`)))
		e.Close(t.Context())
		e = newEngine(j, &script{}, gen("paid", "payment"))
		decide(t, e, id, pawl.Decision{Key: "first", What: pawl.DecideApprove, Who: "anna"})
		if rec := follow(t, e, id); rec.Status != pawl.StatusDone || string(rec.Output) != "7" {
			t.Errorf("run is %s (%s), output %s", rec.Status, rec.Reason, rec.Output)
		}
	})
}
