package local_test

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/local"
	"github.com/pawlrun/pawl/engine/observe"
	"github.com/pawlrun/pawl/internal/checktest"
	"github.com/pawlrun/pawl/llm"
)

// watcher is an observer that does what a test wants at each event.
type watcher struct {
	mu   sync.Mutex
	told []string
	do   func(observe.Event)
}

func (w *watcher) Observe(e observe.Event) {
	w.mu.Lock()
	w.told = append(w.told, sentence(e))
	w.mu.Unlock()
	if w.do != nil {
		w.do(e)
	}
}

func (w *watcher) all() []string {
	synctest.Wait()
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.told)
}

// sentence is what an event says, without times.
func sentence(e observe.Event) string {
	switch e := e.(type) {
	case observe.Activated:
		return fmt.Sprintf("activated %s first=%v open=%d trace=%q", e.Flow, e.First, len(e.Open), e.Trace)
	case observe.Rested:
		return strings.TrimSpace(fmt.Sprintf("rested %s %s", e.Status, e.Class))
	case observe.ScopeOpened:
		return fmt.Sprintf("opened %s %d", e.Key, e.Branches)
	case observe.ScopeClosed:
		return fmt.Sprintf("closed %s", e.Key)
	case observe.AttemptBegan:
		return fmt.Sprintf("began %s %d repairs=%v %s", e.Key, e.Number, e.Repairs, e.Model)
	case observe.AttemptEnded:
		return strings.TrimSpace(fmt.Sprintf("ended %s %d %s %s", e.Key, e.Number, e.Outcome, e.Class))
	case observe.StepEnded:
		return fmt.Sprintf("step %s %s %s", e.Key, e.Kind, e.Outcome)
	case observe.BlockerOpened:
		return fmt.Sprintf("blocked %s %s", e.Key, e.Blocker)
	case observe.BlockerLifted:
		return fmt.Sprintf("lifted %s %s %s by %q after %s trace=%q", e.Key, e.Blocker, e.Decision, e.Who, e.At.Sub(e.Since), e.Trace) + map[bool]string{true: " expired"}[e.Expired]
	case observe.Committed:
		return "committed"
	case observe.Missed:
		return "missed"
	}
	return "?"
}

// letter is a flow that is repaired, does something in a map, fails once and asks a person.
func letter(fail *bool) pawl.Flow {
	return pawl.New("post", "Posts.", func(r *pawl.Run, in topic) (string, error) {
		q := pawl.Messages[string]("Saying it", llm.User("Say it.")).Gate("short", func(s string) error {
			if len(s) > 3 {
				return fmt.Errorf("is long")
			}
			return nil
		})
		said := pawl.Ask(r, "say", q)
		pawl.Map(r, "keep", []string{"a"}, func(r *pawl.Run, s string) (string, error) {
			return pawl.Do(r, "one", s, func(context.Context, string) (string, error) {
				if *fail {
					return "", fmt.Errorf("no")
				}
				return s, nil
			}, pawl.Repeatable), nil
		})
		return pawl.Approve(r, "send", said, "Send?").Value, nil
	})
}

func talks() llm.Catalog {
	return llm.Catalog{"test": llm.Func(func(_ context.Context, req llm.Request, _ func(llm.Delta)) (llm.Response, error) {
		return llm.Response{Text: strings.Repeat("x", 6-2*req.Meta.Attempt)}, nil
	})}
}

const aTrace = "00-11111111111111111111111111111111-2222222222222222-01"

// An observer is told what is durable, once: a replay tells nothing again.
func TestObserver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j, fail, w := checktest.Memory(t), true, &watcher{}
		open := func() *local.Engine {
			return local.New(&local.Options{Journal: j, Models: talks(), Model: "test/one", Flows: []pawl.Flow{letter(&fail)}, Observe: w})
		}
		e := open()
		id, err := e.Start(t.Context(), letter(&fail), []byte(`{}`), &pawl.StartOptions{Trace: aTrace})
		if err != nil {
			t.Fatal(err)
		}
		rest := func() pawl.Status {
			rec, err := e.Wait(t.Context(), id)
			if err != nil {
				t.Fatal(err)
			}
			return rec.Status
		}
		rest()
		time.Sleep(time.Minute)
		fail = false
		if err := e.Direct(t.Context(), id, pawl.Directive{What: pawl.DirectResume, Who: "anna"}); err != nil {
			t.Fatal(err)
		}
		rest()
		_ = e.Close(t.Context())
		e = open() // another process, which replays all of it
		if _, err := e.Plan(t.Context(), letter(&fail), nil, &pawl.StartOptions{Base: &pawl.Base{Run: id}}); err != nil {
			t.Fatal(err)
		}
		if err := e.Decide(t.Context(), id, pawl.Decision{Key: "send", What: pawl.DecideApprove, Who: "berta", Trace: aTrace}); err != nil {
			t.Fatal(err)
		}
		if status := rest(); status != pawl.StatusDone {
			t.Errorf("the run is %s", status)
		}
		var got []string
		for _, s := range w.all() {
			if s != "committed" {
				got = append(got, s)
			}
		}
		want := []string{
			`activated post first=true open=0 trace="` + aTrace + `"`,
			"began say 1 repairs=false test/one", "ended say 1 rejected gate",
			"began say 2 repairs=true test/one", "ended say 2 accepted", "step say ask executed",
			"opened keep 1", "began keep[0]/one 1 repairs=false", "ended keep[0]/one 1 failed step",
			"blocked keep[0]/one failure", "rested failed step",
			`activated post first=false open=1 trace=""`,
			`lifted keep[0]/one failure retry by "anna" after 1m0s trace=""`,
			"began keep[0]/one 2 repairs=false", "ended keep[0]/one 2 accepted", "step keep[0]/one do executed", "closed keep",
			"blocked send approval", "rested waiting",
			`activated post first=false open=0 trace=""`,
			`lifted send approval approve by "berta" after 0s trace="` + aTrace + `"`, "step send approve executed", "rested done",
		}
		for i := range got {
			got[i] = strings.TrimSpace(got[i])
		}
		if !slices.Equal(got, want) {
			t.Errorf("told\n%s", strings.Join(got, "\n"))
		}
	})
}

// Every blocker that is opened is told to be lifted, by whatever that is: an event that does
// not come in time, and a failure that takes the place of one; and it has one kind in both.
func TestObserverOfBlockers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j, w := checktest.Memory(t), &watcher{}
		open := func(f pawl.Flow) *local.Engine {
			return local.New(&local.Options{Journal: j, Models: talks(), Model: "test/one", Flows: []pawl.Flow{f}, Observe: w})
		}
		before := pawl.New("f", "F.", func(r *pawl.Run, in topic) (string, error) {
			_, _ = pawl.TryAwait[string](r, "try", pawl.For(time.Minute))
			pawl.Await[string](r, "paid", pawl.For(time.Hour))
			return "", nil
		})
		e := open(before)
		id, err := e.Start(t.Context(), before, []byte(`{}`), nil)
		if err != nil {
			t.Fatal(err)
		}
		for range 3 { // until each of the two is over
			time.Sleep(time.Hour)
			if _, err := e.Wait(t.Context(), id); err != nil {
				t.Fatal(err)
			}
		}
		_ = e.Close(t.Context())
		after := pawl.New("f", "F.", func(r *pawl.Run, in topic) (string, error) {
			return pawl.Do(r, "try", "", func(context.Context, string) (string, error) { return "", nil }), nil
		})
		e = open(after)
		if err := e.Direct(t.Context(), id, pawl.Directive{What: pawl.DirectResume, Who: "anna"}); err != nil {
			t.Fatal(err)
		}
		if _, err := e.Wait(t.Context(), id); err != nil {
			t.Fatal(err)
		}
		if err := e.Direct(t.Context(), id, pawl.Directive{What: pawl.DirectCancel, Who: "anna"}); err != nil {
			t.Fatal(err)
		}
		if _, err := e.Wait(t.Context(), id); err != nil {
			t.Fatal(err)
		}
		_ = e.Close(t.Context())
		var got []string
		for _, s := range w.all() {
			if strings.HasPrefix(s, "blocked") || strings.HasPrefix(s, "lifted") {
				got = append(got, s)
			}
		}
		want := []string{
			"blocked try event", `lifted try event  by "" after 1m0s trace="" expired`,
			"blocked paid event", `lifted paid event  by "" after 1h0m0s trace="" expired`, "blocked paid failure",
			`lifted paid failure retry by "anna" after 1h59m0s trace=""`,
			"blocked  mismatch", `lifted  mismatch  by "" after 0s trace=""`,
		}
		if !slices.Equal(got, want) {
			t.Errorf("told\n%s", strings.Join(got, "\n"))
		}
	})
}

// A run goes on whatever its observer does, and the engine closes.
func TestObserverThatHarms(t *testing.T) {
	for name, do := range map[string]func(chan struct{}){
		"panics": func(chan struct{}) { panic("observer") },
		"blocks": func(end chan struct{}) { <-end },
	} {
		synctest.Test(t, func(t *testing.T) {
			end, fail, logged := make(chan struct{}), false, &strings.Builder{}
			w := &watcher{do: func(observe.Event) { do(end) }}
			e := local.New(&local.Options{Journal: checktest.Memory(t), Models: talks(), Model: "test/one", Observe: carrying{w, t.Context()}, Logger: slog.New(slog.NewTextHandler(logged, nil))})
			begin := time.Now()
			id, err := e.Start(t.Context(), letter(&fail), []byte(`{}`), nil)
			if err != nil {
				t.Fatal(err)
			}
			if rec, err := e.Wait(t.Context(), id); err != nil || rec.Status != pawl.StatusWaiting {
				t.Errorf("%s: the run is %s: %v", name, rec.Status, err)
			}
			if took := time.Since(begin); took > time.Second { // one attempt waits for its context
				t.Errorf("%s: the run took %s", name, took)
			}
			begin = time.Now()
			if err := e.Close(t.Context()); err != nil || time.Since(begin) > time.Second {
				t.Errorf("%s: closed after %s: %v", name, time.Since(begin), err)
			}
			close(end)
			w.all()
			if n := strings.Count(logged.String(), "observer panicked"); (n == 1) != (name == "panics") {
				t.Errorf("%s: logged %d times: %s", name, n, logged)
			}
		})
	}
}

// carrying is a watcher that gives attempts a context.
type carrying struct {
	*watcher
	ctx context.Context
}

type carried struct{}

func (c carrying) Carry(ctx context.Context, run pawl.RunID, key pawl.Key, attempt int) context.Context {
	return context.WithValue(ctx, carried{}, fmt.Sprintf("%s %d", key, attempt))
}

// Attempts have the context that an observer gives them.
func TestCarry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var got []string
		model := llm.Func(func(ctx context.Context, _ llm.Request, _ func(llm.Delta)) (llm.Response, error) {
			got = append(got, fmt.Sprint(ctx.Value(carried{})))
			return llm.Response{Text: "x"}, nil
		})
		f := pawl.New("f", "F.", func(r *pawl.Run, in topic) (string, error) {
			said := pawl.Ask(r, "say", pawl.Messages[string]("Saying it", llm.User("Say it.")))
			return pawl.Do(r, "keep", said, func(ctx context.Context, s string) (string, error) {
				got = append(got, fmt.Sprint(ctx.Value(carried{})))
				return s, ctx.Err()
			}), nil
		})
		e := local.New(&local.Options{Journal: checktest.Memory(t), Models: llm.Catalog{"test": model}, Model: "test/one", Observe: carrying{&watcher{}, t.Context()}})
		if rec := finish(t, e, f); rec.Status != pawl.StatusDone || !slices.Equal(got, []string{"say 1", "keep 1"}) {
			t.Errorf("the run is %s, attempts have %q", rec.Status, got)
		}
	})
}

// What an observer is too slow for it is told the number of.
func TestMissedEvents(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		end, missed := make(chan struct{}), 0
		w := &watcher{do: func(e observe.Event) {
			<-end
			if m, ok := e.(observe.Missed); ok {
				missed += m.Events
			}
		}}
		e := local.New(&local.Options{Journal: checktest.Memory(t), Observe: w, Models: talks(), Model: "test/one"})
		f := pawl.New("f", "F.", func(r *pawl.Run, in topic) (string, error) {
			for i := range 3000 { // of four events each, at least
				pawl.Do(r, "one", i, func(_ context.Context, i int) (int, error) { return i, nil }, pawl.Repeatable)
			}
			return "", nil
		})
		finish(t, e, f)
		close(end)
		kept := len(w.all())
		finish(t, e, pawl.New("g", "G.", func(r *pawl.Run, in topic) (string, error) { return "", nil }))
		w.all()
		if missed == 0 || kept > 8200 || missed+kept < 12_000 {
			t.Errorf("told %d, missed %d", kept, missed)
		}
	})
}

// Another process that takes a run is said, and a trace that is none is refused by name.
func TestObserverOfALostRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j, w := checktest.Memory(t), &watcher{}
		lost := false
		w.do = func(e observe.Event) {
			if r, ok := e.(observe.Rested); ok {
				lost = r.Lost && r.Class == pawl.ErrConflict
			}
		}
		e := local.New(&local.Options{Journal: j, Models: talks(), Model: "test/one", Observe: w})
		f := pawl.New("f", "F.", func(r *pawl.Run, in topic) (string, error) {
			return pawl.Do(r, "take", "", func(ctx context.Context, _ string) (string, error) {
				_, err := j.Claim(ctx, "000000000001", true)
				return "", err
			}), nil
		})
		for _, bad := range []string{"x", "00-00000000000000000000000000000000-2222222222222222-01", "00-11111111111111111111111111111111-0000000000000000-01", strings.ToUpper(aTrace) + "A", aTrace + "\n"} {
			_, err := e.Start(t.Context(), f, []byte(`{}`), &pawl.StartOptions{Trace: bad})
			if pawl.AsError(err, "").Kind != pawl.ErrInput || !strings.HasPrefix(err.Error(), "trace ") {
				t.Errorf("%q: %v", bad, err)
			}
		}
		if _, err := e.Start(t.Context(), f, []byte(`{}`), &pawl.StartOptions{ID: "000000000001"}); err != nil {
			t.Fatal(err)
		}
		if all := w.all(); !lost {
			t.Errorf("told %q", all)
		}
		_ = e.Close(t.Context())
	})
}
