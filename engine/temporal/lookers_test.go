package temporal

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	workflowpb "go.temporal.io/api/workflow/v1"
	"go.temporal.io/api/workflowservice/v1"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/internal/enginetest"
	"github.com/pawlrun/pawl/internal/temporaltest"
)

// fleet is a server with workers of one build that look for what others leave.
type fleet struct {
	*matching
	listed *lists
	name   string // of the worker who asks
}

type lists struct {
	sync.Mutex
	by map[string][]time.Time // when each worker listed the runs of others
}

func (f *fleet) ListWorkflow(_ context.Context, r *workflowservice.ListWorkflowExecutionsRequest) (*workflowservice.ListWorkflowExecutionsResponse, error) {
	f.listed.Lock()
	defer f.listed.Unlock()
	if strings.Contains(r.GetQuery(), "TaskQueue!=") {
		f.listed.by[f.name] = append(f.listed.by[f.name], time.Now())
	}
	return &workflowservice.ListWorkflowExecutionsResponse{}, nil
}

// joins has a worker join the fleet; kill ends it as a signal does, leave as it does by itself.
func (f *fleet) joins(t *testing.T, name string) (kill, leave func()) {
	own := *f
	own.name = name
	s := &sign{keeper: stubbed(t, &own), name: name}
	s.turn(lasting)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		if !strings.HasSuffix(name, stays) { // as with Options.Stay
			newSweeper(s).until(ctx)
		}
	}()
	kill = func() {
		s.hide()
		cancel()
		<-done
	}
	return kill, func() {
		cancel()
		<-done
		s.turn(gone)
	}
}

// TestTwoLook: of the workers of a build two list the runs of others, and when these are killed, or end, the next
// two do, before anybody could be missed who is to be taken over from. One that takes nothing over is none
// of the two.
func TestTwoLook(t *testing.T) {
	const longest = 68 * time.Second // between two looks
	synctest.Test(t, func(t *testing.T) {
		f := &fleet{matching: &matching{ahead: -3 * time.Minute}, listed: &lists{by: map[string][]time.Time{}}}
		_, leave := f.joins(t, "0"+stays)
		defer leave()
		kill, leaves := map[int]func(){}, map[int]func(){}
		for i := 1; i <= 7; i++ {
			kill[i], leaves[i] = f.joins(t, fmt.Sprint(i))
		}
		look := func(when string, want ...int) {
			t.Helper()
			since := time.Now()
			time.Sleep(longest + missed)
			settled := time.Now()
			time.Sleep(10 * longest)
			f.listed.Lock()
			defer f.listed.Unlock()
			for i := 1; i <= 7; i++ {
				n, first := 0, time.Time{}
				for _, at := range f.listed.by[fmt.Sprint(i)] {
					if at.After(since) && first.IsZero() {
						first = at
					}
					if at.After(settled) {
						n++
					}
				}
				is := i == want[0] || i == want[1]
				if is && (n < 10 || first.After(settled)) || !is && n > 0 {
					t.Errorf("%s: worker %d listed %d times, first after %s", when, i, n, first.Sub(since))
				}
			}
		}
		look("at first", 1, 2)
		kill[1]()
		look("one killed", 2, 3)
		kill[2]()
		kill[3]()
		look("both killed", 4, 5)
		leaves[4]()
		look("one ended", 5, 6)
		for i := 5; i <= 7; i++ {
			leaves[i]()
		}
	})
}

// TestHalvesCost: of the workflows that were terminated since, whatever became of them, those are found that are a
// run's last: with a request, and one more for each hundred of them.
func TestHalvesCost(t *testing.T) {
	c := &catalog{found: map[string][]*workflowpb.WorkflowExecutionInfo{}}
	k := stubbed(t, c)
	k.settings.know(testFlow("f", func(*pawl.Run) (string, error) { return "", nil }))
	now := time.Now()
	of := func(n int, flow string, s pawl.Status) item {
		it := newItem(n, s, now)
		it.Flow = flow
		return it
	}
	var want []pawl.RunID
	for n := range 250 {
		it := of(n, "f", pawl.StatusQueued)
		c.add(t, k, it, now.Add(-10*time.Minute), isEnded)
		switch n % 5 {
		case 0:
			c.add(t, k, it, now.Add(-9*time.Minute), isOpen)
		case 1:
			c.add(t, k, it, now.Add(-9*time.Minute), isDone)
		default:
			want = append(want, it.ID)
		}
	}
	for n := range 50 {
		c.add(t, k, of(1000+n, "f", pawl.StatusQueued), now.Add(-time.Hour), isEnded) // too long ago
		waits := of(2000+n, "f", pawl.StatusWaiting)                                  // for a time, or somebody: nobody else waits for it
		c.add(t, k, waits, now.Add(-10*time.Minute), isEnded)
		c.add(t, k, waits, now.Add(-9*time.Minute), isEnded) // ended twice
		want = append(want, waits.ID)
		c.add(t, k, of(5000+n, "f", pawl.StatusDone), now.Add(-10*time.Minute), isEnded)
		c.add(t, k, of(3000+n, "another", pawl.StatusQueued), now.Add(-10*time.Minute), isEnded)
		c.add(t, k, of(4000+n, "f", pawl.StatusQueued), now.Add(-10*time.Minute), isOpen)
	}
	got, err := k.halves(t.Context(), now.Add(-30*time.Minute))
	slices.Sort(want)
	if err != nil || !slices.Equal(got, want) || c.asked.Load() != 4 {
		t.Errorf("%d runs, %v, with %d requests; want %d with 4", len(got), err, c.asked.Load(), len(want))
	}
	c.asked.Store(0)
	if got, err := k.halves(t.Context(), now); err != nil || len(got) > 0 || c.asked.Load() != 1 {
		t.Errorf("none: %v, %v, with %d requests, want 1", got, err, c.asked.Load())
	}
}

// TestTakesUpHalf: a run whose old workflow was ended by somebody who died before he began the new one
// goes on with a worker that was not there then, at its second look. One that was ended by other means
// stays as it is, until somebody resumes it.
func TestTakesUpHalf(t *testing.T) { temporaltest.Each(t, testTakesUpHalf) }

func testTakesUpHalf(t *testing.T, s *temporaltest.Server) {
	var made atomic.Int32
	f, models := sleeper("half", &made)
	o := Options{Models: models, Flows: []pawl.Flow{f}, Stay: true}
	one := deployed(t, s, o)("one")
	id, ended := enginetest.Start(t, one, f), enginetest.Start(t, one, f)
	untilSleep(t, one, id)
	untilSleep(t, one, ended)
	closed(t, one)
	if err := one.client.TerminateWorkflow(t.Context(), one.keeper.workflowID(ended), "", "by hand"); err != nil {
		t.Fatal(err)
	}
	two := deployedOn(t, s, o, one, "two")
	if err := two.begin(advances|calls, lasting); err != nil {
		t.Fatal(err)
	}
	roles(t, two, lasting)
	listedIn(t, two, 1)
	two.keeper.client = &starting{two.keeper.client, func() error { return errors.New("it dies") }}
	died := newSweeper(two.sign)
	for range 2 {
		died.look(t.Context())
	}
	closed(t, two)
	three := deployedOn(t, s, o, one, "three")
	if err := three.begin(advances|calls, lasting); err != nil {
		t.Fatal(err)
	}
	roles(t, three, lasting)
	for n := 0; n < 2; { // until the list has both
		halves, err := three.keeper.halves(t.Context(), time.Now().Add(-time.Hour))
		if err != nil {
			t.Fatal(err)
		}
		n = len(halves)
	}
	status := func(id pawl.RunID) enumspb.WorkflowExecutionStatus {
		t.Helper()
		d, err := three.client.DescribeWorkflowExecution(t.Context(), three.keeper.workflowID(id), "")
		if err != nil {
			t.Fatal(err)
		}
		return d.GetWorkflowExecutionInfo().GetStatus()
	}
	look := newSweeper(three.sign)
	look.look(t.Context())
	if is := status(id); is != enumspb.WORKFLOW_EXECUTION_STATUS_TERMINATED {
		t.Errorf("after one look it is %v: somebody may be about to begin it", is)
	}
	look.look(t.Context())
	if rec := enginetest.Follow(t, three, id); rec.Status != pawl.StatusDone || made.Load() != 3 {
		t.Errorf("%s (%s) %s, %d calls", rec.Status, rec.Reason, rec.Output, made.Load())
	}
	look.look(t.Context())
	if is := status(ended); is != enumspb.WORKFLOW_EXECUTION_STATUS_TERMINATED {
		t.Errorf("what was ended by hand is %v", is)
	}
	if len(look.owed) != 0 {
		t.Errorf("owed %v", look.owed)
	}
	for begun := false; !begun; { // until the list has it, the run that goes on is none of them
		halves, err := three.keeper.halves(t.Context(), time.Now().Add(-time.Hour))
		if err != nil {
			t.Fatal(err)
		}
		begun = slices.Equal(halves, []pawl.RunID{ended})
	}
}
