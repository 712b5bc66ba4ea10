package temporal

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflowservice/v1"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/internal/enginetest"
	"github.com/pawlrun/pawl/internal/temporaltest"
	"github.com/pawlrun/pawl/llm"
)

// queueOf is the task queue of a run's workflow.
func queueOf(t *testing.T, e *Engine, id pawl.RunID) string {
	t.Helper()
	d, err := e.client.DescribeWorkflowExecution(t.Context(), e.keeper.workflowID(id), "")
	if err != nil {
		t.Fatal(err)
	}
	return d.GetExecutionConfig().GetTaskQueue().GetName()
}

// listedIn waits until the list has so many runs of other queues than an engine's that a worker
// has something to do for.
func listedIn(t *testing.T, e *Engine, n int) {
	t.Helper()
	for {
		left, err := e.keeper.left(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		found := 0
		for _, runs := range left {
			found += len(runs)
		}
		if found == n {
			return
		}
	}
}

// untilSleep waits until a run sleeps.
func untilSleep(t *testing.T, e *Engine, id pawl.RunID) {
	t.Helper()
	for ev, err := range e.Events(t.Context(), id, 0) {
		if err != nil {
			t.Fatal(err)
		}
		if ev.Type == pawl.EventReleased {
			return
		}
	}
}

const nap = 1500 * time.Millisecond // longer than a run is kept in memory for

func sleeper(name string, calls *atomic.Int32) (pawl.Flow, llm.Catalog) {
	m := asker(func(context.Context, llm.Request) (string, error) { return fmt.Sprint(calls.Add(1)), nil })
	return testFlow(name, func(r *pawl.Run) (string, error) {
		before := pawl.Ask(r, "a", enginetest.Text("A"))
		pawl.Sleep(r, "nap", nap)
		return before + pawl.Ask(r, "b", enginetest.Text("B")), nil
	}), llm.Catalog{"test": m}
}

// TestTakesUp: a worker goes on by itself with a run whose build has no worker left, when the
// run has something to do, and not before it has seen so twice. What waits for a person it leaves.
func TestTakesUp(t *testing.T) { temporaltest.Each(t, testTakesUp) }

func testTakesUp(t *testing.T, s *temporaltest.Server) {
	var made atomic.Int32
	f, models := sleeper("sleeps", &made)
	waits := testFlow("asks", func(r *pawl.Run) (string, error) { return pawl.Input[string](r, "who", "Who?"), nil })
	open := deployed(t, s, Options{Models: models, Flows: []pawl.Flow{f, waits}, Stay: true})
	one := open("one")
	asks := enginetest.Start(t, one, waits)
	enginetest.Follow(t, one, asks)
	id := enginetest.Start(t, one, f)
	untilSleep(t, one, id)
	closed(t, one)
	two := open("two")
	roles(t, two, lasting)
	listedIn(t, two, 1) // its time has come
	look := newSweeper(two.sign)
	look.look(t.Context())
	if q := queueOf(t, two, id); q == two.keeper.queue {
		t.Error("it was taken over at the first look: a server that was just started knows no workers")
	}
	look.look(t.Context())
	rec := enginetest.Follow(t, two, id)
	if rec.Status != pawl.StatusDone || string(rec.Output) != `"12"` || made.Load() != 2 {
		t.Errorf("%s (%s) %s, %d calls", rec.Status, rec.Reason, rec.Output, made.Load())
	}
	if q := queueOf(t, two, asks); q != one.keeper.queue {
		t.Errorf("what waits for a person is at %s", q)
	}
}

// TestTakesUpNothing: what a build has somebody for is left to that, be it a worker or a command
// that executes its run; so is what is of another program.
func TestTakesUpNothing(t *testing.T) { temporaltest.Each(t, testTakesUpNothing) }

func testTakesUpNothing(t *testing.T, s *temporaltest.Server) {
	release := make(chan struct{})
	held := testFlow("held", func(r *pawl.Run) (string, error) { return pawl.Ask(r, "a", enginetest.Text("A")), nil })
	m := llm.Catalog{"test": asker(func(ctx context.Context, _ llm.Request) (string, error) {
		select {
		case <-release:
		case <-ctx.Done():
		}
		return "said", ctx.Err()
	})}
	o := Options{Models: m, Flows: []pawl.Flow{held}, Stay: true, Heartbeat: time.Minute}
	open := deployed(t, s, o)
	one, two := open("one"), open("two")
	command := deployedOn(t, s, o, two, "three")
	if err := command.Execute(); err != nil {
		t.Fatal(err)
	}
	other := o
	other.Program = "another"
	alien := deployedOn(t, s, other, two, "alien")
	if err := alien.begin(advances|calls, lasting); err != nil {
		t.Fatal(err)
	}
	ids := map[string]pawl.RunID{}
	for name, e := range map[string]*Engine{"worker": one, "command": command, "other program": alien} {
		ids[name] = enginetest.Start(t, e, held)
	}
	listedIn(t, two, 2)
	roles(t, two, lasting)
	for queue, e := range map[string]*Engine{"worker": one, "command": command} {
		for there := []presence(nil); len(there) == 0; {
			var err error
			if there, err = two.keeper.there(t.Context(), e.keeper.queue); err != nil {
				t.Fatal(queue, err)
			}
		}
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if err := alien.Close(gone); err != nil { // its call is cut
		t.Fatal(err)
	}
	look := newSweeper(two.sign)
	for range 3 {
		look.look(t.Context())
	}
	for name, id := range ids {
		if queueOf(t, two, id) == two.keeper.queue {
			t.Errorf("%s: it was taken over", name)
		}
	}
	close(release)
	for name, e := range map[string]*Engine{"worker": one, "command": command} {
		if rec := enginetest.Follow(t, e, ids[name]); rec.Status != pawl.StatusDone || len(rec.Steps[0].Attempts) != 1 {
			t.Errorf("%s: %s (%s), %d attempts", name, rec.Status, rec.Reason, len(rec.Steps[0].Attempts))
		}
	}
}

// deployedOn opens an engine of the same queue as another's, that executes nothing yet.
func deployedOn(t *testing.T, s *temporaltest.Server, o Options, beside *Engine, build string) *Engine {
	t.Helper()
	o.Queue, o.Build = beside.keeper.settings.Queue, build
	o.Model, o.Prices, o.Work = "test/one", enginetest.Prices, false
	return opens(t, s, o)
}

// TestTakersUpMeet: of several workers that find the same runs, each of which has something to
// do, one takes each, nothing is asked twice, and all go on by themselves.
func TestTakersUpMeet(t *testing.T) { temporaltest.Each(t, testTakersUpMeet) }

func testTakersUpMeet(t *testing.T, s *temporaltest.Server) {
	const runs = 6
	var made atomic.Int32
	f, models := sleeper("sleep", &made)
	o := Options{Models: models, Flows: []pawl.Flow{f}}
	open := deployed(t, s, o)
	one := open("one")
	var ids []pawl.RunID
	for range runs {
		ids = append(ids, enginetest.Start(t, one, f))
	}
	for _, id := range ids {
		untilSleep(t, one, id)
	}
	closed(t, one)
	var done sync.WaitGroup
	for _, build := range []string{"two", "two", "three"} {
		e := deployedOn(t, s, o, one, build)
		e.keeper.looks = pauses{time.Millisecond, 10 * time.Millisecond} // more often than any worker
		work, end := context.WithCancel(t.Context())
		done.Go(func() {
			if err := e.Work(work, nil); err != nil {
				t.Error(err)
			}
		})
		defer end()
	}
	for _, id := range ids {
		rec := enginetest.Status(t, one, id)
		for rec.Status != pawl.StatusDone {
			rec = enginetest.Status(t, one, id)
		}
		for _, step := range rec.Steps {
			if len(step.Attempts) > 1 {
				t.Errorf("%s was made %d times", step.Key, len(step.Attempts))
			}
		}
	}
	for _, id := range ids { // nobody has taken one from another
		page, err := one.client.ListWorkflow(t.Context(), &workflowservice.ListWorkflowExecutionsRequest{Query: "WorkflowId='" + one.keeper.workflowID(id) + "'"})
		if n := len(page.GetExecutions()); err != nil || n > 2 {
			t.Errorf("run %s had %d workflows, %v", id, n, err)
		}
	}
	if made.Load() != 2*runs {
		t.Errorf("%d calls, want %d", made.Load(), 2*runs)
	}
}

// TestTakesUpChanged: a run whose code has changed is taken over once, gets the blocker that a
// resume gives it, and stays as it is then.
func TestTakesUpChanged(t *testing.T) { temporaltest.Each(t, testTakesUpChanged) }

func testTakesUpChanged(t *testing.T, s *temporaltest.Server) {
	var made atomic.Int32
	f, models := sleeper("changes", &made)
	open := deployed(t, s, Options{Models: models, Flows: []pawl.Flow{f}, Stay: true})
	one := open("one")
	id := enginetest.Start(t, one, f)
	untilSleep(t, one, id)
	closed(t, one)
	changed := testFlow("changes", func(r *pawl.Run) (string, error) { return pawl.Ask(r, "a", enginetest.Text("something else")), nil })
	o := Options{Models: models, Flows: []pawl.Flow{changed}, Stay: true}
	second, third := deployedOn(t, s, o, one, "two"), deployedOn(t, s, o, one, "three")
	for _, e := range []*Engine{second, third} {
		if err := e.begin(advances|calls, lasting); err != nil {
			t.Fatal(err)
		}
	}
	roles(t, second, lasting)
	roles(t, third, lasting)
	listedIn(t, second, 1)
	look := newSweeper(second.sign)
	look.look(t.Context())
	look.look(t.Context())
	rec := enginetest.Follow(t, second, id)
	if rec.Status != pawl.StatusWaiting && rec.Status != pawl.StatusFailed || len(rec.Blockers) != 1 || made.Load() != 1 {
		t.Errorf("%s (%s), blockers %+v, %d calls", rec.Status, rec.Reason, rec.Blockers, made.Load())
	}
	closed(t, second)
	again := newSweeper(third.sign)
	for range 3 {
		again.look(t.Context())
	}
	if now := enginetest.Status(t, third, id); now.LastSeq != rec.LastSeq || queueOf(t, third, id) != second.keeper.queue {
		t.Errorf("it went on from %d to %d, at %s", rec.LastSeq, now.LastSeq, queueOf(t, third, id))
	}
}

// TestTakesUpUnseen: a worker that others do not see takes nothing over.
func TestTakesUpUnseen(t *testing.T) { temporaltest.Each(t, testTakesUpUnseen) }

func testTakesUpUnseen(t *testing.T, s *temporaltest.Server) {
	var made atomic.Int32
	f, models := sleeper("unseen", &made)
	o := Options{Models: models, Flows: []pawl.Flow{f}, Stay: true}
	one := deployed(t, s, o)("one")
	id := enginetest.Start(t, one, f)
	untilSleep(t, one, id)
	closed(t, one)
	two := deployedOn(t, s, o, one, "two")
	if err := two.begin(advances|calls, passing); err != nil {
		t.Fatal(err)
	}
	roles(t, two, passing)
	listedIn(t, two, 1)
	look := newSweeper(two.sign)
	for range 3 {
		look.look(t.Context())
	}
	if q := queueOf(t, two, id); q != one.keeper.queue {
		t.Errorf("it was taken to %s", q)
	}
}

// TestTakesUpLater: a run whose old workflow was ended, and whose new one the server does not
// start, is begun anew at the next look; who takes it over says once that he cannot.
func TestTakesUpLater(t *testing.T) { temporaltest.Each(t, testTakesUpLater) }

func testTakesUpLater(t *testing.T, s *temporaltest.Server) {
	var made atomic.Int32
	f, models := sleeper("later", &made)
	log, says := told(t)
	one := deployed(t, s, Options{Models: models, Flows: []pawl.Flow{f}, Stay: true})("one")
	id := enginetest.Start(t, one, f)
	untilSleep(t, one, id)
	closed(t, one)
	two := deployedOn(t, s, Options{Models: models, Flows: []pawl.Flow{f}, Stay: true, Logger: log}, one, "two")
	if err := two.begin(advances|calls, lasting); err != nil {
		t.Fatal(err)
	}
	roles(t, two, lasting)
	listedIn(t, two, 1)
	trouble := serviceerror.NewUnavailable("the server is in trouble")
	two.keeper.client = &starting{two.keeper.client, func() error { return trouble }}
	look := newSweeper(two.sign)
	for range 3 {
		look.look(t.Context())
	}
	says("cannot be taken over")
	d, err := two.client.DescribeWorkflowExecution(t.Context(), two.keeper.workflowID(id), "")
	if err != nil || d.GetWorkflowExecutionInfo().GetStatus() != enumspb.WORKFLOW_EXECUTION_STATUS_TERMINATED {
		t.Fatalf("%v, %v", d.GetWorkflowExecutionInfo().GetStatus(), err)
	}
	trouble = nil
	look.look(t.Context())
	if rec := enginetest.Follow(t, two, id); rec.Status != pawl.StatusDone || string(rec.Output) != `"12"` || len(look.owed) != 0 {
		t.Errorf("%s (%s) %s, owed %v", rec.Status, rec.Reason, rec.Output, look.owed)
	}
}
