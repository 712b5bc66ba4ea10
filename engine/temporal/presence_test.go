package temporal

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/internal/enginetest"
	"github.com/pawlrun/pawl/internal/temporaltest"
	"github.com/pawlrun/pawl/llm"
)

// roles waits until what others see of an engine's queue is as wanted, and fails if that takes
// longer than somebody is missed who shows himself no more.
func roles(t *testing.T, e *Engine, want ...role) {
	t.Helper()
	var got []role
	for until := time.Now().Add(missed); time.Now().Before(until); {
		there, err := e.keeper.there(t.Context(), e.keeper.queue)
		if err != nil {
			t.Fatal(err)
		}
		got = nil
		for _, p := range there {
			got = append(got, p.role)
		}
		if slices.Sort(got); slices.Equal(got, want) {
			return
		}
	}
	t.Fatalf("there are %v, want %v", got, want)
}

// TestPresence: others know who executes runs, whether he lasts, and at once that he does not any
// more; whoever only helps is nobody. Queues of four partitions are what servers have by default.
func TestPresence(t *testing.T) {
	temporaltest.Each(t, testPresence)
	t.Run("partitions", func(t *testing.T) {
		testPresence(t, temporaltest.Start(t, "matching.numTaskqueueReadPartitions=4", "matching.numTaskqueueWritePartitions=4"))
	})
}

func testPresence(t *testing.T, s *temporaltest.Server) {
	f := testFlow("asks", func(r *pawl.Run) (string, error) { return pawl.Input[string](r, "who", "Who?"), nil })
	o := Options{Models: llm.Catalog{"test": asker(nil)}, Flows: []pawl.Flow{f}}
	worker := deployed(t, s, o)("one")
	roles(t, worker, lasting)
	command := deployedOn(t, s, o, worker, "one")
	if err := command.Execute(); err != nil {
		t.Fatal(err)
	}
	roles(t, worker, passing, lasting)
	if at := command.keeper.now(t.Context(), time.Time{}); time.Since(at).Abs() > time.Second { // the server's is this machine's
		t.Errorf("the server's clock is read as %s, it is %s", at, time.Now())
	}
	helper := deployedOn(t, s, o, worker, "two")
	id := enginetest.Start(t, helper, f)
	if helps, err := helper.Help(t.Context(), id); err != nil || !helps {
		t.Fatal(helps, err)
	}
	if rec := enginetest.Follow(t, helper, id); rec.Status != pawl.StatusWaiting {
		t.Fatalf("the helper does not help: %s (%s)", rec.Status, rec.Reason)
	}
	roles(t, helper)
	if n, err := worker.Workers(t.Context(), f.Name()); err != nil || n != 1 {
		t.Errorf("%d workers, %v", n, err)
	}
	if !worker.keeper.stands(t.Context(), worker.keeper.queue) {
		t.Error("nobody shows himself again")
	}
	for _, e := range []*Engine{command, worker} {
		closed(t, e)
		there, err := helper.keeper.there(t.Context(), worker.keeper.queue)
		if err != nil || slices.ContainsFunc(there, func(p presence) bool { return p.name == e.sign.name }) {
			t.Errorf("%s is there yet: %v, %v", e.sign.name, there, err)
		}
	}
}

// TestThere: who has ended is not there, whatever was seen of him last; who was killed is for a
// while.
func TestThere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for range 10 { // in whatever order the names come
			m := &matching{}
			for _, p := range []struct {
				as  string
				ago time.Duration
			}{
				{"worker killed", polled - time.Second}, {"worker killed-long-ago", polled + time.Second},
				{"ended gone", 2 * time.Second}, {"worker gone", time.Second},
				{"worker stopping", 4 * time.Second}, {"command stopping", time.Second},
				{"worker gone-after", 3 * time.Second}, {"ended gone-after", time.Second},
			} {
				m.shows("queue", p.as, -p.ago)
			}
			there, err := stubbed(t, m).there(t.Context(), "queue")
			got := []string{}
			for _, p := range there {
				got = append(got, string(p.role)+" "+p.name)
			}
			if want := []string{"worker killed", "command stopping"}; err != nil || !slices.Equal(got, want) {
				t.Fatalf("%v, %v, want %v", got, err, want)
			}
		}
	})
}

// TestShows: a process shows itself every 5 seconds and no more often, also to a server that
// refuses it, with requests that servers do not warn of, and says at the end that it is gone.
func TestShows(t *testing.T) {
	for _, refuses := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			m := &matching{refuses: refuses}
			s := &sign{keeper: stubbed(t, m), name: "it"}
			s.turn(gone) // which it never was
			s.turn(lasting)
			s.turn(lasting)
			time.Sleep(52 * time.Second) // of the test's own clock
			synctest.Wait()
			if asked := m.seen("test-one"); len(asked) != 11 || m.short {
				t.Errorf("refused %v: asked %d times in 52 seconds, want 11; for too short %v", refuses, len(asked), m.short)
			}
			s.turn(passing)
			synctest.Wait()
			s.turn(gone)
			s.turn(lasting)
			synctest.Wait()
			asked := m.seen("test-one")
			if end := asked[len(asked)-2:]; !slices.Equal(end, []string{"command it", "ended it"}) || m.short {
				t.Errorf("refused %v: it showed itself last as %q; for too short %v", refuses, end, m.short)
			}
		})
	}
}
