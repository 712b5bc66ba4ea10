package local_test

import (
	"context"
	"encoding/json"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	"weak"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/internal/enginetest"
	"github.com/pawlrun/pawl/engine/local"
	"github.com/pawlrun/pawl/host"
	"github.com/pawlrun/pawl/internal/checktest"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/llm"
)

// Whoever follows a run that was decided before its deadline need not wait for that.
func TestFollowAfterDecidedDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newEngine(checktest.Memory(t), &script{})
		defer e.Close(t.Context())
		rec := finish(t, e, tomorrow)
		decide(t, e, rec.ID, pawl.Decision{Key: "ok", What: pawl.DecideApprove})
		synctest.Wait()
		soon, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		for _, err := range e.Events(soon, rec.ID, 0) {
			if err != nil {
				t.Fatal(err)
			}
		}
		if rec = status(t, e, rec.ID); rec.Status != pawl.StatusDone {
			t.Errorf("run is %s (%s)", rec.Status, rec.Reason)
		}

		rec = finish(t, e, tomorrow)
		direct(t, e, rec.ID, pawl.Directive{What: pawl.DirectPause})
		for _, err := range e.Events(soon, rec.ID, 0) {
			if err != nil {
				t.Fatal(err)
			}
		}
	})
}

// A decision that was recorded before the deadline counts, whenever it is taken; one
// after it is refused, and the default counts.
func TestRecordedBeforeDeadline(t *testing.T) {
	for name, up := range map[string]bool{"engine up": true, "engine down": false} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				j := checktest.Memory(t)
				e := newEngine(j, &script{}, tomorrow)
				early, late := finish(t, e, tomorrow), finish(t, e, tomorrow)
				record := func(id pawl.RunID) error {
					return e.Record(t.Context(), id, pawl.Decision{Key: "ok", What: pawl.DecideApprove, Who: "anna"})
				}
				if !up {
					e.Close(t.Context())
					e = newEngine(j, &script{}, tomorrow)
				}
				time.Sleep(23 * time.Hour)
				if err := record(early.ID); err != nil {
					t.Fatal(err)
				}
				time.Sleep(2 * time.Hour)
				if !up {
					refused(t, record(late.ID), pawl.ErrConflict, "the deadline of step \"ok\" passed")
					resume(t, e, early.ID)
					resume(t, e, late.ID)
				}
				defer e.Close(t.Context())
				if rec := follow(t, e, early.ID); rec.Status != pawl.StatusDone || string(rec.Output) != `"by anna"` {
					t.Errorf("recorded in time: run is %s (%s), %s", rec.Status, rec.Reason, rec.Output)
				}
				rec := follow(t, e, late.ID)
				if rec.Status != pawl.StatusCanceled || !rec.Decisions[0].Expired {
					t.Errorf("recorded late: run is %s (%s)", rec.Status, rec.Reason)
				}
				refused(t, record(late.ID), pawl.ErrConflict, "is canceled")
			})
		})
	}
}

// What a run holds while it waits is given back when it was answered, not when its
// deadline would have passed.
func TestAnsweredInTimeGivesTheMemoryBack(t *testing.T) {
	f := holding{tomorrow, make(chan weak.Pointer[[1 << 20]byte], 1), make(chan struct{})}
	e := newEngine(checktest.Memory(t), &script{})
	id := start(t, e, f)
	held := <-f.held
	for ev, err := range e.Events(t.Context(), id, 0) {
		if err != nil {
			t.Fatal(err)
		}
		if ev.Type == pawl.EventBlocker {
			break
		}
	}
	decide(t, e, id, pawl.Decision{Key: "p/ask/ok", What: pawl.DecideAnswer, Value: json.RawMessage(`"yes"`)})
	close(f.free)
	if rec := follow(t, e, id); rec.Status != pawl.StatusDone {
		t.Fatalf("run is %s (%s)", rec.Status, rec.Reason)
	}
	if err := e.Close(t.Context()); err != nil { // its goroutines have ended
		t.Fatal(err)
	}
	for range 100 { // a goroutine may be at its last line
		if runtime.GC(); held.Value() == nil {
			break
		}
		runtime.Gosched()
	}
	if held.Value() != nil {
		t.Error("what it held is still there")
	}
}

// Code that takes a deadline back, or sets one, has the person asked anew; a run
// is not woken for a deadline that is none any more.
func TestDeadlineTakenBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		asking := func(opts ...pawl.ApproveOption) pawl.Flow {
			return pawl.New("f", "Asks.", func(r *pawl.Run, in topic) (bool, error) {
				return pawl.Approve(r, "ok", "x", "OK?", opts...).Expired, nil
			})
		}
		within := asking(pawl.ApproveAfter(time.Hour))
		whenever := asking()
		j := checktest.Memory(t)
		rec := finish(t, newEngine(j, &script{}), within)
		change := func(f pawl.Flow) (*local.Engine, pawl.RunRecord) {
			e := newEngine(j, &script{}, f)
			resume(t, e, rec.ID)
			time.Sleep(time.Second)
			synctest.Wait()
			return e, status(t, e, rec.ID)
		}
		e, now := change(whenever)
		if now.Status != pawl.StatusWaiting || now.Blockers[0].Deadline != nil {
			t.Errorf("run is %s (%s), %+v", now.Status, now.Reason, now.Blockers)
		}
		time.Sleep(3 * time.Hour)
		synctest.Wait()
		if again := status(t, e, rec.ID); again.LastSeq > now.LastSeq+4 {
			t.Fatalf("%d events while nothing is to happen", again.LastSeq-now.LastSeq)
		}
		e.Close(t.Context())
		e, now = change(within)
		if now.Status != pawl.StatusWaiting || now.Blockers[0].Deadline == nil || !now.Blockers[0].Deadline.After(time.Now()) {
			t.Errorf("run is %s (%s), %+v", now.Status, now.Reason, now.Blockers)
		}
		time.Sleep(time.Hour)
		synctest.Wait()
		if now = status(t, e, rec.ID); now.Status != pawl.StatusDone || string(now.Output) != "true" {
			t.Errorf("run is %s (%s)", now.Status, now.Reason)
		}
		e.Close(t.Context())
	})
}

// Asks that are held back since the provider refuses the account keep no deadline
// from passing.
func TestDeadlineBesideRefusedAccount(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &script{Replies: map[string][]any{"p/t/t": {&llm.Error{Kind: llm.Auth, Message: "no"}}}}
		f := pawl.New("f", "Asks a person beside a model.", func(r *pawl.Run, in topic) (bool, error) {
			expired := false
			pawl.Parallel(r, "p",
				pawl.Go("a", func(r *pawl.Run) error {
					expired = pawl.Approve(r, "ok", "x", "OK?", pawl.ApproveAfter(time.Hour)).Expired
					return nil
				}),
				pawl.Go("t", func(r *pawl.Run) error { _, err := pawl.TryAsk(r, "t", text("T")); return err }),
				pawl.Go("b", func(r *pawl.Run) error {
					pawl.Do(r, "d", 1, func(context.Context, int) (int, error) {
						time.Sleep(time.Second) // of the bubble: until the account is refused
						return 1, nil
					})
					pawl.Ask(r, "s", text("S"))
					return nil
				}))
			return expired, nil
		})
		e := newEngine(checktest.Memory(t), m)
		id := start(t, e, f)
		synctest.Wait()
		enginetest.CheckRest(t, status(t, e, id))
		time.Sleep(2 * time.Hour)
		synctest.Wait()
		rec := status(t, e, id)
		if len(rec.Decisions) != 1 || !rec.Decisions[0].Expired {
			t.Errorf("run is %s (%s), %+v", rec.Status, rec.Reason, rec.Decisions)
		}
		if rec.Status == pawl.StatusFailed {
			resume(t, e, id)
			rec = follow(t, e, id)
		}
		if rec.Status != pawl.StatusDone || string(rec.Output) != "true" {
			t.Errorf("run is %s (%s), %s", rec.Status, rec.Reason, rec.Output)
		}
		e.Close(t.Context())
	})
}

var tomorrow = pawl.New("tomorrow", "Asks a person until tomorrow.", func(r *pawl.Run, in topic) (string, error) {
	a := pawl.Approve(r, "ok", "x", "OK?", pawl.RejectAfter(24*time.Hour))
	return "by " + a.Who, a.Err()
})

// holding is a flow that asks a person, whose question has a gate that holds
// something, beside a step that ends when it is let go.
type holding struct {
	pawl.Flow
	held chan weak.Pointer[[1 << 20]byte]
	free chan struct{}
}

func (f holding) Invoke(h host.Host, _ json.RawMessage) (json.RawMessage, error) {
	h.Fork(host.Fork{Name: "p", Kind: pawl.KindParallel, Names: []string{"ask", "hold"}, N: 2, Run: func(h host.Host, i int) error {
		if i == 1 {
			h.Step(host.Step{Name: "x", Do: &host.DoStep{Input: json.RawMessage("1"), Fn: func(context.Context, string, json.RawMessage) (json.RawMessage, error) {
				<-f.free
				return json.RawMessage("1"), nil
			}}})
			return nil
		}
		x := new([1 << 20]byte)
		f.held <- weak.Make(x)
		h.Wait(host.Wait{Name: "ok", Kind: pawl.KindInput, Question: "OK?", For: 24 * time.Hour,
			Default: json.RawMessage(`"no"`),
			Gates:   []host.Gate{{Name: "g", Check: func(*host.Candidate) error { x[0]++; return nil }}}})
		return nil
	}})
	return json.RawMessage(`"done"`), nil
}

// A deadline that passes at once is over once, whatever else is to begin at that moment:
// here all that a decision had held back which is refused, behind a result that is taken over.
func TestDeadlineIsOverOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := pawl.New("f", "Waits.", func(r *pawl.Run, in topic) (string, error) {
			pawl.Ask(r, "a", text("A"))
			_, err := pawl.TryAwait[string](r, "paid", pawl.For(1))
			return fmt.Sprint(err), nil
		})
		j := checktest.Memory(t)
		e := newEngine(j, &script{}, f)
		base := finish(t, e, f)
		id, err := e.Start(t.Context(), f, nil, &pawl.StartOptions{Base: &pawl.Base{Run: base.ID}, Queue: true})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := j.Submit(t.Context(), journal.Command{Run: id, Decision: &pawl.Decision{Key: "paid", What: pawl.DecideAnswer, Value: json.RawMessage(`"yes"`), Who: "anna"}}); err != nil {
			t.Fatal(err)
		}
		resume(t, e, id)
		if rec := follow(t, e, id); rec.Status != pawl.StatusDone || !strings.Contains(string(rec.Output), "no event came") {
			t.Errorf("run is %s: %s %s", rec.Status, rec.Reason, rec.Output)
		}
	})
}
