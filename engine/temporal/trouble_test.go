package temporal

import (
	"context"
	"io"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/internal/enginetest"
	"github.com/pawlrun/pawl/internal/temporaltest"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/llm"
)

// told is where a logger writes; what it was told is read line by line.
func told(t *testing.T) (*slog.Logger, func(want string)) {
	lines := make(chan string, 100)
	r, w := io.Pipe()
	t.Cleanup(func() { w.Close() })
	go func() {
		all := make([]byte, 1<<16)
		for {
			n, err := r.Read(all) // a handler writes a line at once
			if err != nil {
				return
			}
			lines <- string(all[:n])
		}
	}()
	return slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{Level: slog.LevelWarn})), func(want string) {
		t.Helper()
		for {
			select {
			case line := <-lines:
				if strings.Contains(line, want) {
					return
				}
			case <-t.Context().Done():
				t.Fatal("nobody says ", want)
			}
		}
	}
}

// TestNobody: who steers a run, waits for one or shows one that nobody executes is told so, and for
// which worker it waits.
func TestNobody(t *testing.T) { temporaltest.Each(t, testNobody) }

func testNobody(t *testing.T, s *temporaltest.Server) {
	f := testFlow("asks", func(r *pawl.Run) (string, error) { return pawl.Input[string](r, "who", "Who?"), nil })
	o := Options{Models: llm.Catalog{"test": asker(nil)}, Flows: []pawl.Flow{f}}
	one := deployed(t, s, o)("one")
	id := enginetest.Start(t, one, f)
	if rec := enginetest.Follow(t, one, id); rec.Status != pawl.StatusWaiting || strings.Contains(rec.Reason, "nobody is there") {
		t.Fatalf("%s (%s)", rec.Status, rec.Reason)
	}
	closed(t, one)
	log, says := told(t)
	o.Logger = log
	beside := deployedOn(t, s, o, one, "two") // which executes nothing
	beside.keeper.worry = 10 * time.Millisecond
	if rec := enginetest.Status(t, beside, id); strings.Contains(rec.Reason, "nobody is there") {
		t.Errorf("a run that waits for a person: %s", rec.Reason)
	}
	waits := "waits for a worker of task queue " + one.keeper.queue + ", or of another build that has flow asks"
	ctx, cancel := context.WithCancel(t.Context())
	decided := make(chan error, 1)
	go func() {
		decided <- beside.Decide(ctx, id, pawl.Decision{Key: "who", What: pawl.DecideAnswer, Value: []byte(`"Ada"`), Who: "anna"})
	}()
	says("is not heard yet: nobody is there who executes it: it " + waits)
	cancel()
	enginetest.Refused(t, <-decided, pawl.ErrStopped, "no longer waited for")

	fresh, err := beside.Start(t.Context(), f, []byte(`{}`), &pawl.StartOptions{Queue: true})
	if err != nil {
		t.Fatal(err)
	}
	waits = strings.ReplaceAll(waits, one.keeper.queue, beside.keeper.queue)
	if rec := enginetest.Status(t, beside, fresh); rec.Status != pawl.StatusQueued || !strings.Contains(rec.Reason, waits) {
		t.Errorf("%s (%s)", rec.Status, rec.Reason)
	}
	ctx, cancel = context.WithCancel(t.Context())
	go beside.Wait(ctx, fresh)
	says("a run does not go on: nobody is there who executes it: it " + waits)
	cancel()
}

// TestTroubleIsCheap: who has read a run asks only who is there to say that nobody is; who has not
// asks once for both.
func TestTroubleIsCheap(t *testing.T) {
	s := &stub{run: "one", history: numbered(begunWith(t, beginning{Run: journal.NewRun{ID: "r", Flow: "asks"}}))}
	k := stubbed(t, s)
	log, says := told(t)
	k.settings.log = log
	want := "nobody is there who executes it: it waits for a worker of task queue test-one, or of another build that has flow asks"
	if why, err := k.trouble(t.Context(), "r"); err != nil || why != want || s.looked != 1 {
		t.Errorf("%q, %v; the workflow was looked at %d times", why, err, s.looked)
	}
	run, err := k.read(t.Context(), "r")
	if err != nil {
		t.Fatal(err)
	}
	s.looked = 0
	k.sayUnheard(t.Context(), run)
	if says(want); s.looked != 0 {
		t.Errorf("the workflow was looked at %d times more", s.looked)
	}
	s.shows("test-one", "command it", 0)
	if why, err := k.trouble(t.Context(), "r"); err != nil || why != "" {
		t.Errorf("somebody is there: %q, %v", why, err)
	}
}

// TestFailingTask: a run whose worker cannot go on with it, so that Temporal tries again and again,
// says why, to who shows it and who waits for it; and no longer when it is mended.
func TestFailingTask(t *testing.T) { temporaltest.Each(t, testFailingTask) }

func testFailingTask(t *testing.T, s *temporaltest.Server) {
	f := testFlow("missing", func(r *pawl.Run) (string, error) { return pawl.Input[string](r, "who", "Who?"), nil })
	other := testFlow("other", func(r *pawl.Run) (string, error) { return "", nil })
	o := Options{Models: llm.Catalog{"test": asker(nil)}, Flows: []pawl.Flow{other}}
	without := deployed(t, s, o)("one")
	log, says := told(t)
	o.Logger, o.Flows = log, []pawl.Flow{f}
	beside := deployedOn(t, s, o, without, "one")
	beside.keeper.worry = 10 * time.Millisecond
	id, err := beside.Start(t.Context(), f, []byte(`{}`), &pawl.StartOptions{Queue: true})
	if err != nil {
		t.Fatal(err)
	}
	waiting, done := context.WithCancel(t.Context())
	defer done()
	waited := make(chan pawl.RunRecord, 1)
	go func() {
		rec, err := beside.Wait(waiting, id)
		if err != nil {
			t.Error(err)
		}
		waited <- rec
	}()
	says("which fails, and goes on trying: ")
	rec := enginetest.Status(t, beside, id)
	if want := "which this worker does not have"; rec.Status != pawl.StatusQueued && rec.Status != pawl.StatusRunning || !strings.Contains(rec.Reason, want) {
		t.Errorf("%s (%s), want that it says %q", rec.Status, rec.Reason, want)
	}
	closed(t, without)
	if err := beside.Execute(); err != nil {
		t.Fatal(err)
	}
	if rec := <-waited; rec.Status != pawl.StatusWaiting || strings.Contains(rec.Reason, "fails") {
		t.Errorf("mended: %s (%s)", rec.Status, rec.Reason)
	}
}
