package local_test

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/internal/enginetest"
	"github.com/pawlrun/pawl/engine/local"
	"github.com/pawlrun/pawl/internal/checktest"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/llm"
)

var (
	programs  = flag.Int("programs", 0, "how many random programs to try (0: 500, with -short 100)")
	firstSeed = flag.Uint64("seed", 1, "the seed of the first random program")
)

var errCrash = errors.New("crash")

// crashing is a journal whose process dies at an Append: before the commit, or
// after it but before anyone learns of it.
type crashing struct {
	journal.Journal
	mu    sync.Mutex
	left  int  // appends until the crash; negative: at the one that ends the run
	after bool // the commit happens
	dead  bool
}

func (c *crashing) Append(ctx context.Context, cl *journal.Claim, b journal.Batch) ([]pawl.Event, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	last := false
	for _, d := range b.Drafts {
		_, last = d.Body.(journal.Done)
	}
	c.left--
	if c.dead || c.left == 0 || c.left < 0 && last {
		if c.after && !c.dead {
			c.Journal.Append(ctx, cl, b)
		}
		c.dead = true
		return nil, errCrash
	}
	return c.Journal.Append(ctx, cl, b)
}

// execution is what came of executing a run until it rests or its process dies.
type execution struct {
	rec  pawl.RunRecord
	seen []string
}

// execute starts a run, or goes on with one, on a journal that may crash.
func (w *world) execute(t *testing.T, j journal.Journal, id pawl.RunID, p program) (pawl.RunID, execution) {
	t.Helper()
	f := w.flow(p)
	e := local.New(&local.Options{Journal: j, Models: llm.Catalog{"test": w}, Model: "test/one", Flows: []pawl.Flow{f}, Evict: w.evict})
	w.saw, w.seen = nil, nil
	var err error
	if id == "" {
		var o *pawl.StartOptions
		if w.base != nil {
			o = &pawl.StartOptions{Base: w.base}
		}
		id, err = e.Start(t.Context(), f, json.RawMessage(`{}`), o)
	} else {
		err = e.Direct(t.Context(), id, pawl.Directive{What: pawl.DirectResume, Who: "test", Take: true})
	}
	if err == nil {
		err = w.followAnswered(t, e, j, id)
	}
	if err != nil && !errors.Is(err, errCrash) {
		t.Fatal(err)
	}
	e.Close(t.Context())
	for _, before := range w.saw {
		if n := min(len(before), len(w.seen)); !slices.Equal(before[:n], w.seen[:n]) {
			t.Errorf("flow code saw\n%s\nafter it had seen\n%s", strings.Join(w.seen, "\n"), strings.Join(before, "\n"))
		}
	}
	if len(w.wrong) > 0 {
		t.Errorf("results of other questions: %s", strings.Join(w.wrong, "; "))
	}
	rec, err := e.Get(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return id, execution{rec: rec, seen: slices.Clone(w.seen)}
}

// followAnswered follows a run to its rest, while people answer what it asks.
func (w *world) followAnswered(t *testing.T, e *local.Engine, j journal.Journal, id pawl.RunID) error {
	t.Helper()
	beside := j
	if c, ok := j.(*crashing); ok {
		beside = c.Journal
	}
	w.executions++
	people := w.decides(t.Context(), e, beside, id, uint64(hash(fmt.Sprint(w.seed, w.executions))))
	defer func() {
		if err := people.end(); err != nil {
			t.Error(err)
		}
	}()
	var seq pawl.Seq
	var since time.Time // it stands there
	for begin := time.Now(); ; time.Sleep(50 * time.Millisecond) {
		for _, err := range e.Events(t.Context(), id, 0) {
			if err != nil {
				return err
			}
		}
		rec, err := e.Get(t.Context(), id)
		if err != nil {
			return err
		}
		decidedOnce(t, rec)
		if rec.Status.AtRest() {
			enginetest.CheckRest(t, rec)
		}
		if rec.Status == pawl.StatusQueued && strings.Contains(rec.Reason, "by anna") { // recorded only: somebody is to go on
			err := e.Direct(t.Context(), id, pawl.Directive{What: pawl.DirectResume, Who: "me"})
			if err != nil && !errors.Is(err, pawl.ErrConflict) {
				return err
			}
			continue
		}
		if seq != rec.LastSeq {
			seq, since = rec.LastSeq, time.Now()
		}
		if rec.Status.AtRest() && time.Since(since) > 30*time.Second {
			return nil // what is asked, other code asked
		}
		if isMismatched(rec) {
			if err := w.sayWhatCounts(t.Context(), e, rec); err != nil && !errors.Is(err, pawl.ErrConflict) {
				return err
			}
			continue
		}
		if rec.Status.AtRest() && !asksSomebody(rec) {
			return nil
		}
		if time.Since(begin) > time.Hour {
			t.Fatalf("run is %s (%s) for an hour: %+v", rec.Status, rec.Reason, rec.Blockers)
		}
	}
}

func outputs(rec pawl.RunRecord) map[string]string {
	m := map[string]string{}
	for _, s := range rec.Steps {
		out := s.Output
		if s.Kind == pawl.KindApprove { // apart from when
			var v pawl.Approval[json.RawMessage]
			if json.Unmarshal(out, &v) == nil {
				v.At = pawl.Time{}
				out, _ = json.Marshal(v)
			}
		}
		m[string(s.Key)] = fmt.Sprintf("%s %s %s", s.Kind, s.Status, out)
	}
	return m
}

// TestRandomPrograms holds the replay rule: random programs that crash at a
// random commit and go on come to the same end and repeat nothing; edited
// programs go on without a hang, and their own replay is exact.
func TestRandomPrograms(t *testing.T) {
	n := *programs
	switch {
	case n == 0 && testing.Short():
		n = 100
	case n == 0:
		n = 500
	}
	const batch = 50
	for i := 0; i < n; i += batch {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			for seed := *firstSeed + uint64(i); seed < *firstSeed+uint64(min(i+batch, n)) && !t.Failed(); seed++ {
				synctest.Test(t, func(t *testing.T) { tryProgram(t, seed) })
				if t.Failed() {
					t.Logf("try it again with -run TestRandomPrograms -programs 1 -seed %d", seed)
				}
			}
		})
	}
}

func tryProgram(t *testing.T, seed uint64) {
	r := rand.New(rand.NewPCG(seed, 0))
	p := randomProgram(r, 3)

	whole := newWorld(seed)
	_, want := whole.execute(t, checktest.Memory(t), "", p)
	if want.rec.Status != pawl.StatusDone {
		t.Fatalf("undisturbed run is %s: %+v", want.rec.Status, want.rec.Error)
	}

	// The same program goes on after one to three crashes, and in every second
	// one gives up its memory at every wait.
	w := newWorld(seed + 1)
	w.evict = time.Duration(-int(seed % 2))
	mem := checktest.Memory(t)
	id, crashed := w.execute(t, &crashing{Journal: mem, left: 1 + r.IntN(12), after: r.IntN(2) == 0}, "", p)
	for range r.IntN(3) {
		checkSeen(t, "crashed", crashed.seen, &crashed, w, mem, id, p, &crashing{Journal: mem, left: 1 + r.IntN(6), after: r.IntN(2) == 0})
	}
	checkSeen(t, "resumed", crashed.seen, &crashed, w, mem, id, p, &crashing{Journal: mem, left: -1})
	if crashed.rec.Status == pawl.StatusWaiting { // three crashes in a row hit one call
		checkSeen(t, "retried", crashed.seen, &crashed, w, mem, id, p, &crashing{Journal: mem, left: -1})
	}
	before := maps.Clone(w.calls)
	again := crashed
	checkSeen(t, "replayed", crashed.seen, &again, w, mem, id, p, mem)
	if d := cmp.Diff(crashed.seen, again.seen); d != "" && crashed.rec.Status != pawl.StatusDone {
		t.Errorf("replay saw something else (-first +replay):\n%s", d)
	}
	if d := cmp.Diff(before, w.calls); d != "" {
		t.Errorf("replay called again:\n%s", d)
	}
	if d := cmp.Diff(outputs(want.rec), outputs(again.rec)); d != "" {
		t.Errorf("other steps or results than undisturbed:\n%s", d)
	}
	if again.rec.Status != pawl.StatusDone {
		t.Fatalf("run is %s: %+v", again.rec.Status, again.rec.Error)
	}
	w.checkReplay(t, mem, id, p, again.seen)

	tryBased(t, r, p, w, mem, id)
	tryEdited(t, r, p)
}

// checkSeen goes on with a run and checks that what flow code had seen is what
// it sees again, before anything else, and that no finished step is repeated.
func checkSeen(t *testing.T, what string, seen []string, x *execution, w *world, mem *journal.Memory, id pawl.RunID, p program, j journal.Journal) {
	t.Helper()
	if x.rec.Status == pawl.StatusDone {
		return
	}
	before := maps.Clone(w.calls)
	finished := outputs(x.rec)
	_, *x = w.execute(t, j, id, p)
	if len(x.seen) < len(seen) || !slices.Equal(x.seen[:len(seen)], seen) {
		if c, ok := j.(*crashing); !ok || !c.dead { // a crash may come before all was replayed
			t.Errorf("%s: flow code saw\n%s\nafter it had seen\n%s", what, strings.Join(x.seen, "\n"), strings.Join(seen, "\n"))
		}
	}
	for key, v := range finished {
		if (strings.Contains(v, " done ") || strings.Contains(v, " reused ")) && w.calls[key] != before[key] {
			t.Errorf("%s: finished step %s was executed again", what, key)
		}
	}
}

// tryEdited goes on with a run under changed code, several times. No result is ever
// seen by another question, unless a person lets it; what the same code has seen, it
// sees again.
func tryEdited(t *testing.T, r *rand.Rand, p program) {
	w := newWorld(r.Uint64())
	mem := checktest.Memory(t)
	id, last := w.execute(t, &crashing{Journal: mem, left: 1 + r.IntN(15), after: true}, "", p)
	for range 1 + r.IntN(3) {
		p = p.edit(r)
		if last = w.executeEdited(t, mem, id, p, last, &crashing{Journal: mem, left: 1 + r.IntN(15), after: r.IntN(2) == 0}); stands(last.rec) {
			return
		}
	}
	edited := w.executeEdited(t, mem, id, p, last, &crashing{Journal: mem, left: -1})
	if stands(edited.rec) {
		return
	}
	_, again := w.execute(t, mem, id, p)
	if again.rec.Status != pawl.StatusDone && !stands(again.rec) {
		t.Errorf("edited run is %s: %+v", again.rec.Status, again.rec.Error)
	}
	if n := len(edited.seen); n > len(again.seen) || !slices.Equal(edited.seen, again.seen[:n]) {
		t.Errorf("replay of the edited run saw something else (-first +replay):\n%s", cmp.Diff(edited.seen, again.seen))
	}
	if again.rec.Status == pawl.StatusDone {
		w.checkReplay(t, mem, id, p, nil)
	}
}

// executeEdited goes on with a run under other code than that of its last execution.
func (w *world) executeEdited(t *testing.T, mem *journal.Memory, id pawl.RunID, p program, last execution, j *crashing) execution {
	t.Helper()
	if stands(last.rec) {
		return last
	}
	before := maps.Clone(w.calls)
	_, x := w.execute(t, j, id, p)
	for key, v := range outputs(last.rec) {
		if strings.Contains(v, " done ") && w.calls[key] != before[key] && !w.again[key] {
			t.Errorf("edited: finished step %s was executed again", key)
		}
	}
	notYet := j.dead && x.rec.Error != nil && x.rec.Error.Kind == pawl.ErrorKind(llm.Invalid) // has a person had it tried again
	if x.rec.Status == pawl.StatusFailed && x.rec.Error.Kind != pawl.ErrMismatch && !notYet {
		t.Errorf("edited run failed: %+v", x.rec.Error)
	}
	return x
}

// stands reports whether a run does not go on: it has ended, or a step is of another
// kind than the one that is recorded.
func stands(rec pawl.RunRecord) bool {
	return rec.Status == pawl.StatusDone || rec.Status == pawl.StatusFailed && rec.Error.Kind == pawl.ErrMismatch
}

// checkReplay executes a program against the history of its run alone, which calls nothing
// and does nothing otherwise; nor does a run that stopped anywhere in between.
func (w *world) checkReplay(t *testing.T, mem *journal.Memory, id pawl.RunID, p program, seen []string) {
	t.Helper()
	events, err := mem.Read(t.Context(), id, 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	before := maps.Clone(w.calls)
	w.seen = nil
	misses, err := local.Replay(t.Context(), w.flow(p), events, mem)
	if err != nil || len(misses) > 0 {
		t.Errorf("against its history alone: %+v, %v", misses, err)
	}
	if seen != nil && !slices.Equal(w.seen, seen) {
		t.Errorf("against its history alone flow code saw (-before +now):\n%s", cmp.Diff(seen, w.seen))
	}
	if d := cmp.Diff(before, w.calls); d != "" {
		t.Errorf("against its history alone it called:\n%s", d)
	}
}
