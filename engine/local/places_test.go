package local_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/checktest"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/llm"
)

// items is a flow whose first item does what it is given; the others ask a model.
func items(n int, first func(*pawl.Run), opts ...pawl.MapOption) pawl.Flow {
	return pawl.New("items", "Go through items.", func(r *pawl.Run, in topic) (int, error) {
		all := make([]int, n)
		all[0] = 1
		return len(pawl.Map(r, "items", all, func(r *pawl.Run, is int) (string, error) {
			if is == 1 {
				first(r)
			}
			return pawl.Ask(r, "ask", text("Asking")), nil
		}, opts...)), nil
	})
}

// stops are what a branch stands on, and what lets it go on.
var stops = []struct {
	what   string
	first  func(*pawl.Run)
	start  pawl.StartOptions
	reply  any // to the first item's "first"
	goesOn func(t *testing.T, e pawl.Engine, id pawl.RunID)
}{
	{"a person", func(r *pawl.Run) { pawl.Approve(r, "first", 1, "Good?") }, pawl.StartOptions{}, nil,
		by(pawl.Decision{Key: "items[0]/first", What: pawl.DecideApprove})},
	{"an event", func(r *pawl.Run) { pawl.Await[string](r, "first") }, pawl.StartOptions{}, nil,
		by(pawl.Decision{Key: "items[0]/first", What: pawl.DecideAnswer, Value: []byte(`"paid"`)})},
	{"a deadline", func(r *pawl.Run) { pawl.Approve(r, "first", 1, "Good?", pawl.ApproveAfter(time.Hour)) }, pawl.StartOptions{}, nil, later(2 * time.Hour)},
	{"a timer", func(r *pawl.Run) { pawl.Sleep(r, "first", time.Hour) }, pawl.StartOptions{}, nil, later(2 * time.Hour)},
	{"a failure", func(r *pawl.Run) { pawl.Ask(r, "first", text("F")) }, pawl.StartOptions{}, &llm.Error{Kind: llm.Invalid, Message: "no"},
		func(t *testing.T, e pawl.Engine, id pawl.RunID) { resume(t, e, id) }},
	{"a failure, supplied", func(r *pawl.Run) { pawl.Ask(r, "first", text("F")) }, pawl.StartOptions{}, &llm.Error{Kind: llm.Invalid, Message: "no"},
		by(pawl.Decision{Key: "items[0]/first", What: pawl.DecideSupply, Value: []byte(`"given"`)})},
	{"a breakpoint", func(r *pawl.Run) { pawl.Ask(r, "first", text("F")) }, pawl.StartOptions{Break: []pawl.Key{"items[0]/first"}}, nil,
		by(pawl.Decision{Key: "items[0]/first", What: pawl.DecideContinue})},
	{"a budget", func(r *pawl.Run) { pawl.Ask(r, "first", text("F").MaxTokens(1e6)) }, pawl.StartOptions{Budget: &pawl.Budget{Tokens: new(int64(100_000))}}, nil,
		by(pawl.Decision{What: pawl.DecideRaise, Budget: &pawl.Budget{Tokens: new(int64(2_000_000))}})},
	{"all that is in it", func(r *pawl.Run) {
		pawl.Parallel(r, "two",
			pawl.Go("sleep", func(r *pawl.Run) error { pawl.Sleep(r, "s", time.Hour); return nil }),
			pawl.Go("map", func(r *pawl.Run) error {
				pawl.Map(r, "m", []int{1, 2}, func(r *pawl.Run, _ int) (int, error) { pawl.Sleep(r, "s", time.Hour); return 0, nil }, pawl.InOrder)
				return nil
			}))
	}, pawl.StartOptions{}, nil, later(3 * time.Hour)},
}

func by(d pawl.Decision) func(*testing.T, pawl.Engine, pawl.RunID) {
	return func(t *testing.T, e pawl.Engine, id pawl.RunID) { decide(t, e, id, d) }
}

func later(d time.Duration) func(*testing.T, pawl.Engine, pawl.RunID) {
	return func(*testing.T, pawl.Engine, pawl.RunID) { time.Sleep(d) }
}

// TestWhatStandsGivesItsPlaceUp: while one item stands those behind it get done, in a
// map of one place; in order they wait for it.
func TestWhatStandsGivesItsPlaceUp(t *testing.T) {
	for _, c := range stops {
		for _, inOrder := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, in order %t", c.what, inOrder), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					opts, others := []pawl.MapOption{pawl.Limit(1)}, "items[1]/ask:done items[2]/ask:done"
					if inOrder {
						opts, others = []pawl.MapOption{pawl.InOrder}, ""
					}
					j, m := checktest.Memory(t), &script{Replies: map[string][]any{}}
					if c.reply != nil {
						m.Replies["items[0]/first"] = []any{c.reply}
					}
					f := items(3, c.first, opts...)
					e := newEngine(j, m, f)
					id, err := e.Start(t.Context(), f, []byte(`{}`), &c.start)
					if err != nil {
						t.Fatal(err)
					}
					time.Sleep(time.Minute)
					rec := status(t, e, id)
					if _, got, _ := strings.Cut(keys(rec), "items[1]"); rec.Status == pawl.StatusDone || strings.TrimPrefix(others, "items[1]") != got {
						t.Fatalf("run is %s: %s", rec.Status, keys(rec))
					}
					e.Close(t.Context())
					e = newEngine(j, m, f)
					go e.Work(t.Context(), nil) // carries on what waits for a time
					synctest.Wait()
					c.goesOn(t, e, id)
					time.Sleep(time.Minute)
					if rec = follow(t, e, id); rec.Status != pawl.StatusDone {
						t.Errorf("run is %s (%s): %s", rec.Status, rec.Reason, keys(rec))
					}
					e.Close(t.Context())
				})
			})
		}
	}
}

// TestMismatchGivesItsPlaceUp: likewise when the code has changed.
func TestMismatchGivesItsPlaceUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		does := func(in, n int, stop error) pawl.Flow {
			return pawl.New("items", "Go through items.", func(r *pawl.Run, _ topic) (int, error) {
				pawl.Map(r, "items", make([]int, n), func(r *pawl.Run, _ int) (int, error) {
					v := pawl.Do(r, "do", in, nothing)
					return v, stop
				}, pawl.Limit(1))
				return n, nil
			})
		}
		j, m := checktest.Memory(t), &script{}
		rec := finish(t, newEngine(j, m), does(1, 1, errors.New("stop here")))
		e := newEngine(j, m, does(2, 3, nil))
		resume(t, e, rec.ID)
		rec = follow(t, e, rec.ID)
		if want := "items:failed items[0]/do:failed items[1]/do:done items[2]/do:done"; rec.Status != pawl.StatusFailed || keys(rec) != want {
			t.Fatalf("run is %s: %s", rec.Status, keys(rec))
		}
		decide(t, e, rec.ID, pawl.Decision{Key: "items[0]/do", What: pawl.DecideRetry})
		if rec = follow(t, e, rec.ID); rec.Status != pawl.StatusDone {
			t.Errorf("run is %s (%s)", rec.Status, rec.Reason)
		}
	})
}

// TestPauseBetweenAttemptsIsWork: a branch whose attempt is made again later keeps
// its place.
func TestPauseBetweenAttemptsIsWork(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &script{Replies: map[string][]any{"items[0]/ask": {&llm.Error{Kind: llm.RateLimit, RetryAfter: time.Minute}}}}
		e := newEngine(checktest.Memory(t), m)
		id := start(t, e, items(2, func(*pawl.Run) {}, pawl.Limit(1)))
		time.Sleep(30 * time.Second)
		if got := keys(status(t, e, id)); got != "items:running items[0]/ask:retrying" {
			t.Errorf("steps %s", got)
		}
		if rec := follow(t, e, id); rec.Status != pawl.StatusDone {
			t.Errorf("run is %s (%s)", rec.Status, rec.Reason)
		}
	})
}

// TestLiftedStepWaitsForItsPlace: a step that may be tried again, and whose place
// another has, is not begun before that has ended; nor is it after a restart.
func TestLiftedStepWaitsForItsPlace(t *testing.T) {
	for _, restarts := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			j := checktest.Memory(t)
			m := &script{Latency: time.Minute, Replies: map[string][]any{"items[0]/first": {&llm.Error{Kind: llm.Invalid, Message: "no"}}}}
			f := items(3, func(r *pawl.Run) { pawl.Ask(r, "first", text("F")) }, pawl.Limit(1))
			e := newEngine(j, m, f)
			id := start(t, e, f)
			time.Sleep(30 * time.Second)
			decide(t, e, id, pawl.Decision{Key: "items[0]/first", What: pawl.DecideRetry})
			if restarts {
				ctx, cancel := context.WithCancel(t.Context())
				cancel()
				e.Close(ctx)
				e = newEngine(j, m, f)
				resume(t, e, id)
			}
			time.Sleep(30*time.Second - 1)
			if n := m.Calls("items[0]/first"); n != 1 {
				t.Errorf("restarts %t: the first item's step was asked %d times while another had its place", restarts, n)
			}
			rec := follow(t, e, id)
			if rec.Status != pawl.StatusDone || m.Most != 1 {
				t.Errorf("restarts %t: run is %s, %d at once", restarts, rec.Status, m.Most)
			}
			var asked []string
			for _, req := range m.Requests {
				asked = append(asked, strings.TrimPrefix(req.Meta.Key, "items"))
			}
			want := "[0]/first [1]/ask [0]/first [0]/ask [2]/ask"
			if restarts { // the call that was cut is made again
				want = "[0]/first [1]/ask [1]/ask [0]/first [0]/ask [2]/ask"
			}
			if got := strings.Join(asked, " "); got != want {
				t.Errorf("restarts %t: asked %s, want %s", restarts, got, want)
			}
		})
	}
}

// TestPaceChangesUnderARun: a run whose branches stand goes on under another limit, in
// order, or without order, and repeats nothing.
func TestPaceChangesUnderARun(t *testing.T) {
	paces := map[string]pawl.MapOption{"Limit(1)": pawl.Limit(1), "Limit(2)": pawl.Limit(2), "Limit(0)": pawl.Limit(0), "InOrder": pawl.InOrder}
	for was, before := range paces {
		for is, after := range paces {
			t.Run(was+" to "+is, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					f := func(pace pawl.MapOption) pawl.Flow {
						return pawl.New("items", "Go through items.", func(r *pawl.Run, _ topic) (int, error) {
							return len(pawl.Map(r, "items", make([]int, 5), func(r *pawl.Run, _ int) (string, error) {
								pawl.Ask(r, "a", text("A"))
								pawl.Input[string](r, "say", "What?")
								pawl.Sleep(r, "rest", time.Minute)
								return pawl.Ask(r, "b", text("B")), nil
							}, pace)), nil
						})
					}
					j, m := checktest.Memory(t), &script{}
					e := newEngine(j, m, f(before))
					id := start(t, e, f(before))
					for round := 0; ; round++ {
						rec := follow(t, e, id)
						if rec.Status == pawl.StatusDone {
							break
						}
						if round > 20 {
							t.Fatalf("run is %s (%s): %s", rec.Status, rec.Reason, keys(rec))
						}
						if len(rec.Blockers) > 0 {
							decide(t, e, id, pawl.Decision{Key: rec.Blockers[len(rec.Blockers)-1].Key, What: pawl.DecideAnswer, Value: []byte(`"x"`)})
						}
						time.Sleep(30 * time.Second)
						if round == 0 {
							e.Close(t.Context())
							e = newEngine(j, m, f(after))
							resume(t, e, id)
						}
					}
					if len(m.Requests) != 10 {
						t.Errorf("%d calls for 10 steps", len(m.Requests))
					}
				})
			})
		}
	}
}

// TestScopesSayThatBranchesYield: what older programs do not do is marked.
func TestScopesSayThatBranchesYield(t *testing.T) {
	j := checktest.Memory(t)
	e := newEngine(j, &script{})
	rec := finish(t, e, pawl.New("f", "F.", func(r *pawl.Run, _ topic) (int, error) {
		pawl.Map(r, "m", []int{1}, func(r *pawl.Run, _ int) (int, error) { return 0, nil })
		pawl.Parallel(r, "p", pawl.Go("b", func(*pawl.Run) error { return nil }))
		return 0, nil
	}))
	events, err := j.Read(t.Context(), rec.ID, 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, ev := range events {
		if ev.Type != pawl.EventScope {
			continue
		}
		if b, err := journal.Decode[journal.Scope](ev); err != nil || b.Yields != (ev.Key == "m") {
			t.Errorf("scope %s is marked %t, %v", ev.Key, b.Yields, err)
		}
	}
}
