package sqlite_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/checktest"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/journal/sqlite"
)

// histories returns what can be read of each run, and whether all of it is
// sound.
func histories(t *testing.T, dir string) (all map[pawl.RunID][]pawl.Event, sound bool) {
	t.Helper()
	all = map[pawl.RunID][]pawl.Event{}
	known := func(err error) bool {
		var e *pawl.Error
		if !errors.As(err, &e) || e.Kind != pawl.ErrDatabase && e.Kind != pawl.ErrStorage {
			t.Errorf("got %v (%T), want ErrDatabase", err, err)
		}
		return false
	}
	db, err := sqlite.Open(t.Context(), dir, nil)
	if err != nil {
		return all, known(err)
	}
	defer db.Close() // it may meet the damage too
	sound = true
	if err := db.Check(t.Context()); err != nil {
		sound = known(err)
	}
	rows, err := db.Runs(t.Context(), pawl.RunFilter{})
	if err != nil {
		return all, known(err)
	}
	for _, row := range rows {
		events, err := db.Read(t.Context(), row.ID, 0, 0)
		switch {
		case err != nil:
			if !errors.Is(err, pawl.ErrNotFound) { // an index lost it
				known(err)
			}
			sound = false
		case journal.Verify(events) != nil || pawl.Seq(len(events)) != row.LastSeq:
			sound = false
		default:
			all[row.ID] = events
		}
	}
	return all, sound
}

// A page that the disk damaged is told, or does no harm: no history reads as
// something that it was not. Most of the time other runs can still be read.
func TestDamagedPages(t *testing.T) {
	const page = 4096
	source := t.TempDir()
	db := openOnly(t, source)
	for i := range 8 {
		c := create(t, db, pawl.RunID(fmt.Sprint("r", i)))
		for k := range 30 {
			drafts := journal.Batch{Drafts: []journal.Draft{
				{Type: pawl.EventNote, Body: journal.Note{Text: fmt.Sprintf("%d of %d %s", k, i, strings.Repeat("x", 300+k*(k%3)*300))}},
				{Type: pawl.EventAttempt, Key: pawl.Key(fmt.Sprint("step", k)), Result: true, Body: journal.Attempt{Outcome: pawl.OutcomeAccepted, Result: []byte("1")}},
			}}
			if _, err := db.Append(t.Context(), c, drafts); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	want, sound := histories(t, source)
	if !sound || len(want) != 8 {
		t.Fatalf("%d sound runs, wants 8", len(want))
	}
	data, err := os.ReadFile(filepath.Join(source, sqlite.FileName))
	if err != nil {
		t.Fatal(err)
	}
	seed := uint64(time.Now().UnixNano())
	r := rand.New(rand.NewPCG(seed, 0))
	tries := 90
	if testing.Short() {
		tries = 20
	}
	told, saved := 0, 0
	for i := range tries {
		bad := append([]byte(nil), data...)
		at := r.IntN(len(data)/page) * page
		switch i % 3 {
		case 0: // zeros
			clear(bad[at : at+page])
		case 1: // the half of another page
			copy(bad[at+page/2:at+page], data[r.IntN(len(data)/page)*page:][:page/2])
		case 2: // one bit
			bad[at+r.IntN(page)] ^= 1 << r.IntN(8)
		}
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, sqlite.FileName), bad, 0o600); err != nil {
			t.Fatal(err)
		}
		got, sound := histories(t, dir)
		if !sound {
			told++
			if len(got) > 0 {
				saved++
			}
		} else if len(got) != len(want) {
			t.Errorf("%d of %d runs, and nothing is said", len(got), len(want))
		}
		for id, events := range got {
			if !reflect.DeepEqual(events, want[id]) {
				t.Errorf("run %s reads as something else", id)
			}
		}
		if t.Failed() {
			t.Fatalf("page %d, way %d, seed %d", at/page+1, i%3, seed)
		}
	}
	t.Logf("%d of %d damages told, in %d of them runs could be read", told, tries, saved)
	if told < tries/3 || saved < told/3 {
		t.Errorf("%d of %d damages told, in %d of them runs could be read", told, tries, saved)
	}
}

// A log that was cut or spoiled by a power cut leaves whole histories, each
// as far as it was written: what is behind the damage is as if never committed.
func TestTornLog(t *testing.T) {
	source := t.TempDir()
	killed(t, source, 120)
	base, log := filepath.Join(source, sqlite.FileName), filepath.Join(source, sqlite.FileName+"-wal")
	data, err := os.ReadFile(base)
	if err != nil {
		t.Fatal(err)
	}
	written, err := os.ReadFile(log)
	if err != nil || len(written) < 100<<10 {
		t.Fatalf("the log has %d bytes, %v", len(written), err)
	}
	want, sound := histories(t, source)
	if !sound {
		t.Fatal("what the killed process left is not sound")
	}
	seed := uint64(time.Now().UnixNano())
	r := rand.New(rand.NewPCG(seed, 0))
	tries, shorter := 60, 0
	if testing.Short() {
		tries = 15
	}
	for i := range tries {
		at := r.IntN(len(written))
		torn := append([]byte(nil), written...)
		if i%2 == 0 {
			torn = torn[:at]
		} else {
			torn[at] ^= 0xff
		}
		dir := t.TempDir()
		for name, b := range map[string][]byte{sqlite.FileName: data, sqlite.FileName + "-wal": torn} {
			if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		got, sound := histories(t, dir)
		if !sound {
			t.Errorf("what is left is not sound")
		} else {
			checkStored(t, dir)
		}
		n := 0
		for id, events := range got {
			n += len(events)
			if len(events) > len(want[id]) || !reflect.DeepEqual(events, want[id][:len(events)]) {
				t.Errorf("run %s is not the beginning of what it was", id)
			}
		}
		total := 0
		for _, events := range want {
			total += len(events)
		}
		if n < total {
			shorter++
		}
		if t.Failed() {
			t.Fatalf("byte %d of %d, way %d, seed %d", at, len(written), i%2, seed)
		}
	}
	if shorter < tries/2 {
		t.Errorf("%d of %d torn logs lost something", shorter, tries)
	}
}

// Clocks that jump both ways, those of the journal and of its callers, never
// make time go back within a run.
func TestClockJumps(t *testing.T) {
	r := rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 0))
	jump := func() time.Time { return time.Unix(1_800_000_000+r.Int64N(1000)*3600-500*3600, 0) }
	dir := t.TempDir()
	db, err := sqlite.Open(t.Context(), dir, &sqlite.Options{Now: jump})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	memory := journal.NewMemory()
	memory.Now = jump
	for _, j := range []journal.Journal{db, memory} {
		c, err := j.Create(t.Context(), journal.NewRun{ID: "r1"}, []journal.Draft{{Type: pawl.EventCreated, At: pawl.At(jump()), Body: journal.Created{}}})
		if err != nil {
			t.Fatal(err)
		}
		for range 50 {
			if r.IntN(4) == 0 {
				if c, err = j.Claim(t.Context(), "r1", true); err != nil {
					t.Fatal(err)
				}
			}
			drafts := make([]journal.Draft, 1+r.IntN(3))
			for i := range drafts {
				drafts[i] = journal.Draft{Type: pawl.EventNote, At: pawl.At(jump()), Body: journal.Note{}}
			}
			if _, err := j.Append(t.Context(), c, journal.Batch{Drafts: drafts}); err != nil {
				t.Fatal(err)
			}
		}
		checktest.CheckStored(t, j) // times that never go back are among it
	}
}

// Of a history whose end is lost the run's row knows how long it was when the row was last
// written: at the run's rest that is all of it.
func TestLostEnd(t *testing.T) {
	dir := t.TempDir()
	db := openOnly(t, dir)
	c := create(t, db, "r1")
	for range 5 {
		if _, err := db.Append(t.Context(), c, note("x")); err != nil {
			t.Fatal(err)
		}
	}
	rest := note("the last")
	rest.Summary, rest.Release = &journal.Summary{Status: pawl.StatusWaiting}, true
	if _, err := db.Append(t.Context(), c, rest); err != nil {
		t.Fatal(err)
	}
	for _, left := range []int{3, 0} {
		exec1(t, raw(t, filepath.Join(dir, sqlite.FileName)), fmt.Sprintf("DELETE FROM events WHERE seq > %d", left))
		rows, err := db.Runs(t.Context(), pawl.RunFilter{})
		if err != nil || len(rows) != 1 || rows[0].LastSeq != c.Seq || c.Seq != 8 {
			t.Errorf("with %d events of %d: %+v, %v", left, c.Seq, rows, err)
		}
	}
}
