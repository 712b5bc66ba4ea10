package temporal

import (
	"cmp"
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"

	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflowservice/v1"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/internal/enginetest"
	"github.com/pawlrun/pawl/internal/temporaltest"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/llm"
)

// opens opens an engine on a server. It is closed when the test ends, and what it has in flight
// is cut.
func opens(t *testing.T, s *temporaltest.Server, o Options) *Engine {
	t.Helper()
	o.Client = client.Options{HostPort: s.Address, Namespace: s.Namespace}
	e, err := Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		e.Close(ctx)
	})
	return e
}

// deployed opens engines of one queue, each of a build of its own.
func deployed(t *testing.T, s *temporaltest.Server, o Options) func(build string) *Engine {
	o.Queue, o.Work = "test-"+string(pawl.NewRunID()), true
	o.Model, o.Prices, o.Heartbeat = "test/one", enginetest.Prices, cmp.Or(o.Heartbeat, 3*time.Second)
	return func(build string) *Engine {
		o := o
		o.Build = build
		return opens(t, s, o)
	}
}

func closed(t *testing.T, e *Engine) {
	t.Helper()
	if err := e.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// asker is a model that says what a function does.
type asker func(ctx context.Context, r llm.Request) (string, error)

func (a asker) Generate(ctx context.Context, r llm.Request, _ func(llm.Delta)) (llm.Response, error) {
	said, err := a(ctx, r)
	return llm.Response{Text: said, Usage: &llm.Usage{InputTokens: 1, OutputTokens: 1}}, err
}

func testFlow(name string, code func(r *pawl.Run) (string, error)) pawl.Flow {
	return pawl.New(name, "Is a test.", func(r *pawl.Run, _ nothing) (string, error) { return code(r) })
}

// TestDeploy: the calls that a worker ends while it is stopped, when it takes no tasks of
// workflows any more, are not made again by the build that takes the run over.
func TestDeploy(t *testing.T) { temporaltest.Each(t, testDeploy) }

func testDeploy(t *testing.T, s *temporaltest.Server) {
	var mu sync.Mutex
	calls := map[string]int{}
	under, release := make(chan struct{}, 10), make(chan struct{})
	m := asker(func(_ context.Context, r llm.Request) (string, error) {
		mu.Lock()
		calls[r.Messages[0].Text()]++
		mu.Unlock()
		under <- struct{}{}
		<-release
		return "said " + r.Messages[0].Text(), nil
	})
	f := testFlow("deployed", func(r *pawl.Run) (string, error) {
		said := pawl.Map(r, "all", []string{"x", "y", "z"}, func(r *pawl.Run, s string) (string, error) { return pawl.Ask(r, "a", enginetest.Text(s)), nil })
		return strings.Join(said, ", "), nil
	})
	open := deployed(t, s, Options{Models: llm.Catalog{"test": m}, Flows: []pawl.Flow{f}, Heartbeat: 20 * time.Second})
	one := open("one")
	id := enginetest.Start(t, one, f)
	for range 3 {
		<-under
	}
	down := make(chan error, 1)
	go func() { down <- one.Close(t.Context()) }()
	two := open("two")
	for there := true; there; { // until no task of a workflow is taken any more
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		_, err := two.client.QueryWorkflow(ctx, two.keeper.workflowID(id), "", thereQuery)
		cancel()
		late := new(serviceerror.DeadlineExceeded) // also from the server, a moment before
		there = !errors.As(err, &late) && !errors.Is(err, context.DeadlineExceeded)
	}
	close(release)
	if err := <-down; err != nil {
		t.Fatal(err)
	}
	enginetest.Direct(t, two, id, pawl.Directive{What: pawl.DirectResume, Take: true})
	rec := enginetest.Follow(t, two, id)
	if rec.Status != pawl.StatusDone || string(rec.Output) != `"said x, said y, said z"` {
		t.Errorf("%s (%s) %s", rec.Status, rec.Reason, rec.Output)
	}
	for text, n := range calls {
		if n != 1 {
			t.Errorf("%q was asked %d times", text, n)
		}
	}
}

// TestTakenTwice: the command for which a run is taken over is carried out once, though it is
// sent as well, and answered under its id also later, and when the run has ended.
func TestTakenTwice(t *testing.T) { temporaltest.Each(t, testTakenTwice) }

func testTakenTwice(t *testing.T, s *temporaltest.Server) {
	f := testFlow("asks", func(r *pawl.Run) (string, error) { return pawl.Input[string](r, "who", "Who?"), nil })
	open := deployed(t, s, Options{Models: llm.Catalog{"test": asker(nil)}, Flows: []pawl.Flow{f}})
	one := open("one")
	id := enginetest.Start(t, one, f)
	enginetest.Follow(t, one, id)
	closed(t, one)
	two := open("two")
	_, guide, err := journal.Command{Directive: &pawl.Directive{What: pawl.DirectGuide, Text: "In short.", Who: "anna"}}.Encode()
	if err != nil {
		t.Fatal(err)
	}
	submit := func(e *Engine) {
		t.Helper()
		c := command{ID: "guide", Directive: guide}
		raw, _, err := pack(c)
		if err != nil {
			t.Fatal(err)
		}
		p := journal.Command{Run: id, Directive: &pawl.Directive{What: pawl.DirectGuide}}
		taken, err := e.keeper.takeOver(t.Context(), p, c)
		if err != nil {
			t.Fatal(err)
		}
		if a, err := e.keeper.send(t.Context(), id, "guide", raw, taken); err != nil || a.Refused != nil {
			t.Fatalf("%+v, %v", a, err)
		}
	}
	submit(two)
	submit(two)
	closed(t, two)
	three := open("three")
	submit(three)
	rec := enginetest.Follow(t, three, id)
	if rec.Status != pawl.StatusWaiting || len(rec.Guidance) != 1 {
		t.Errorf("%s (%s), guidance %+v", rec.Status, rec.Reason, rec.Guidance)
	}
	enginetest.Direct(t, three, id, pawl.Directive{What: pawl.DirectCancel})
	submit(three)
	if rec := enginetest.Status(t, three, id); rec.Status != pawl.StatusCanceled || len(rec.Guidance) != 1 {
		t.Errorf("%s (%s), guidance %+v", rec.Status, rec.Reason, rec.Guidance)
	}
}

// TestTooLargeToTake: a run that is too large to be taken over stays as it is.
func TestTooLargeToTake(t *testing.T) { temporaltest.Each(t, testTooLargeToTake) }

func testTooLargeToTake(t *testing.T, s *temporaltest.Server) {
	f := testFlow("large", func(r *pawl.Run) (string, error) {
		n := len(pawl.Ask(r, "a", enginetest.Text("A"))) + len(pawl.Ask(r, "b", enginetest.Text("B")))
		return pawl.Input[string](r, "who", "Who?") + strings.Repeat(".", n/600_000), nil
	})
	large := strings.Repeat("x", 600<<10)
	open := deployed(t, s, Options{Models: llm.Catalog{"test": asker(func(context.Context, llm.Request) (string, error) { return large, nil })}, Flows: []pawl.Flow{f}})
	one := open("one")
	id := enginetest.Start(t, one, f)
	enginetest.Follow(t, one, id)
	closed(t, one)
	two := open("two")
	d := pawl.Decision{Key: "who", What: pawl.DecideAnswer, Value: []byte(`"Ada"`), Who: "anna"}
	enginetest.Refused(t, two.Decide(t.Context(), id, d), pawl.ErrInput, "begins with takes")
	info, err := two.client.DescribeWorkflowExecution(t.Context(), two.keeper.workflowID(id), "")
	if err != nil || info.GetWorkflowExecutionInfo().GetStatus() != enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING {
		t.Fatalf("%v, %v", info.GetWorkflowExecutionInfo().GetStatus(), err)
	}
	again := open("one")
	enginetest.Decide(t, again, id, d)
	if rec := enginetest.Follow(t, again, id); rec.Status != pawl.StatusDone || string(rec.Output) != `"Ada.."` {
		t.Errorf("%s (%s) %s", rec.Status, rec.Reason, rec.Output)
	}
}

// TestTakersMeet: of two who take a run over, one begins it anew; the other finds what became
// of it, also if it has ended meanwhile, and does not bring it back.
func TestTakersMeet(t *testing.T) { temporaltest.Each(t, testTakersMeet) }

func testTakersMeet(t *testing.T, s *temporaltest.Server) {
	f := testFlow("asks", func(r *pawl.Run) (string, error) { return pawl.Input[string](r, "who", "Who?"), nil })
	open := deployed(t, s, Options{Models: llm.Catalog{"test": asker(nil)}, Flows: []pawl.Flow{f}})
	one, two, three := open("one"), open("two"), open("three")
	d := pawl.Decision{Key: "who", What: pawl.DecideAnswer, Value: []byte(`"Ada"`), Who: "anna"}
	for name, does := range map[string]pawl.Directive{"ended": {What: pawl.DirectCancel, Who: "ben"}, "open": {What: pawl.DirectGuide, Text: "In short.", Who: "ben"}} {
		t.Run(name, func(t *testing.T) {
			id := enginetest.Start(t, one, f)
			enginetest.Follow(t, one, id)
			real := three.keeper.client
			defer func() { three.keeper.client = real }()
			meanwhile := sync.OnceFunc(func() {
				enginetest.Direct(t, two, id, does)
				if does.What == pawl.DirectCancel {
					if err := real.GetWorkflow(t.Context(), two.keeper.workflowID(id), "").Get(t.Context(), nil); err != nil {
						t.Error(err)
					}
				}
			})
			three.keeper.client = &starting{real, func() error { meanwhile(); return nil }}
			err := three.Decide(t.Context(), id, d)
			rec := enginetest.Follow(t, two, id)
			switch name {
			case "ended":
				if enginetest.Refused(t, err, pawl.ErrConflict, "canceled"); rec.Status != pawl.StatusCanceled {
					t.Errorf("%s (%s)", rec.Status, rec.Reason)
				}
			case "open":
				if err != nil || rec.Status != pawl.StatusDone || len(rec.Guidance) != 1 {
					t.Errorf("%v, %s (%s), guidance %v", err, rec.Status, rec.Reason, rec.Guidance)
				}
			}
		})
	}
}

// TestTakenWithoutBase: a run that takes results over is taken over with them, also when its
// base is not there any more.
func TestTakenWithoutBase(t *testing.T) {
	s := temporaltest.Old(t)
	var calls atomic.Int32
	f := testFlow("again", func(r *pawl.Run) (string, error) {
		return pawl.Ask(r, "a", enginetest.Text("A")) + pawl.Ask(r, "b", enginetest.Text("B")), nil
	})
	open := deployed(t, s, Options{Models: llm.Catalog{"test": asker(func(context.Context, llm.Request) (string, error) { calls.Add(1); return "said", nil })}, Flows: []pawl.Flow{f}})
	one := open("one")
	base := enginetest.Finish(t, one, f)
	id, err := one.Start(t.Context(), f, []byte(`{}`), &pawl.StartOptions{Base: &pawl.Base{Run: base.ID}, Step: true})
	if err != nil {
		t.Fatal(err)
	}
	enginetest.Follow(t, one, id)
	closed(t, one)
	two := open("two")
	if _, err := two.client.WorkflowService().DeleteWorkflowExecution(t.Context(), &workflowservice.DeleteWorkflowExecutionRequest{Namespace: s.Namespace,
		WorkflowExecution: &commonpb.WorkflowExecution{WorkflowId: two.keeper.workflowID(base.ID)}}); err != nil {
		t.Fatal(err)
	}
	for err = nil; !errors.Is(err, pawl.ErrNotFound); {
		_, err = two.keeper.read(t.Context(), base.ID)
	}
	run, err := two.keeper.read(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	b, _, err := two.keeper.taken(run, []command{{ID: "any"}}, 1<<20)
	if err != nil || len(b.Base) != int(base.LastSeq) {
		t.Errorf("%d events of the base, %v; want %d", len(b.Base), err, base.LastSeq)
	}
}
