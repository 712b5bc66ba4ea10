package local_test

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/checktest"
	"github.com/pawlrun/pawl/internal/replay"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/journal/sqlite"
)

var crashPoints = flag.Int("crashes", 0, "how many processes to kill under random programs (0: 60, with -short 12)")

// TestKilledPrograms executes random programs on SQLite in processes that are
// killed at named stops of the commit path, or at any time, or whose disk fails.
// They come to the same keys, results and calls as undisturbed on the journal in
// memory.
func TestKilledPrograms(t *testing.T) {
	want := int64(*crashPoints)
	switch {
	case want == 0 && testing.Short():
		want = 12
	case want == 0:
		want = 60
	}
	var seeds, killed, failed, tried atomic.Int64
	var mu sync.Mutex
	hits := map[string]int{}
	seeds.Store(int64(*firstSeed) - 1)
	last := int64(1 << 62)
	if *programs > 0 {
		last = int64(*firstSeed) + int64(*programs) - 1
	}
	t.Run("all", func(t *testing.T) {
		for i := range runtime.GOMAXPROCS(0) + 1 {
			t.Run(fmt.Sprint(i), func(t *testing.T) {
				t.Parallel()
				for !t.Failed() && killed.Load() < want {
					seed := seeds.Add(1)
					if seed > last {
						break
					}
					tried.Add(1)
					t.Run(fmt.Sprint(seed), func(t *testing.T) {
						at := tryKilled(t, uint64(seed))
						mu.Lock()
						defer mu.Unlock()
						for _, name := range at {
							hits[name]++
							if _, disk := faults[name]; disk {
								failed.Add(1)
							} else {
								killed.Add(1)
							}
						}
						if t.Failed() {
							t.Logf("try it again with -run TestKilledPrograms -programs 1 -seed %d", seed)
						}
					})
				}
			})
		}
	})
	t.Logf("%v", hits)
	if !t.Failed() {
		fmt.Printf("%d crash points and %d failing disks under %d random programs, nothing lost, doubled or out of order\n", killed.Load(), failed.Load(), tried.Load())
	}
}

// victim is a program with its data directory.
type victim struct {
	orders
	t       *testing.T
	want    pawl.RunRecord
	settled map[pawl.Key]int // calls of steps that were finished at the last look
}

// tryKilled returns the points at which children died and the faults that they met.
func tryKilled(t *testing.T, seed uint64) (at []string) {
	r := rand.New(rand.NewPCG(seed, 1))
	dir := t.TempDir()
	v := &victim{t: t, orders: orders{Dir: filepath.Join(dir, "data"), Calls: filepath.Join(dir, "calls"), Seed: seed, Evict: seed%2 == 0}}
	synctest.Test(t, func(t *testing.T) {
		w := v.world()
		_, x := w.execute(t, journal.NewMemory(), "", v.program())
		v.want = x.rec
	})
	if v.want.Status != pawl.StatusDone {
		t.Fatalf("undisturbed run is %s: %+v", v.want.Status, v.want.Error)
	}
	for range 1 + r.IntN(4) {
		switch code, says := v.spawn(v.aim(r)); {
		case code < 0:
			at = append(at, v.Point)
		case code == runStopped && faults[v.Point].says != "":
			at = append(at, v.Point)
			if !strings.Contains(says, faults[v.Point].says) {
				t.Errorf("the run stopped because of %q, wants %q", says, faults[v.Point].says)
			}
		case code != runEnded:
			t.Fatalf("the child ended with %d at %q %d: %s", code, v.Point, v.N, says)
		}
		if v.look(); t.Failed() {
			t.Logf("after %q %d", v.Point, v.N)
			return at
		}
	}
	for range 4 { // three crashes in a row in one call ask a person
		v.Point = ""
		if code, says := v.spawn(v.orders); code != runEnded {
			t.Fatalf("the last child ended with %d: %s", code, says)
		}
		if rec := v.look(); rec.Status == pawl.StatusDone {
			v.compare(rec, len(at))
			return at
		} else if rec.Status != pawl.StatusWaiting {
			t.Fatalf("run is %s: %+v", rec.Status, rec.Error)
		}
	}
	t.Error("the run does not end")
	return at
}

// aim chooses where the next child dies.
func (v *victim) aim(r *rand.Rand) orders {
	per := 0
	if r.IntN(5) == 0 {
		names := []string{"full", "read-only", "unwritable", "unsynced"}
		v.Point = names[r.IntN(len(names))]
		per = faults[v.Point].per
	} else {
		p := points[r.IntN(len(points))]
		v.Point, per = p.name, p.per
	}
	events := int(v.want.LastSeq)
	v.N = 1 + r.IntN(3+events*per/100)
	if v.Point == "any time" {
		v.N = r.IntN(60_000 + events*1000)
	}
	return v.orders
}

// hangs is how long a child takes that hangs.
const hangs = 5 * time.Minute

// spawn executes a child and returns its exit code, negative if it was killed,
// and what it said.
func (v *victim) spawn(o orders) (code int, says string) {
	v.t.Helper()
	text, err := json.Marshal(o)
	if err != nil {
		v.t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(v.t.Context(), hangs)
	defer cancel()
	cmd := exec.CommandContext(ctx, os.Args[0])
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGQUIT) } // it tells where it hangs
	cmd.WaitDelay = time.Second
	// Under the race detector a process that ends well would sleep for 1 s.
	cmd.Env = append(os.Environ(), childEnv+"="+string(text), "GORACE=atexit_sleep_ms=0")
	out, err := cmd.CombinedOutput()
	if cmd.ProcessState == nil {
		v.t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode(), string(bytes.TrimSpace(out))
}

// look checks what the last child left: the journal is whole, and no step that
// was finished before has been called again.
func (v *victim) look() (rec pawl.RunRecord) {
	v.t.Helper()
	db, err := sqlite.Open(v.t.Context(), v.Dir, nil)
	if err != nil {
		v.t.Fatal(err)
	}
	defer db.Close()
	checktest.Check(v.t, db)
	calls := v.calls()
	rows, err := db.Runs(v.t.Context(), pawl.RunFilter{})
	if err != nil {
		v.t.Fatal(err)
	}
	if len(rows) == 0 {
		if len(calls) > 0 {
			v.t.Errorf("there is no run, and %v were called", calls)
		}
		return rec
	}
	if rows[0].Held {
		v.t.Errorf("the run is held by %s", rows[0].Holder)
	}
	events, err := db.Read(v.t.Context(), v.run(), 0, 0)
	if err != nil {
		v.t.Fatal(err)
	}
	st, err := replay.Fold(events)
	if err != nil {
		v.t.Fatal(err)
	}
	for key, n := range v.settled {
		if s := st.Steps[key]; s == nil || s.Result == nil {
			v.t.Errorf("the result of step %s is lost", key)
		}
		if calls[key] != n {
			v.t.Errorf("step %s was finished and has been called again", key)
		}
	}
	v.settled = map[pawl.Key]int{}
	for key, s := range st.Steps {
		if s.Result != nil {
			v.settled[key] = calls[key]
		}
	}
	return st.Record()
}

// calls counts the lines that children wrote.
func (v *victim) calls() map[pawl.Key]int {
	v.t.Helper()
	n := map[pawl.Key]int{}
	text, err := os.ReadFile(v.Calls)
	if err != nil && !os.IsNotExist(err) {
		v.t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		n[pawl.Key(strings.TrimSpace(line))]++
	}
	return n
}

// compare checks the end against that of the undisturbed run: the same steps and
// results, as many attempts, and calls only for them and for those whose outcome
// a crash hid.
func (v *victim) compare(rec pawl.RunRecord, crashes int) {
	v.t.Helper()
	if d := cmp.Diff(outputs(v.want), outputs(rec)); d != "" {
		v.t.Errorf("other steps or results than undisturbed (-undisturbed +killed):\n%s", d)
	}
	if !bytes.Equal(rec.Output, v.want.Output) {
		v.t.Errorf("output %s, wants %s", rec.Output, v.want.Output)
	}
	want := map[pawl.Key]int{}
	for _, s := range v.want.Steps {
		want[s.Key] = len(s.Attempts)
	}
	calls := v.calls()
	for _, s := range rec.Steps {
		unknown := 0
		for _, at := range s.Attempts {
			if at.Outcome == pawl.OutcomeUnknown {
				unknown++
			}
		}
		known := len(s.Attempts) - unknown
		if strings.HasPrefix(s.Key.Name(), "fail") && unknown > 0 { // the attempt that fails may be one of these
			want[s.Key] = known
		}
		if known != want[s.Key] {
			v.t.Errorf("step %s has %d attempts, wants %d", s.Key, known, want[s.Key])
		}
		most := known + unknown
		if strings.HasPrefix(s.Key.Name(), "rep") { // it is not announced
			most += crashes
		}
		if s.Kind == pawl.KindAsk || s.Kind == pawl.KindDo {
			if n := calls[s.Key]; n < known || n > most {
				v.t.Errorf("step %s was called %d times, wants %d to %d", s.Key, n, known, most)
			}
		}
		delete(calls, s.Key)
	}
	if len(calls) > 0 {
		v.t.Errorf("calls of no step: %v", calls)
	}
}
