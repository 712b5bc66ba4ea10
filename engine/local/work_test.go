package local_test

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/local"
	"github.com/pawlrun/pawl/internal/checktest"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/llm"
)

// enqueue makes a run that nobody executes yet.
func enqueue(t *testing.T, e pawl.Engine, f pawl.Flow) pawl.RunID {
	t.Helper()
	id, err := e.Start(t.Context(), f, json.RawMessage(`{}`), &pawl.StartOptions{Queue: true})
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// working has an engine work in the background; stop ends that as a process
// that is asked to end does.
func working(t *testing.T, e *local.Engine, o *local.WorkOptions) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- e.Work(ctx, o) }()
	synctest.Wait()
	return func() {
		t.Helper()
		cancel()
		if err := e.Close(t.Context()); err != nil {
			t.Error(err)
		}
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}

func TestWorkTakesUpQueuedRuns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j, m := checktest.Memory(t), &script{Latency: time.Second}
		front := newEngine(j, m)
		var ids []pawl.RunID
		for range 5 {
			ids = append(ids, enqueue(t, front, abc))
		}
		time.Sleep(time.Hour)
		if rec := status(t, front, ids[0]); rec.Status != pawl.StatusQueued || rec.Reason == "" || len(m.Requests) != 0 {
			t.Fatalf("%s (%s) before anybody works, %d calls", rec.Status, rec.Reason, len(m.Requests))
		}
		var seen []pawl.RunSummary
		o := &local.WorkOptions{Limit: 2, Drain: true, Seen: func(s pawl.RunSummary) { seen = append(seen, s) }}
		if err := newEngine(j, m, abc).Work(t.Context(), o); err != nil {
			t.Fatal(err)
		}
		for _, id := range ids {
			if rec := status(t, front, id); rec.Status != pawl.StatusDone {
				t.Errorf("run %s is %s", id, rec.Status)
			}
		}
		if m.Most != 2 || len(m.Requests) != 15 {
			t.Errorf("%d calls at once, %d in all; want 2 and 15", m.Most, len(m.Requests))
		}
		var begun []pawl.RunID
		for _, s := range seen {
			if s.Status == pawl.StatusRunning {
				begun = append(begun, s.ID)
			} else if s.Status != pawl.StatusDone {
				t.Errorf("seen %+v", s)
			}
		}
		if !slices.Equal(begun, ids) || len(seen) != 10 {
			t.Errorf("taken up in the order %q, want %q; %d seen", begun, ids, len(seen))
		}
	})
}

// A run of a process that died is taken up within a second, and what was
// finished is not asked again. One that was to be paused stays.
func TestWorkTakesUpOrphans(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j, m := checktest.Memory(t), &script{Latency: 10 * time.Second}
		dead := &mortal{Journal: j}
		first := newEngine(dead, m)
		id, paused := start(t, first, abc), start(t, first, abc)
		time.Sleep(15 * time.Second) // b is in flight
		if err := first.Direct(t.Context(), paused, pawl.Directive{What: pawl.DirectPause, Who: "me"}); err != nil {
			t.Fatal(err)
		}
		second := newEngine(j, m, abc)
		defer working(t, second, nil)()
		time.Sleep(2 * time.Second)
		if m.Calls("b") != 2 {
			t.Fatal("a run was taken from a process that lives")
		}
		dead.die(t)
		time.Sleep(time.Second)
		if m.Calls("b") != 3 || m.Calls("a") != 2 {
			t.Fatalf("%d calls of b and %d of a a second after the process died", m.Calls("b"), m.Calls("a"))
		}
		if rec := follow(t, second, id); rec.Status != pawl.StatusDone || m.Calls("c") != 1 {
			t.Errorf("run is %s, %d calls of c", rec.Status, m.Calls("c"))
		}
		if rec := status(t, second, paused); rec.Status != pawl.StatusPaused || m.Calls("b") != 3 {
			t.Errorf("the run to be paused is %s, %d calls of b", rec.Status, m.Calls("b"))
		}
		resume(t, second, paused)
		if rec := follow(t, second, paused); rec.Status != pawl.StatusDone {
			t.Errorf("the paused run is %s once resumed", rec.Status)
		}
	})
}

// mortal is a journal of a process that can die: its claims are given back and
// nothing it does has an effect any more.
type mortal struct {
	journal.Journal
	mu     sync.Mutex
	dead   bool
	claims []*journal.Claim
}

func (m *mortal) Create(ctx context.Context, run journal.NewRun, first []journal.Draft) (*journal.Claim, error) {
	c, err := m.Journal.Create(ctx, run, first)
	m.mu.Lock()
	defer m.mu.Unlock()
	m.claims = append(m.claims, c)
	return c, err
}

func (m *mortal) Append(ctx context.Context, c *journal.Claim, b journal.Batch) ([]pawl.Event, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.dead {
		return nil, journal.ErrLost
	}
	return m.Journal.Append(ctx, c, b)
}

func (m *mortal) die(t *testing.T) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.dead = true
	for _, c := range m.claims {
		if err := m.Journal.Release(t.Context(), c); err != nil {
			t.Fatal(err)
		}
	}
}

// What is left behind when a worker is asked to end is taken up by the next,
// and no call is made twice.
func TestWorkHandsOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j, m := checktest.Memory(t), &script{Latency: time.Second}
		id := enqueue(t, newEngine(j, m), abc)
		first := newEngine(j, m, abc)
		stop := working(t, first, nil)
		time.Sleep(1500 * time.Millisecond) // b is in flight
		stop()
		if rec := status(t, newEngine(j, m), id); rec.Status != pawl.StatusQueued || m.Calls("b") != 1 || m.Calls("c") != 0 {
			t.Fatalf("run is %s (%s) between two workers, %d calls of b, %d of c", rec.Status, rec.Reason, m.Calls("b"), m.Calls("c"))
		}
		if err := newEngine(j, m, abc).Work(t.Context(), &local.WorkOptions{Drain: true}); err != nil {
			t.Fatal(err)
		}
		if rec := status(t, newEngine(j, m), id); rec.Status != pawl.StatusDone || len(m.Requests) != 3 {
			t.Errorf("run is %s after %d calls", rec.Status, len(m.Requests))
		}
	})
}

// A run that was begun by another program is left to it if its steps do not fit
// this one, and tried once only.
func TestWorkLeavesWhatDoesNotFit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j, m := checktest.Memory(t), &script{}
		var kind pawl.Kind
		flow := func(purpose string) pawl.Flow { // another purpose, another type: another fingerprint
			fn := func(r *pawl.Run) {
				if kind == pawl.KindDo {
					pawl.Do(r, "a", 1, func(context.Context, int) (int, error) { return 1, nil })
				} else {
					pawl.Ask(r, "a", text("A"))
				}
				pawl.Ask(r, "b", text("B"))
			}
			if purpose == "old" {
				return pawl.New("f", purpose, func(r *pawl.Run, in topic) (string, error) { fn(r); return "", nil })
			}
			return pawl.New("f", purpose, func(r *pawl.Run, in topic) (outline, error) {
				fn(r)
				return outline{Sections: []string{"1", "2", "3"}}, nil
			})
		}
		m.Replies = map[string][]any{"b": {pawl.ErrGate}}
		first := newEngine(j, m)
		id := start(t, first, flow("old"))
		follow(t, first, id)
		claim, err := j.Claim(t.Context(), id, false)
		if err != nil {
			t.Fatal(err)
		}
		queued := journal.Summary{Status: pawl.StatusQueued, Reason: "for the test"}
		if _, err := j.Append(t.Context(), claim, journal.Batch{Summary: &queued, Drafts: []journal.Draft{
			{Type: pawl.EventDecision, Key: "b", Body: journal.Decision{What: pawl.DecideRetry, Who: "me"}},
			{Type: pawl.EventReleased, Body: journal.Released{Status: queued.Status, Reason: queued.Reason}},
		}}); err != nil {
			t.Fatal(err)
		}
		if err := j.Release(t.Context(), claim); err != nil {
			t.Fatal(err)
		}
		kind = pawl.KindDo
		other := offered{j, journal.Offer{Process: "another", Flows: []string{"f"}, Builds: []string{flow("old").Describe().Fingerprint}}}
		refused(t, newEngine(other, m, flow("new")).Work(t.Context(), &local.WorkOptions{Drain: true}), pawl.ErrStopped, `is left queued: left to another program`)
		rec := status(t, first, id)
		if rec.Status != pawl.StatusQueued || !strings.Contains(rec.Reason, `step "a" is recorded as ask`) || len(rec.Blockers) != 0 {
			t.Fatalf("run is %s (%s), blockers %+v", rec.Status, rec.Reason, rec.Blockers)
		}
		kind = ""
		if err := newEngine(j, m, flow("old")).Work(t.Context(), &local.WorkOptions{Drain: true}); err != nil {
			t.Fatal(err)
		}
		if rec := status(t, first, id); rec.Status != pawl.StatusDone || m.Calls("a") != 1 {
			t.Errorf("run is %s (%s), %d calls of a", rec.Status, rec.Reason, m.Calls("a"))
		}
	})
}

// offered is a journal to which another process has made an offer.
type offered struct {
	*journal.Memory
	by journal.Offer
}

func (o offered) Offers(ctx context.Context) ([]journal.Offer, error) {
	all, err := o.Memory.Offers(ctx)
	return append(all, o.by), err
}

// A run that does not fit is nobody else's if no live process has the build that began
// it: it stands where a person can decide.
func TestWorkOpensWhatFitsNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j, m := checktest.Memory(t), &script{}
		flow := func(purpose, ask string) pawl.Flow {
			return pawl.New("f", "F.", func(r *pawl.Run, in topic) (string, error) {
				said := pawl.Do(r, "do", ask, func(_ context.Context, in string) (string, error) { return in, nil })
				pawl.Sleep(r, "night", time.Hour)
				return said, nil
			}, pawl.Prompts(pawl.PromptText[string, string]("purpose: "+purpose+"\n---\n# user\n{{.}}")))
		}
		old := flow("old", "A")
		first := newEngine(j, m)
		id := start(t, first, old)
		synctest.Wait()
		if err := first.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
		time.Sleep(2 * time.Hour)
		if err := newEngine(j, m, flow("new", "B")).Work(t.Context(), &local.WorkOptions{Drain: true}); err != nil {
			t.Fatal(err)
		}
		rec := status(t, first, id)
		if rec.Status != pawl.StatusFailed || len(rec.Blockers) != 1 || rec.Blockers[0].Key != "do" || rec.Blockers[0].Kind != pawl.BlockerMismatch {
			t.Errorf("run is %s (%s), blockers %+v", rec.Status, rec.Reason, rec.Blockers)
		}
	})
}

// Another program's worker leaves a run alone, also if it has a flow of that name; a
// later build of the same program takes it up.
func TestWorkLeavesOtherProgramsRuns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j, m := checktest.Memory(t), &script{}
		program := func(name string) *local.Engine {
			return local.New(&local.Options{Journal: j, Models: llm.Catalog{"test": m}, Model: "test/one", Program: name, Flows: []pawl.Flow{abc}})
		}
		id := enqueue(t, program("press"), abc)
		for _, c := range []struct {
			name string
			want pawl.Status
		}{{"desk", pawl.StatusQueued}, {"press", pawl.StatusDone}} {
			e := program(c.name)
			if err := e.Work(t.Context(), &local.WorkOptions{Drain: true}); err != nil {
				t.Fatal(err)
			}
			if rec := status(t, e, id); rec.Status != c.want {
				t.Errorf("after %s the run is %s (%s)", c.name, rec.Status, rec.Reason)
			}
		}
	})
}

// Runs of models that this program does not have, or has no key for, stay
// queued.
func TestWorkLeavesModelsItLacks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j, m := checktest.Memory(t), &script{}
		id, err := newEngine(j, m).Start(t.Context(), abc, json.RawMessage(`{}`), &pawl.StartOptions{Queue: true, Model: "test/one"})
		if err != nil {
			t.Fatal(err)
		}
		other := local.New(&local.Options{Journal: j, Models: llm.Catalog{"other": m}, Model: "other/one", Flows: []pawl.Flow{abc}})
		refused(t, other.Work(t.Context(), &local.WorkOptions{Drain: true}), pawl.ErrStopped, "is left queued: ")
		if rec := status(t, other, id); rec.Status != pawl.StatusQueued || len(m.Requests) != 0 {
			t.Errorf("run is %s, %d calls", rec.Status, len(m.Requests))
		}
	})
}

// Who follows a queued run waits while somebody works, and only then.
func TestFollowersWaitForAWorker(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j, m := checktest.Memory(t), &script{Latency: time.Second}
		front := newEngine(j, m)
		id := enqueue(t, front, abc)
		if rec := follow(t, front, id); rec.Status != pawl.StatusQueued {
			t.Fatalf("run is %s", rec.Status)
		}
		busy := enqueue(t, front, abc)
		back := newEngine(j, m, abc)
		defer working(t, back, &local.WorkOptions{Limit: 1})()
		if rec := follow(t, front, busy); rec.Status != pawl.StatusDone {
			t.Errorf("run is %s", rec.Status)
		}
		other := pawl.New("other", "Nobody has this one.", func(r *pawl.Run, in topic) (string, error) { return "", nil })
		if rec := follow(t, front, enqueue(t, front, other)); rec.Status != pawl.StatusQueued {
			t.Errorf("run of a flow that no worker has is %s", rec.Status)
		}
	})
}

// interposed is a journal in which something happens just before a claim.
type interposed struct {
	*journal.Memory
	before func()
}

func (i *interposed) Claim(ctx context.Context, id pawl.RunID, take bool) (*journal.Claim, error) {
	if f := i.before; f != nil {
		i.before = nil
		f()
	}
	return i.Memory.Claim(ctx, id, take)
}

// A run that somebody else executes and pauses between a worker's look and its claim
// stays paused.
func TestWorkLeavesWhatWasPausedMeanwhile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &script{Latency: time.Second}
		j := &interposed{Memory: checktest.Memory(t)}
		front := newEngine(j.Memory, m, abc)
		id := enqueue(t, front, abc)
		j.before = func() {
			resume(t, front, id)
			if err := front.Direct(t.Context(), id, pawl.Directive{What: pawl.DirectPause, Who: "me"}); err != nil {
				t.Error(err)
			}
			follow(t, front, id)
		}
		if err := newEngine(j, m, abc).Work(t.Context(), &local.WorkOptions{Drain: true}); err != nil {
			t.Fatal(err)
		}
		if rec := status(t, front, id); rec.Status != pawl.StatusPaused {
			t.Errorf("run is %s (%s)", rec.Status, rec.Reason)
		}
		list, err := front.List(t.Context(), pawl.RunFilter{})
		if err != nil || list[0].Status != pawl.StatusPaused {
			t.Errorf("%+v, %v", list, err)
		}
	})
}

// Work ends with its engine and leaves no traces in the journal.
func TestWorkEndsWithItsEngine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &script{Latency: time.Second}
		j := checktest.Memory(t)
		front := newEngine(j, m, abc)
		e := newEngine(j, m, abc)
		done := make(chan error, 1)
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		go func() { done <- e.Work(ctx, nil) }()
		synctest.Wait()
		if err := e.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
		id := enqueue(t, front, abc)
		time.Sleep(time.Minute)
		if rec := status(t, front, id); rec.LastSeq != 1 {
			t.Errorf("run has %d events", rec.LastSeq)
		}
		select {
		case err := <-done:
			if err != nil {
				t.Error(err)
			}
		default:
			t.Error("work goes on")
			cancel()
			<-done
		}
	})
}

// A run that a person took from a worker, and gave back, is taken up by it again.
func TestWorkTakesUpWhatItLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &script{Latency: 2 * time.Second}
		j := checktest.Memory(t)
		front := newEngine(j, m, abc)
		e := newEngine(j, m, abc)
		defer working(t, e, nil)()
		id := enqueue(t, front, abc)
		time.Sleep(time.Second)
		if err := front.Direct(t.Context(), id, pawl.Directive{What: pawl.DirectResume, Who: "me", Take: true}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second)
		if err := front.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		if rec := status(t, e, id); rec.Status != pawl.StatusDone {
			t.Errorf("run is %s (%s)", rec.Status, rec.Reason)
		}
	})
}
