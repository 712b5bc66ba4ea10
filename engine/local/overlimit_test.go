package local_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/local"
	"github.com/pawlrun/pawl/internal/checktest"
	"github.com/pawlrun/pawl/internal/replay"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/limit"
	"github.com/pawlrun/pawl/llm"
)

func setLimit(t *testing.T, j journal.Journal, l limit.Limit) {
	t.Helper()
	if l.Zone == "" {
		l.Zone = "UTC"
	}
	if err := j.(limit.Keeper).SetLimit(t.Context(), l); err != nil {
		t.Fatal(err)
	}
}

// tally is the only limit, as it stands.
func tally(t *testing.T, j journal.Journal) limit.Tally {
	t.Helper()
	all, err := j.(limit.Keeper).Limits(t.Context())
	if err != nil || len(all) != 1 {
		t.Fatalf("limits are %+v, %v", all, err)
	}
	return all[0]
}

// raiseBeyond says what a run may take beyond the limit at which it is shown to stand.
func raiseBeyond(t *testing.T, e pawl.Engine, rec pawl.RunRecord, b pawl.Budget) {
	t.Helper()
	decide(t, e, rec.ID, pawl.Decision{What: pawl.DecideRaise, Budget: &b, Digest: rec.Blockers[0].Digest})
}

func callsADay(n int64) limit.Limit {
	return limit.Limit{Per: limit.PerDay, Most: pawl.Budget{Calls: new(n)}}
}

// Two engines on one data directory, with many runs: exactly as many calls leave as the
// limit says.
func TestLimitOfTwoEngines(t *testing.T) {
	const runs, most = 200, 70
	dir := filepath.Join(t.TempDir(), "data")
	var calls atomic.Int64
	m := llm.Func(func(context.Context, llm.Request, func(llm.Delta)) (llm.Response, error) {
		calls.Add(1)
		return llm.Response{Text: "x", Usage: &llm.Usage{InputTokens: 10, OutputTokens: 5}}, nil
	})
	stores := []journal.Journal{openStore(t, dir), openStore(t, dir)}
	setLimit(t, stores[0], callsADay(most))
	engines := []*local.Engine{newEngine(stores[0], m), newEngine(stores[1], m)}
	var wg sync.WaitGroup
	var stand, done atomic.Int64
	for i := range runs {
		e := engines[i%2]
		id := startWith(t, e, chain(1), nil)
		wg.Go(func() {
			for _, err := range e.Events(t.Context(), id, 0) {
				if err != nil {
					t.Error(err)
				}
			}
			rec, err := e.Get(t.Context(), id)
			switch {
			case err != nil:
				t.Error(err)
			case rec.Status == pawl.StatusDone:
				done.Add(1)
			case rec.Status == pawl.StatusWaiting && len(rec.Blockers) == 1 && rec.Blockers[0].Kind == pawl.BlockerBudget:
				stand.Add(1)
			default:
				t.Errorf("run is %s (%s)", rec.Status, rec.Reason)
			}
		})
	}
	wg.Wait()
	if calls.Load() != most || done.Load() != most || stand.Load() != runs-most {
		t.Errorf("%d calls left, %d runs are done and %d stand still; wants %d, %d and %d", calls.Load(), done.Load(), stand.Load(), most, most, runs-most)
	}
	if got := tally(t, stores[1]); got.Spent != (limit.Taken{Calls: most, Tokens: most * 15, Unpriced: most}) || got.Reserved != (limit.Taken{}) {
		t.Errorf("spent %+v, reserved %+v", got.Spent, got.Reserved)
	}
	checktest.Check(t, stores[0])
}

// A run that stands at a limit of a day goes on by itself at its end, by the zone that it
// says, also one that has given its memory up.
func TestLimitUntilMidnight(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // which begins at 2000-01-01 00:00 UTC
		j := checktest.Memory(t)
		f := chain(3)
		e := newEngine(j, &script{}, f)
		defer e.Close(t.Context())
		time.Sleep(20 * time.Hour)
		l := callsADay(2)
		l.Flow, l.Zone = "chain", "Asia/Tokyo"
		setLimit(t, j, l)
		id := startWith(t, e, f, nil)
		rec := follow(t, e, id)
		const says = "flow chain may make 2 calls a day; 2 are made until 2000-01-03 00:00 JST"
		if rec.Status != pawl.StatusWaiting || rec.Reason != says || len(rec.Blockers) != 1 || rec.Usage.ModelCalls != 2 {
			t.Fatalf("run is %s (%s), %d calls", rec.Status, rec.Reason, rec.Usage.ModelCalls)
		}
		time.Sleep(19*time.Hour - time.Second) // to a second before midnight in Tokyo
		synctest.Wait()
		if rec = status(t, e, id); rec.Status != pawl.StatusWaiting || rec.Usage.ModelCalls != 2 {
			t.Fatalf("run is %s (%s)", rec.Status, rec.Reason)
		}
		time.Sleep(2 * time.Second)
		synctest.Wait()
		if rec = status(t, e, id); rec.Status != pawl.StatusDone || rec.Usage.ModelCalls != 3 || len(rec.Decisions) != 1 || rec.Decisions[0].Who != "the limit" {
			t.Fatalf("run is %s (%s), %+v", rec.Status, rec.Reason, rec.Decisions)
		}
		if got := tally(t, j); got.Spent.Calls != 1 || got.Since.Format(time.RFC3339) != "2000-01-02T15:00:00Z" {
			t.Errorf("%+v", got)
		}
	})
}

// Runs that no engine has in memory, as after a process ended, are taken up when the day is
// over by the clock of the zone, one of 23 hours too: each day as many calls leave as the
// limit says, and those that find it used up again wait for the next.
func TestLimitTurnsOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		zone, err := time.LoadLocation("Europe/Berlin")
		if err != nil {
			t.Fatal(err)
		}
		j, f := checktest.Memory(t), chain(1)
		first := newEngine(j, &script{}, f)
		time.Sleep(time.Until(time.Date(2000, 3, 25, 12, 0, 0, 0, zone))) // the clock is put forward the next day
		l := callsADay(2)
		l.Zone = "Europe/Berlin"
		setLimit(t, j, l)
		ids := make([]pawl.RunID, 7)
		for i := range ids {
			ids[i] = startWith(t, first, f, nil)
			follow(t, first, ids[i])
		}
		if err := first.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
		second := newEngine(j, &script{}, f)
		defer second.Close(t.Context())
		go second.Work(t.Context(), nil) // until the engine is closed
		for _, day := range []struct {
			date, done int
		}{{26, 2}, {27, 4}, {28, 6}, {29, 7}} {
			midnight := time.Date(2000, 3, day.date, 0, 0, 0, 0, zone)
			time.Sleep(time.Until(midnight) - time.Second)
			synctest.Wait()
			done := 0
			for _, id := range ids {
				switch rec := status(t, second, id); rec.Status {
				case pawl.StatusDone:
					done++
				case pawl.StatusWaiting:
					if until := midnight.Format("2006-01-02 15:04 MST"); !strings.HasSuffix(rec.Reason, "2 are made until "+until) {
						t.Errorf("run is waiting: %s, wants until %s", rec.Reason, until)
					}
				default:
					t.Errorf("run is %s (%s)", rec.Status, rec.Reason)
				}
			}
			if got := tally(t, j); done != day.done || got.Spent.Calls != int64(min(2, day.done)) && day.done < 7 {
				t.Errorf("before the %dth %d runs are done, want %d; the limit has counted %+v", day.date, done, day.done, got.Spent)
			}
		}
	})
}

// A run that stands until a limit begins anew is told if that is at another time by now; it
// does not try again for a limit that leaves nothing as before, or for another one.
func TestLimitSetForAnotherZone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // which begins at 2000-01-01 00:00 UTC
		j, f := checktest.Memory(t), chain(1)
		e := newEngine(j, &script{}, f)
		defer e.Close(t.Context())
		l := callsADay(0)
		l.Who = "anna"
		set := func(zone string, per limit.Period, retried int) {
			t.Helper()
			l.Zone, l.Per = zone, per
			if _, n, err := limit.Set(t.Context(), j, e, l); err != nil || n != retried {
				t.Errorf("%d runs tried again, want %d: %v", n, retried, err)
			}
		}
		set("UTC", limit.PerDay, 0)
		id := startWith(t, e, f, nil)
		follow(t, e, id)
		set("UTC", limit.PerDay, 0)
		set("UTC", limit.PerMonth, 0)
		if _, err := limit.Remove(t.Context(), j, e, limit.Name{Per: limit.PerMonth}, "anna"); err != nil {
			t.Fatal(err)
		}
		if rec := status(t, e, id); len(rec.Decisions) != 0 || !strings.HasSuffix(rec.Reason, "until 2000-01-02 00:00 UTC") {
			t.Errorf("run is %s (%s), %+v", rec.Status, rec.Reason, rec.Decisions)
		}
		set("Asia/Tokyo", limit.PerDay, 1)
		resume(t, e, id)
		if rec := follow(t, e, id); !strings.HasSuffix(rec.Reason, "until 2000-01-02 00:00 JST") || rec.Decisions[0].Who != "anna" {
			t.Errorf("run is %s (%s), %+v", rec.Status, rec.Reason, rec.Decisions)
		}
	})
}

// A limit that is set or removed while the blocker of a call that it refused is being stored
// lets that go on: whoever changed it could not see the blocker yet.
func TestLimitChangedBeforeItsBlocker(t *testing.T) {
	for name, change := range map[string]func(k limit.Keeper, e pawl.Engine) error{
		"set": func(k limit.Keeper, e pawl.Engine) error {
			l := callsADay(9)
			l.Zone = "UTC"
			_, _, err := limit.Set(t.Context(), k, e, l)
			return err
		},
		"removed": func(k limit.Keeper, e pawl.Engine) error {
			_, err := limit.Remove(t.Context(), k, e, limit.Name{Per: limit.PerDay}, "anna")
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			j := &beforeBlocker{Memory: checktest.Memory(t)}
			setLimit(t, j, callsADay(0))
			setLimit(t, j, limit.Limit{Per: limit.PerTotal, Most: pawl.Budget{Calls: new(int64(9))}})
			e := newEngine(j, &script{}, chain(2))
			j.do = func() {
				if err := change(j, e); err != nil {
					t.Error(err)
				}
			}
			rec := follow(t, e, startWith(t, e, chain(2), nil))
			if rec.Status != pawl.StatusDone || len(rec.Decisions) != 1 || rec.Decisions[0].Who != "the limit" {
				t.Errorf("run is %s (%s), %+v", rec.Status, rec.Reason, rec.Decisions)
			}
		})
	}
}

// beforeBlocker is a journal in which something is done before it first stores a blocker.
type beforeBlocker struct {
	*journal.Memory
	once sync.Once
	do   func()
}

func (j *beforeBlocker) Append(ctx context.Context, c *journal.Claim, b journal.Batch) ([]pawl.Event, error) {
	for _, d := range b.Drafts {
		if d.Type == pawl.EventBlocker {
			j.once.Do(j.do)
		}
	}
	return j.Memory.Append(ctx, c, b)
}

// A raise is for the run alone, to the number of calls that it says, and is recorded with
// who made it; others stand as before, and the limit counts what it let pass.
func TestLimitRaised(t *testing.T) {
	j := checktest.Memory(t)
	e := newEngine(j, &script{}, chain(3))
	setLimit(t, j, limit.Limit{Per: limit.PerTotal, Most: pawl.Budget{Calls: new(int64(0))}})
	one, other := startWith(t, e, chain(3), nil), startWith(t, e, chain(3), nil)
	rec := follow(t, e, one)
	if want := "all runs together may make 0 calls in all; 0 are made"; rec.Reason != want || rec.Status != pawl.StatusWaiting {
		t.Fatalf("run is %s (%s)", rec.Status, rec.Reason)
	}
	if acts := rec.Blockers[0].Actions; len(acts) != 3 || acts[0].Name != pawl.DecideRaise || *acts[0].Budget.Calls != 1 || acts[1].Name != pawl.DecideRetry {
		t.Errorf("actions %+v", acts)
	}
	for i := range 3 {
		raiseBeyond(t, e, rec, *rec.Blockers[0].Actions[0].Budget)
		rec = follow(t, e, one)
		if rec.Usage.ModelCalls != int64(i+1) || rec.Budget != nil {
			t.Fatalf("run is %s (%s) after %d calls, budget %+v", rec.Status, rec.Reason, rec.Usage.ModelCalls, rec.Budget)
		}
	}
	if rec.Status != pawl.StatusDone || len(rec.Decisions) != 3 || *rec.Decisions[2].Budget.Calls != 3 {
		t.Errorf("run is %s (%s), %+v", rec.Status, rec.Reason, rec.Decisions)
	}
	if rec = follow(t, e, other); rec.Status != pawl.StatusWaiting || rec.Usage.ModelCalls != 0 {
		t.Errorf("the other is %s (%s)", rec.Status, rec.Reason)
	}
	if got := tally(t, j); got.Spent.Calls != 3 || got.Reserved.Calls != 0 {
		t.Errorf("%+v", got)
	}
}

// What a raise means does not depend on when it comes: without what was shown it is the run's
// own budget, and refused at a limit on many runs; with it, it is refused where the run
// stands at something else by then.
func TestRaiseSaysWhatItIsAbout(t *testing.T) {
	j := checktest.Memory(t)
	e := newEngine(j, &script{}, chain(4))
	id := startWith(t, e, chain(4), &pawl.Budget{Calls: new(int64(1))})
	own := follow(t, e, id)
	if own.Status != pawl.StatusWaiting || own.Blockers[0].Limit != nil {
		t.Fatalf("run is %s (%s)", own.Status, own.Reason)
	}
	setLimit(t, j, callsADay(0))
	four := pawl.Budget{Calls: new(int64(4))}
	raise(t, e, id, four)
	rec := follow(t, e, id)
	if rec.Status != pawl.StatusWaiting || rec.Blockers[0].Limit == nil || *rec.Budget.Limit.Calls != 4 {
		t.Fatalf("run is %s (%s), budget %+v", rec.Status, rec.Reason, rec.Budget)
	}
	for _, key := range []pawl.Key{"", rec.Blockers[0].Key} {
		err := e.Decide(t.Context(), id, pawl.Decision{Key: key, What: pawl.DecideRaise, Budget: &four, Who: "anna"})
		refused(t, err, pawl.ErrInput, "the run stands at a limit on many runs, not at its own budget (all runs together may make 0 calls a day; ")
		if e := pawl.AsError(err, ""); !strings.HasPrefix(rec.Blockers[0].Digest, "sha256:"+strings.TrimPrefix(e.Hint, "what is shown now has the digest ")) {
			t.Errorf("the hint is %q, the digest %s", e.Hint, rec.Blockers[0].Digest)
		}
	}
	err := e.Decide(t.Context(), id, pawl.Decision{What: pawl.DecideRaise, Budget: &four, Digest: own.Blockers[0].Digest, Who: "anna"})
	refused(t, err, pawl.ErrConflict, "is not what was shown")
	if rec = status(t, e, id); rec.Status != pawl.StatusWaiting || len(rec.Decisions) != 1 {
		t.Fatalf("run is %s (%s), %+v", rec.Status, rec.Reason, rec.Decisions)
	}
	raiseBeyond(t, e, rec, pawl.Budget{Calls: new(int64(3))})
	if done := follow(t, e, id); done.Status != pawl.StatusDone || *done.Budget.Limit.Calls != 4 || *done.Decisions[1].Budget.Calls != 3 {
		t.Errorf("run is %s (%s), budget %+v, %+v", done.Status, done.Reason, done.Budget, done.Decisions)
	}
	refused(t, e.Decide(t.Context(), id, pawl.Decision{What: pawl.DecideRaise, Budget: &four, Digest: rec.Blockers[0].Digest, Who: "anna"}), pawl.ErrConflict, "is done")
}

// A limit that is lowered below what is spent lets nothing more leave; one that is raised
// or removed lets those go on that are retried.
func TestLimitChanged(t *testing.T) {
	j := checktest.Memory(t)
	e := newEngine(j, &script{}, chain(2))
	setLimit(t, j, callsADay(5))
	if rec := follow(t, e, startWith(t, e, chain(2), nil)); rec.Status != pawl.StatusDone {
		t.Fatalf("run is %s (%s)", rec.Status, rec.Reason)
	}
	setLimit(t, j, callsADay(1))
	id := startWith(t, e, chain(2), nil)
	rec := follow(t, e, id)
	if !strings.HasPrefix(rec.Reason, "all runs together may make 1 call a day; 2 are made until ") {
		t.Fatalf("run is %s (%s)", rec.Status, rec.Reason)
	}
	retry := func(want pawl.Status, calls int64) {
		t.Helper()
		b := rec.Blockers[0]
		decide(t, e, id, pawl.Decision{Key: b.Key, What: pawl.DecideRetry, Digest: b.Digest})
		if rec = follow(t, e, id); rec.Status != want || rec.Usage.ModelCalls != calls {
			t.Fatalf("run is %s (%s), %d calls", rec.Status, rec.Reason, rec.Usage.ModelCalls)
		}
	}
	retry(pawl.StatusWaiting, 0)
	setLimit(t, j, callsADay(3))
	resume(t, e, id)
	if rec = follow(t, e, id); rec.Status != pawl.StatusWaiting || rec.Usage.ModelCalls != 1 {
		t.Fatalf("run is %s (%s)", rec.Status, rec.Reason)
	}
	if err := j.RemoveLimit(t.Context(), limit.Name{Per: limit.PerDay}); err != nil {
		t.Fatal(err)
	}
	retry(pawl.StatusDone, 2)
}

// Of many branches that do not fit one opens a blocker, those that fit leave, and the
// others wait with it; a conversation refers to no request that never left.
func TestLimitOfBranches(t *testing.T) {
	wide := pawl.New("wide", "Asks for 9.", func(r *pawl.Run, in topic) (int, error) {
		return len(pawl.Map(r, "items", make([]int, 9), func(r *pawl.Run, _ int) (string, error) {
			return pawl.Ask(r, "ask", pawl.Messages[string]("Ask", llm.System("Be brief."), llm.User("Ask")).MaxTokens(100)), nil
		})), nil
	})
	j := checktest.Memory(t)
	m := &script{}
	e := newEngine(j, m, wide)
	setLimit(t, j, callsADay(4))
	id := startWith(t, e, wide, nil)
	rec := follow(t, e, id)
	if rec.Status != pawl.StatusWaiting || len(rec.Blockers) != 1 || rec.Usage.ModelCalls != 4 || len(m.Requests) != 4 {
		t.Fatalf("run is %s (%s), %d blockers, %d calls", rec.Status, rec.Reason, len(rec.Blockers), rec.Usage.ModelCalls)
	}
	raiseBeyond(t, e, rec, pawl.Budget{Calls: new(int64(2))})
	if rec = follow(t, e, id); rec.Status != pawl.StatusWaiting || len(rec.Blockers) != 1 || rec.Usage.ModelCalls != 6 {
		t.Fatalf("run is %s (%s), %d blockers, %d calls", rec.Status, rec.Reason, len(rec.Blockers), rec.Usage.ModelCalls)
	}
	setLimit(t, j, callsADay(9))
	resume(t, e, id)
	if rec = follow(t, e, id); rec.Status != pawl.StatusDone || rec.Usage.ModelCalls != 9 || len(m.Requests) != 9 {
		t.Errorf("run is %s (%s), %d calls", rec.Status, rec.Reason, rec.Usage.ModelCalls)
	}
}

// A call that would fit if those in flight elsewhere take less than they have reserved waits
// for them, and nobody is asked.
func TestLimitWaitsForOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := checktest.Memory(t)
		e := pricedEngine(j, &script{Latency: 90 * time.Second}, llm.Prices{"test/one": {Input: 100, Output: 100}}, chain(1))
		defer e.Close(t.Context())
		setLimit(t, j, limit.Limit{Per: limit.PerDay, Most: pawl.Budget{USD: new(0.5)}}) // a call reserves 0.4115
		one, other := startWith(t, e, chain(1), nil), startWith(t, e, chain(1), nil)
		time.Sleep(time.Minute)
		if got := tally(t, j); got.Reserved.Calls != 1 {
			t.Fatalf("%+v", got)
		}
		for _, id := range []pawl.RunID{one, other} {
			if rec := follow(t, e, id); rec.Status != pawl.StatusDone || len(rec.Decisions) != 0 {
				t.Errorf("run is %s (%s)", rec.Status, rec.Reason)
			}
		}
		if got := tally(t, j); got.Spent.Calls != 2 || got.Reserved != (limit.Taken{}) || got.Spent.USD != 0.003 {
			t.Errorf("%+v", got)
		}
	})
}

// A call that has waited in vain for those in flight elsewhere looks again by itself, long
// before the limit begins anew, and less and less often: who holds what it wants may be gone
// without a word, until somebody takes that run up. People are told once.
func TestLimitLooksAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // which begins at 2000-01-01 00:00 UTC
		prices := llm.Prices{"test/one": {Input: 100, Output: 100}}
		j := checktest.Memory(t)
		setLimit(t, j, limit.Limit{Per: limit.PerDay, Most: pawl.Budget{USD: new(0.5)}}) // a call reserves 0.4115
		holder, dead := context.WithCancel(t.Context())
		gone := pricedEngine(j, llm.Func(func(ctx context.Context, _ llm.Request, _ func(llm.Delta)) (llm.Response, error) {
			<-holder.Done()
			return llm.Response{}, holder.Err()
		}), prices, chain(1))
		startWith(t, gone, chain(1), nil)
		synctest.Wait()
		e := pricedEngine(j, &script{}, prices, chain(1))
		defer e.Close(t.Context())
		go e.Work(t.Context(), nil) // until the engine is closed
		begun := time.Now()
		id := startWith(t, e, chain(1), nil)
		time.Sleep(6 * time.Hour)
		synctest.Wait()
		rec := status(t, e, id)
		if rec.Status != pawl.StatusWaiting || rec.Blockers[0].Limit == nil {
			t.Fatalf("run is %s (%s)", rec.Status, rec.Reason)
		}
		var looks []string
		for _, d := range rec.Decisions {
			if d.Who != replay.LimitActor {
				t.Errorf("%s by %s", d.What, d.Who)
			}
			looks = append(looks, d.At.Sub(begun).Round(time.Minute).String())
		}
		if got := strings.Join(looks, " "); got != "20m0s 30m0s 50m0s 1h30m0s 2h30m0s 3h30m0s 4h30m0s 5h30m0s" {
			t.Errorf("it has looked again after %s", got)
		}
		dead() // what its call may have taken is not known, and it was not much
		synctest.Wait()
		if err := j.RemoveLimit(t.Context(), limit.Name{Per: limit.PerDay}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Hour)
		synctest.Wait()
		if rec = status(t, e, id); rec.Status != pawl.StatusDone {
			t.Errorf("run is %s (%s)", rec.Status, rec.Reason)
		}
		gone.Close(t.Context())
	})
}

// What may cost nobody knows how much does not leave under a limit in dollars.
func TestLimitWithoutPrice(t *testing.T) {
	j := checktest.Memory(t)
	e := pricedEngine(j, &script{}, llm.Prices{}, chain(1))
	setLimit(t, j, limit.Limit{Per: limit.PerMonth, Most: pawl.Budget{USD: new(5.0)}})
	id := startWith(t, e, chain(1), nil)
	rec := follow(t, e, id)
	if want := "all runs together may spend $5 a month, and what the next call of ask may cost is not known: give test/one a price"; rec.Reason != want || rec.Blockers[0].Unpriced != "test/one" {
		t.Fatalf("run is %s (%s)", rec.Status, rec.Reason)
	}
	raiseBeyond(t, e, rec, *rec.Blockers[0].Actions[0].Budget)
	if rec = follow(t, e, id); rec.Status != pawl.StatusDone {
		t.Errorf("run is %s (%s)", rec.Status, rec.Reason)
	}
	priced := pricedEngine(j, &script{}, llm.Prices{"test/one": {Input: 1, Output: 1}}, chain(1))
	if rec := follow(t, priced, startWith(t, priced, chain(1), nil)); rec.Status != pawl.StatusDone {
		t.Errorf("with prices, beside what somebody let leave without one, the run is %s (%s)", rec.Status, rec.Reason)
	}
}

// To remove a limit that is gone tells the runs that were left standing at it, as when a
// process died between the two.
func TestLimitRemovedTwice(t *testing.T) {
	j := checktest.Memory(t)
	e := newEngine(j, &script{}, chain(1))
	l := limit.Limit{Per: limit.PerTotal, Most: pawl.Budget{Calls: new(int64(0))}}
	setLimit(t, j, l)
	id := startWith(t, e, chain(1), nil)
	if rec := follow(t, e, id); rec.Status != pawl.StatusWaiting {
		t.Fatalf("run is %s (%s)", rec.Status, rec.Reason)
	}
	if err := j.RemoveLimit(t.Context(), l.Name()); err != nil {
		t.Fatal(err)
	}
	if n, err := limit.Remove(t.Context(), j, e, l.Name(), "anna"); n != 1 || err != nil {
		t.Errorf("told %d runs, %v", n, err)
	}
	resume(t, e, id)
	if rec := follow(t, e, id); rec.Status != pawl.StatusDone {
		t.Errorf("run is %s (%s)", rec.Status, rec.Reason)
	}
	if n, err := limit.Remove(t.Context(), j, e, l.Name(), "anna"); n != 0 || !errors.Is(err, pawl.ErrNotFound) {
		t.Errorf("told %d runs, %v", n, err)
	}
}

// A limit in dollars that is set where calls without a price were counted begins at what is
// known.
func TestLimitInDollarsSetLater(t *testing.T) {
	j := checktest.Memory(t)
	setLimit(t, j, callsADay(9))
	e := pricedEngine(j, &script{}, llm.Prices{}, chain(1))
	if rec := follow(t, e, startWith(t, e, chain(1), nil)); rec.Status != pawl.StatusDone {
		t.Fatalf("run is %s (%s)", rec.Status, rec.Reason)
	}
	l := callsADay(9)
	l.Most.USD = new(5.0)
	setLimit(t, j, l)
	priced := pricedEngine(j, &script{}, llm.Prices{"test/one": {Input: 1, Output: 1}}, chain(1))
	if rec := follow(t, priced, startWith(t, priced, chain(1), nil)); rec.Status != pawl.StatusDone {
		t.Errorf("run is %s (%s)", rec.Status, rec.Reason)
	}
}

// What a blocker at a limit proposes lets the run go on, whichever limits it stood at before
// and whatever was allowed there.
func TestLimitsRaisedInTurn(t *testing.T) {
	const steps = 5
	set := func(t *testing.T, j *journal.Memory, b pawl.Budget) {
		setLimit(t, j, limit.Limit{Per: limit.PerTotal, Most: b})
	}
	for name, prices := range map[string]llm.Prices{"priced": {"test/one": {Input: 1, Output: 1}}, "unpriced": {}} {
		t.Run(name, func(t *testing.T) {
			j := checktest.Memory(t)
			e := pricedEngine(j, &script{}, prices, chain(steps))
			set(t, j, pawl.Budget{USD: new(0.0)})
			id := startWith(t, e, chain(steps), nil)
			rec := follow(t, e, id)
			for i, next := range []pawl.Budget{{Calls: new(int64(0))}, {Tokens: new(int64(0))}, {USD: new(0.0), Calls: new(int64(0))}, {USD: new(0.0)}, {Calls: new(int64(0))}} {
				if rec.Status != pawl.StatusWaiting || len(rec.Blockers) == 0 {
					t.Fatalf("run is %s (%s) after %d raises", rec.Status, rec.Reason, i)
				}
				b := *rec.Blockers[0].Actions[0].Budget
				if i == 0 {
					b.USD = new(9.0) // as somebody may say where the proposal is in tokens
					b.Calls = new(int64(1))
				}
				raiseBeyond(t, e, rec, b)
				if rec = follow(t, e, id); rec.Usage.ModelCalls != int64(i+1) && !(i == 0 && name == "unpriced") {
					t.Fatalf("run is %s (%s) after %d raises and %d calls", rec.Status, rec.Reason, i+1, rec.Usage.ModelCalls)
				}
				if i == 0 && name == "unpriced" && rec.Usage.ModelCalls == 0 {
					raiseBeyond(t, e, rec, *rec.Blockers[0].Actions[0].Budget)
					rec = follow(t, e, id)
				}
				set(t, j, next)
			}
			if rec.Status != pawl.StatusDone {
				t.Errorf("run is %s (%s)", rec.Status, rec.Reason)
			}
		})
	}
}

// Wherever a process dies, before or after a commit, what calls have left is counted, once,
// and never more than the limit.
func TestLimitAndCrashes(t *testing.T) {
	for _, stored := range []bool{false, true} {
		for at := 1; ; at++ {
			ended := false
			t.Run(fmt.Sprint("commit ", at, " stored ", stored), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) { ended = limitAndCrash(t, at, stored) })
			})
			if ended || t.Failed() {
				break
			}
		}
	}
}

// limitAndCrash reports whether the run ended before that commit.
func limitAndCrash(t *testing.T, at int, stored bool) (ended bool) {
	const most = 3
	j := checktest.Memory(t)
	setLimit(t, j, callsADay(most))
	f := chain(5)
	dying := &dyingJournal{Journal: j, at: at, stored: stored, dead: make(chan struct{})}
	m := &script{Latency: time.Second}
	first := newEngine(dying, m, f)
	id := startWith(t, first, f, nil)
	for _, err := range first.Events(t.Context(), id, 0) {
		if err != nil {
			break
		}
	}
	select {
	case <-dying.dead:
	default:
		ended = true
	}
	second := newEngine(j, m, f)
	err := second.Direct(t.Context(), id, pawl.Directive{What: pawl.DirectResume, Who: "anna", Take: true})
	if err != nil {
		t.Fatal(err)
	}
	rec := follow(t, second, id)
	got := tally(t, j)
	if got.Reserved.Calls != 0 || got.Spent.Calls > most || got.Spent.Calls != rec.Usage.ModelCalls || int64(len(m.Requests)) > got.Spent.Calls {
		t.Fatalf("run is %s (%s) after %d calls, %d left; the limit says %+v", rec.Status, rec.Reason, rec.Usage.ModelCalls, len(m.Requests), got)
	}
	if rec.Status != pawl.StatusWaiting || got.Spent.Calls != most {
		t.Errorf("run is %s (%s), the limit has counted %+v", rec.Status, rec.Reason, got.Spent)
	}
	first.Close(t.Context())
	if err := second.Close(t.Context()); err != nil {
		t.Error(err)
	}
	return ended
}

// dyingJournal fails at an Append, before or after it is stored, and ever after.
type dyingJournal struct {
	journal.Journal
	stored bool
	dead   chan struct{}

	mu sync.Mutex
	at int
}

func (d *dyingJournal) Append(ctx context.Context, c *journal.Claim, b journal.Batch) ([]pawl.Event, error) {
	d.mu.Lock()
	d.at--
	at := d.at
	d.mu.Unlock()
	switch {
	case at > 0:
		return d.Journal.Append(ctx, c, b)
	case at == 0:
		if d.stored {
			d.Journal.Append(ctx, c, b)
		}
		close(d.dead)
	}
	return nil, &pawl.Error{Kind: pawl.ErrStorage, Message: "the process is dead"}
}
