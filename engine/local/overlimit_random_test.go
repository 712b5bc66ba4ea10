package local_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/local"
	"github.com/pawlrun/pawl/internal/checktest"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/limit"
	"github.com/pawlrun/pawl/llm"
)

// gatedQuestion is asked again if its answer is bad.
func gatedQuestion() pawl.Question[string] {
	return pawl.Messages[string]("Ask", llm.User("Ask")).MaxTokens(200).Gate("good", func(s string) error {
		if s != "good" {
			return errors.New("is bad")
		}
		return nil
	})
}

// However runs under one limit are killed, taken and resumed, and whatever becomes of their
// calls, they make no more calls and take no more tokens together than it says; and all of
// them come to their end when it is raised.
func TestLimitNeverPassed(t *testing.T) {
	seeds := 100
	if testing.Short() {
		seeds = 20
	}
	stood := 0
	for seed := range uint64(seeds) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { stood += limitNeverPassed(t, seed) })
		})
	}
	if stood < seeds {
		t.Errorf("%d times a run stood at a limit under %d seeds: this tests too little", stood, seeds)
	}
}

func limitNeverPassed(t *testing.T, seed uint64) (stood int) {
	r := rand.New(rand.NewPCG(seed, 21))
	m := &meter{rand: rand.New(rand.NewPCG(seed, 22))}
	question, wide := gatedQuestion(), 1+r.IntN(4)
	f := pawl.New("f", "Asks for many.", func(r *pawl.Run, in topic) (int, error) {
		pawl.Ask(r, "first", question)
		pawl.Map(r, "items", make([]int, wide), func(r *pawl.Run, _ int) (string, error) {
			pawl.Sleep(r, "nap", 3*time.Second)
			return pawl.Ask(r, "b", question), nil
		})
		return wide, nil
	})
	j := checktest.Memory(t)
	calls, tokens := int64(r.IntN(6)), int64(300+r.IntN(2000))
	set := func(e pawl.Engine) {
		t.Helper()
		if _, _, err := limit.Set(t.Context(), j, e, limit.Limit{Per: limit.PerTotal, Zone: "UTC", Most: pawl.Budget{Calls: new(calls), Tokens: new(tokens)}, Who: "anna"}); err != nil {
			t.Fatal(err)
		}
	}
	var engines []*local.Engine
	begin := func() *local.Engine {
		e := newEngine(j, m, f)
		engines = append(engines, e)
		return e
	}
	two := [2]*local.Engine{begin(), begin()}
	gone, leave := context.WithCancel(t.Context())
	leave()
	defer func() {
		for _, e := range engines {
			e.Close(gone)
		}
	}()
	set(two[0])
	ids := make([]pawl.RunID, 2+r.IntN(5))
	for i := range ids {
		ids[i] = startWith(t, two[i%2], f, nil)
	}
	check := func() (used int64) {
		t.Helper()
		got := tally(t, j)
		m.mu.Lock()
		defer m.mu.Unlock()
		if m.calls > calls || m.tokens > tokens {
			t.Fatalf("%d calls of %d, %d tokens of %d", m.calls, calls, m.tokens, tokens)
		}
		all := got.Spent.Plus(got.Reserved)
		if all.Calls > calls || all.Tokens > tokens || all.Calls < m.calls || all.Tokens < m.tokens {
			t.Fatalf("%+v is spent and %+v reserved, %d calls and %d tokens were taken, %d and %d are the limit", got.Spent, got.Reserved, m.calls, m.tokens, calls, tokens)
		}
		return all.Calls
	}
	for range 2000 {
		time.Sleep(time.Duration(r.IntN(3000)) * time.Millisecond)
		synctest.Wait()
		used, done, made := check(), 0, int64(0)
		for _, id := range ids {
			e := two[r.IntN(2)]
			rec := status(t, e, id)
			made += rec.Usage.ModelCalls
			if rec.Status == pawl.StatusDone {
				done++
				continue
			}
			for _, b := range rec.Blockers {
				if b.Limit != nil {
					stood++
				} else if err := e.Decide(t.Context(), id, pawl.Decision{Key: b.Key, What: pawl.DecideRetry}); err != nil && !errors.Is(err, pawl.ErrConflict) {
					t.Fatal(err)
				}
			}
			if r.IntN(8) == 0 {
				err := e.Direct(t.Context(), id, pawl.Directive{What: pawl.DirectResume, Who: "anna", Take: r.IntN(2) == 0})
				if err != nil && !errors.Is(err, pawl.ErrConflict) {
					t.Fatal(err)
				}
			}
		}
		if made != used {
			t.Fatalf("the runs have made %d calls, the limit has counted %d", made, used)
		}
		if done == len(ids) {
			if got := tally(t, j); got.Reserved != (limit.Taken{}) {
				t.Errorf("all are done, and %+v is reserved", got.Reserved)
			}
			return stood
		}
		switch r.IntN(10) {
		case 0:
			i := r.IntN(2)
			two[i].Close(gone)
			two[i] = begin()
		case 1, 2, 3:
			calls, tokens = calls+int64(r.IntN(4)), tokens+int64(r.IntN(1200))
			set(two[r.IntN(2)])
		}
	}
	for _, id := range ids {
		rec := status(t, two[0], id)
		t.Errorf("run is %s (%s)", rec.Status, rec.Reason)
	}
	return stood
}

// The same on SQLite, with two engines that work at the same time: runs stand still, the
// limit is raised again and again until all are done, and each step of the way as many calls
// have left as it says.
func TestLimitRaisedUntilDone(t *testing.T) {
	const runs, each, step = 40, 3, 17
	dir := filepath.Join(t.TempDir(), "data")
	var mu sync.Mutex
	left := 0
	m := llm.Func(func(context.Context, llm.Request, func(llm.Delta)) (llm.Response, error) {
		mu.Lock()
		defer mu.Unlock()
		left++
		if left%5 == 0 {
			return llm.Response{}, &llm.Error{Kind: llm.Invalid} // turned down: it counts as a call
		}
		return llm.Response{Text: "x", Usage: &llm.Usage{InputTokens: 10, OutputTokens: 5}}, nil
	})
	stores := []journal.Journal{openStore(t, dir), openStore(t, dir)}
	engines := []*local.Engine{newEngine(stores[0], m, chain(each)), newEngine(stores[1], m, chain(each))}
	set := func(most int64) {
		t.Helper()
		if _, _, err := limit.Set(t.Context(), stores[0].(limit.Keeper), engines[0], limit.Limit{Flow: "chain", Per: limit.PerMonth, Zone: "Europe/Berlin", Most: pawl.Budget{Calls: &most}, Who: "anna"}); err != nil {
			t.Fatal(err)
		}
	}
	most := int64(step)
	set(most)
	ids := make([]pawl.RunID, runs)
	for i := range ids {
		ids[i] = startWith(t, engines[i%2], chain(each), nil)
	}
	for done := 0; done < runs; most += step {
		var workers sync.WaitGroup
		for _, e := range engines {
			workers.Go(func() {
				if err := e.Work(t.Context(), &local.WorkOptions{Drain: true}); err != nil {
					t.Error(err)
				}
			})
		}
		workers.Wait()
		done = 0
		var made int64
		for i, id := range ids {
			rec, err := engines[i%2].Wait(t.Context(), id)
			if err != nil {
				t.Fatal(err)
			}
			made += rec.Usage.ModelCalls
			switch {
			case rec.Status == pawl.StatusDone:
				done++
			case rec.Status == pawl.StatusFailed:
				direct(t, engines[i%2], id, pawl.Directive{What: pawl.DirectResume})
			case rec.Status != pawl.StatusWaiting || len(rec.Blockers) != 1 || rec.Blockers[0].Limit == nil:
				t.Fatalf("run is %s (%s)", rec.Status, rec.Reason)
			}
		}
		mu.Lock()
		n := int64(left)
		mu.Unlock()
		if n > most || made > most {
			t.Fatalf("%d calls left, runs have made %d, the limit is %d", n, made, most)
		}
		if done == runs || most > 10*runs*each {
			break
		}
		set(most + step)
	}
	got := tally(t, stores[1])
	if got.Reserved != (limit.Taken{}) || got.Spent.Calls != int64(left) {
		t.Errorf("%d calls left, and the limit has counted %+v and %+v", left, got.Spent, got.Reserved)
	}
	checktest.Check(t, stores[0])
}
