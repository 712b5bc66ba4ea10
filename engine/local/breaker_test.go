package local_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/local"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/llm"
)

// refusing is a model whose account is refused until it is mended, and by name.
type refusing struct {
	mu    sync.Mutex
	calls map[string]int
	bad   map[string]bool

	latency time.Duration
}

func (m *refusing) Generate(_ context.Context, req llm.Request, _ func(llm.Delta)) (llm.Response, error) {
	time.Sleep(m.latency) // of the bubble
	m.mu.Lock()
	defer m.mu.Unlock()
	m.calls[req.Model]++
	if m.bad[req.Model] {
		return llm.Response{}, &llm.Error{Kind: llm.Quota, Message: "no money left", Hint: "pay"}
	}
	return llm.Response{Text: "yes"}, nil
}

func (m *refusing) count(model string) int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.calls[model]
}

func (m *refusing) mend(model string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.bad[model] = false
}

// asks is a flow of one step.
var asks = pawl.New("asks", "Asks.", func(r *pawl.Run, in topic) (string, error) {
	return pawl.Ask(r, "a", text("A")), nil
})

// queueOf makes so many runs of each model, in turn.
func queueOf(t *testing.T, e pawl.Engine, n int, models ...string) {
	t.Helper()
	for range n {
		for _, model := range models {
			if _, err := e.Start(t.Context(), asks, []byte(`{}`), &pawl.StartOptions{Queue: true, Model: model}); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// standings counts the runs by how they stand.
func standings(t *testing.T, e pawl.Engine) map[pawl.Status]int {
	t.Helper()
	list, err := e.List(t.Context(), pawl.RunFilter{})
	if err != nil {
		t.Fatal(err)
	}
	n := map[pawl.Status]int{}
	for _, r := range list {
		n[r.Status]++
	}
	return n
}

// A provider that refuses the account costs one run a minute and not the queue;
// runs of other models go on, also behind those that are held back.
func TestWorkHoldsRefusedModel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &refusing{calls: map[string]int{}, bad: map[string]bool{"poor": true}}
		j := journal.NewMemory()
		var log lockedBuffer
		e := local.New(&local.Options{Journal: j, Models: llm.Catalog{"test": m}, Flows: []pawl.Flow{asks},
			Logger: slog.New(slog.NewTextHandler(&log, nil))})
		queueOf(t, e, 20, "test/poor", "test/rich")
		stop := working(t, e, &local.WorkOptions{Limit: 1})
		time.Sleep(30 * time.Second)
		if n := standings(t, e); n[pawl.StatusDone] != 20 || n[pawl.StatusFailed] != 1 || m.count("poor") != 1 {
			t.Fatalf("after half a minute %v, %d calls of the refused model", n, m.count("poor"))
		}
		time.Sleep(time.Minute)
		if m.count("poor") != 2 || strings.Count(log.String(), "level=WARN") != 2 {
			t.Fatalf("%d calls after a minute and a half:\n%s", m.count("poor"), log.String())
		}
		m.mend("poor")
		time.Sleep(time.Minute)
		if n := standings(t, e); n[pawl.StatusDone] != 20+18 || n[pawl.StatusFailed] != 2 {
			t.Errorf("once mended %v", n)
		}
		stop()
		if s := log.String(); !strings.Contains(s, "no run with test/poor") || !strings.Contains(s, "no money left; pay") {
			t.Errorf("logged:\n%s", s)
		}
	})
}

// Runs under way when the account is refused all fail, and that is said once; of
// those that wait one alone tries.
func TestWorkTriesWithOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &refusing{calls: map[string]int{}, bad: map[string]bool{"poor": true}, latency: time.Second}
		var log lockedBuffer
		e := local.New(&local.Options{Journal: journal.NewMemory(), Models: llm.Catalog{"test": m}, Flows: []pawl.Flow{asks},
			Logger: slog.New(slog.NewTextHandler(&log, nil))})
		queueOf(t, e, 12, "test/poor")
		stop := working(t, e, &local.WorkOptions{Limit: 4})
		time.Sleep(30 * time.Second)
		if m.count("poor") != 4 || strings.Count(log.String(), "level=WARN") != 1 {
			t.Fatalf("%d calls:\n%s", m.count("poor"), log.String())
		}
		time.Sleep(time.Minute)
		if m.count("poor") != 5 {
			t.Fatalf("%d calls after a minute, wants one more", m.count("poor"))
		}
		stop()
	})
}

// A worker that is to drain the queue does not wait for the account to be mended:
// what is held back stays queued, and the error says why.
func TestWorkDrainsAroundRefusedModel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &refusing{calls: map[string]int{}, bad: map[string]bool{"poor": true}}
		e := newEngine(journal.NewMemory(), m, asks)
		queueOf(t, e, 3, "test/poor", "test/rich")
		began := time.Now()
		err := e.Work(t.Context(), &local.WorkOptions{Limit: 1, Drain: true})
		var is *pawl.Error
		if !errors.As(err, &is) || is.Kind != pawl.ErrorKind(llm.Quota) || !strings.Contains(is.Message, "runs with test/poor are left in the queue: ") || is.Hint != "pay" {
			t.Errorf("error %+v", err)
		}
		if n := standings(t, e); n[pawl.StatusDone] != 3 || n[pawl.StatusFailed] != 1 || n[pawl.StatusQueued] != 2 || time.Since(began) > 10*time.Second {
			t.Errorf("%v after %s", n, time.Since(began))
		}
		m.mend("poor")
		if err := e.Work(t.Context(), &local.WorkOptions{Drain: true}); err != nil {
			t.Error(err)
		}
	})
}

// lockedBuffer may be written to and read from any goroutine.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// A refusal is its provider's: runs of another model, of which a step asks the refused
// one, are no reason to leave others of that model in the queue.
func TestWorkHoldsNothingForAnotherProvider(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &refusing{calls: map[string]int{}, bad: map[string]bool{"x": true}}
		mixed := pawl.New("mixed", "Asks two providers.", func(r *pawl.Run, in topic) (string, error) {
			return pawl.Ask(r, "a", text("A")) + pawl.Ask(r, "b", text("B").Model("poor/x")), nil
		})
		var log lockedBuffer
		e := local.New(&local.Options{Journal: journal.NewMemory(), Models: llm.Catalog{"test": m, "poor": m}, Model: "test/rich", Flows: []pawl.Flow{asks, mixed},
			Logger: slog.New(slog.NewTextHandler(&log, nil))})
		if _, err := e.Start(t.Context(), mixed, []byte(`{}`), &pawl.StartOptions{Queue: true}); err != nil {
			t.Fatal(err)
		}
		queueOf(t, e, 5, "test/rich")
		stop := working(t, e, &local.WorkOptions{Limit: 1})
		time.Sleep(30 * time.Second)
		if n := standings(t, e); n[pawl.StatusDone] != 5 || n[pawl.StatusFailed] != 1 || strings.Contains(log.String(), "level=WARN") {
			t.Errorf("%v, logged:\n%s", n, log.String())
		}
		stop()
	})
}
