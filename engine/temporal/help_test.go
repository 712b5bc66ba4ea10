package temporal

import (
	"context"
	"testing"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/internal/enginetest"
	"github.com/pawlrun/pawl/engine/local"
	"github.com/pawlrun/pawl/internal/temporaltest"
	"github.com/pawlrun/pawl/llm"
)

// TestBusy: a worker all of whose places are taken by the code of steps is there: nobody helps in
// its place, and none of its runs is taken from it.
func TestBusy(t *testing.T) { temporaltest.Each(t, testBusy) }

func testBusy(t *testing.T, s *temporaltest.Server) {
	const places = 2 // one poller asks for runs that are new, and one for those that are in memory
	under, release := make(chan struct{}, 10), make(chan struct{})
	long := testFlow("long", func(r *pawl.Run) (string, error) {
		who := "nobody"
		if pawl.Input[bool](r, "long", "Long?") {
			who = pawl.Do(r, "work", nothing{}, func(context.Context, nothing) (string, error) {
				under <- struct{}{}
				<-release
				return "worked", nil
			})
		}
		return who, nil
	})
	at := testFlow("at-once", func(r *pawl.Run) (string, error) {
		return pawl.Do(r, "work", nothing{}, func(context.Context, nothing) (string, error) {
			under <- struct{}{}
			<-release
			return "worked", nil
		}), nil
	})
	o := Options{Models: llm.Catalog{"test": asker(nil)}, Flows: []pawl.Flow{long, at}, Stay: true}
	two := deployed(t, s, o)("two")
	one := deployedOn(t, s, o, two, "one")
	work, end := context.WithCancel(t.Context())
	defer end()
	go one.Work(work, &local.WorkOptions{Limit: places})
	rests, decided := enginetest.Start(t, one, long), enginetest.Start(t, one, long)
	enginetest.Follow(t, one, rests)
	enginetest.Follow(t, one, decided)
	said := make(chan error, 1)
	go func() { // which is answered when the code has executed for some seconds
		said <- one.Decide(t.Context(), decided, pawl.Decision{Key: "long", What: pawl.DecideAnswer, Value: []byte(`true`), Who: "anna"})
	}()
	<-under
	ids := []pawl.RunID{decided, enginetest.Start(t, one, at)}
	<-under
	helper := deployedOn(t, s, o, two, "one")
	if helps, err := helper.Help(t.Context(), rests); err != nil || helps {
		t.Errorf("it helps: %v, %v", helps, err)
	}
	for _, id := range append(ids, rests) {
		two.keeper.patience = time.Second // for the run at rest nobody answers
		if !two.keeper.answers(t.Context(), id, one.keeper.queue) {
			t.Errorf("the worker of run %s counts as gone", id)
		}
	}
	look := newSweeper(two.sign)
	for range 2 {
		look.look(t.Context())
	}
	close(release)
	if err := <-said; err != nil {
		t.Error(err)
	}
	for _, id := range ids {
		rec := enginetest.Follow(t, one, id)
		if rec.Status != pawl.StatusDone || queueOf(t, two, id) != one.keeper.queue || len(under) > 0 {
			t.Errorf("%s (%s) at %s, %d more times", rec.Status, rec.Reason, queueOf(t, two, id), len(under))
		}
	}
}

// TestCarries: a command that executes flow code takes no run from a build that has workers, nor
// does another for its sake; where the run's build has nobody left it does.
func TestCarries(t *testing.T) { temporaltest.Each(t, testCarries) }

func testCarries(t *testing.T, s *temporaltest.Server) {
	f := testFlow("asks", func(r *pawl.Run) (string, error) {
		return pawl.Input[string](r, "who", "Who?") + pawl.Input[string](r, "when", "When?"), nil
	})
	o := Options{Models: llm.Catalog{"test": asker(nil)}, Flows: []pawl.Flow{f}}
	one := deployed(t, s, o)("one")
	roles(t, one, lasting)
	command := deployedOn(t, s, o, one, "two")
	if err := command.Execute(); err != nil {
		t.Fatal(err)
	}
	roles(t, command, passing)
	beside := deployedOn(t, s, o, one, "two") // which executes nothing
	id := enginetest.Start(t, one, f)
	enginetest.Follow(t, one, id)
	answer := func(e *Engine, key pawl.Key) {
		t.Helper()
		enginetest.Decide(t, e, id, pawl.Decision{Key: key, What: pawl.DecideAnswer, Value: []byte(`"now"`), Who: "anna"})
	}
	answer(command, "who")
	if q := queueOf(t, one, id); q != one.keeper.queue {
		t.Errorf("a command has carried it to %s", q)
	}
	enginetest.Follow(t, one, id)
	enginetest.Direct(t, beside, id, pawl.Directive{What: pawl.DirectGuide, Text: "In short.", Who: "anna"})
	if q := queueOf(t, one, id); q != one.keeper.queue {
		t.Errorf("it was carried to %s, where a command is all there is", q)
	}
	closed(t, one)
	answer(command, "when")
	rec := enginetest.Follow(t, command, id)
	if q := queueOf(t, command, id); rec.Status != pawl.StatusDone || q != command.keeper.queue {
		t.Errorf("%s (%s) at %s", rec.Status, rec.Reason, q)
	}
}
