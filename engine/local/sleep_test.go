package local_test

import (
	"bytes"
	"context"
	"encoding/json"
	"regexp"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/local"
	"github.com/pawlrun/pawl/internal/checktest"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/llm"
)

// newSleeper makes an engine that evicts runs as it is told.
func newSleeper(j journal.Journal, m llm.Model, evict time.Duration, flows ...pawl.Flow) *local.Engine {
	return local.New(&local.Options{Journal: j, Models: llm.Catalog{"test": m}, Model: "test/one", Flows: flows, Evict: evict})
}

// nap asks, sleeps an hour and asks again. What is deferred and recovered must
// not notice that the run gave up its memory meanwhile.
func nap(deferred *atomic.Int64) pawl.Flow {
	return pawl.New("nap", "Sleeps between two questions.", func(r *pawl.Run, in topic) (_ string, err error) {
		defer func() {
			deferred.Add(1)
			if p := recover(); p != nil {
				err = pawl.ErrRejected
			}
		}()
		a := pawl.Ask(r, "a", text("A"))
		began := r.Now()
		pawl.Sleep(r, "cooldown", time.Hour)
		slept := r.Now().Sub(began)
		return a + " " + slept.String() + " " + pawl.Ask(r, "b", text("B")), nil
	})
}

func TestSleepGivesTheMemoryBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &script{Latency: time.Second}
		var deferred atomic.Int64
		e := newSleeper(checktest.Memory(t), m, 0)
		id := start(t, e, nap(&deferred))
		time.Sleep(time.Minute)
		synctest.Wait()
		stacks := make([]byte, 1<<20)
		stacks = stacks[:runtime.Stack(stacks, true)]
		bubble := regexp.MustCompile(`synctest bubble \d+`).Find(stacks) // other tests' may still be ending
		for stack := range bytes.SplitSeq(stacks, []byte("\n\n")) {
			if head, _, _ := bytes.Cut(stack, []byte("\n")); bytes.Contains(head, append(bubble, ']')) && bytes.Contains(stack, []byte("exec.(*Run)")) {
				t.Errorf("a goroutine is left of a run that sleeps:\n%s", stack)
			}
		}
		if deferred.Load() != 1 {
			t.Errorf("deferred functions ran %d times, want 1", deferred.Load())
		}
		rec := status(t, e, id)
		if rec.Status != pawl.StatusWaiting || !strings.HasPrefix(rec.Reason, "cooldown: until ") || len(rec.Steps) != 2 || rec.Steps[1].Status != pawl.StepWaiting || rec.Steps[1].Kind != pawl.KindSleep {
			t.Fatalf("run is %s (%s), steps %s", rec.Status, rec.Reason, keys(rec))
		}
		began := time.Now()
		rec = follow(t, e, id) // goes on meanwhile
		if rec.Status != pawl.StatusDone || string(rec.Output) != `"answer of a 1h0m0s answer of b"` {
			t.Errorf("run is %s (%s) with %s", rec.Status, rec.Reason, rec.Output)
		}
		if waited := time.Since(began); waited < 59*time.Minute || waited > 61*time.Minute {
			t.Errorf("it was followed for %s", waited)
		}
		if len(m.Requests) != 2 {
			t.Errorf("%d calls, want 2", len(m.Requests))
		}
	})
}

// A sleep that is about to end is waited out in memory, unless told otherwise.
func TestShortSleepsStay(t *testing.T) {
	short := pawl.New("short", "Sleeps for a moment.", func(r *pawl.Run, in topic) (int, error) {
		for range 3 {
			pawl.Sleep(r, "moment", 500*time.Millisecond)
		}
		pawl.Sleep(r, "none", 0)
		pawl.Sleep(r, "past", -time.Hour)
		return 0, nil
	})
	for evict, want := range map[time.Duration]int{0: 1, -1: 4, 100 * time.Millisecond: 4} {
		synctest.Test(t, func(t *testing.T) {
			j := checktest.Memory(t)
			e := newSleeper(j, &script{}, evict)
			id := start(t, e, short)
			began := time.Now()
			if rec := follow(t, e, id); rec.Status != pawl.StatusDone || time.Since(began) != 1500*time.Millisecond {
				t.Errorf("evict %s: run is %s after %s", evict, rec.Status, time.Since(began))
			}
			if n := claims(t, j, id); n != want {
				t.Errorf("evict %s: claimed %d times, want %d", evict, n, want)
			}
		})
	}
}

func claims(t *testing.T, j journal.Journal, id pawl.RunID) (n int) {
	t.Helper()
	events, err := j.Read(t.Context(), id, 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, ev := range events {
		if ev.Type == pawl.EventClaimed {
			n++
		}
	}
	return n
}

// A sleeping run outlives its process: when its time has come, even long ago, a
// worker goes on with it, and not before.
func TestSleepOutlivesTheProcess(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j, m := checktest.Memory(t), &script{}
		var deferred atomic.Int64
		first := newSleeper(j, m, 0)
		id, late := start(t, first, nap(&deferred)), start(t, first, nap(&deferred))
		synctest.Wait()
		if err := first.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
		time.Sleep(30 * time.Minute)
		second := newSleeper(j, m, 0, nap(&deferred))
		stop := working(t, second, nil)
		time.Sleep(29 * time.Minute)
		if rec := status(t, second, id); rec.Status != pawl.StatusWaiting || m.Calls("b") != 0 {
			t.Fatalf("run is %s an hour too early", rec.Status)
		}
		if rec := follow(t, second, id); rec.Status != pawl.StatusDone || rec.Output == nil {
			t.Errorf("run is %s (%s)", rec.Status, rec.Reason)
		}
		follow(t, second, late)
		stop()
		if rec := status(t, second, late); rec.Status != pawl.StatusDone || m.Calls("b") != 2 || m.Calls("a") != 2 {
			t.Errorf("the other is %s; %d calls of a, %d of b", rec.Status, m.Calls("a"), m.Calls("b"))
		}
	})
}

// A worker evicts what sleeps and takes up other runs meanwhile.
func TestSleepersTakeNoPlace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j, m := checktest.Memory(t), &script{}
		var deferred atomic.Int64
		e := newSleeper(j, m, 0, nap(&deferred))
		var ids []pawl.RunID
		for range 20 {
			ids = append(ids, enqueue(t, e, nap(&deferred)))
		}
		defer working(t, e, &local.WorkOptions{Limit: 1})()
		began := time.Now()
		for _, id := range ids {
			if rec := follow(t, e, id); rec.Status != pawl.StatusDone {
				t.Errorf("run %s is %s", id, rec.Status)
			}
		}
		if took := time.Since(began); took > time.Hour+10*time.Second {
			t.Errorf("20 runs that sleep for an hour took %s with one place", took)
		}
	})
}

// Runs that sleep for different times each wake at theirs.
func TestManySleepers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j, m := checktest.Memory(t), &script{}
		f := pawl.New("f", "Sleeps.", func(r *pawl.Run, in struct {
			D time.Duration `json:"d"`
		}) (string, error) {
			pawl.Sleep(r, "s", in.D)
			return "", nil
		})
		e := newSleeper(j, m, 0)
		began := time.Now()
		ends := map[pawl.RunID]time.Duration{}
		for i := range 300 {
			d := time.Duration(1+(i*7919)%300) * time.Minute
			raw, _ := json.Marshal(map[string]any{"d": d})
			id, err := e.Start(t.Context(), f, raw, nil)
			if err != nil {
				t.Fatal(err)
			}
			ends[id] = d
		}
		for id, d := range ends {
			rec := follow(t, e, id)
			if took := rec.UpdatedAt.Sub(began); rec.Status != pawl.StatusDone || took < d || took > d+time.Second {
				t.Errorf("run is %s after %s, want %s", rec.Status, took, d)
			}
		}
		if err := e.Close(context.WithoutCancel(t.Context())); err != nil {
			t.Error(err)
		}
	})
}
