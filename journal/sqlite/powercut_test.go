package sqlite_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/disktest"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/journal/sqlite"
)

// workOnDisk is the child: it works on a new database, several runs at once and with a log
// that is often copied and used anew, and writes what the disk was asked for meanwhile, with
// what was acknowledged, to a file.
func workOnDisk(dir string) int {
	ctx := context.Background()
	var past disktest.History
	disktest.Install(past.Judge)
	db, err := sqlite.Open(ctx, dir, nil)
	if err == nil {
		sqlite.CopyLogAt(db, 192<<10)
		var workers sync.WaitGroup
		errs := make([]error, 3)
		for w := range errs {
			workers.Go(func() { errs[w] = workOnRuns(ctx, db, &past, w) })
		}
		workers.Wait()
		for _, e := range errs {
			if err == nil {
				err = e
			}
		}
	}
	if err == nil {
		past.Note("remove w0r0") // from here on it may be there or not
		_, err = db.Remove(ctx, journal.Shown{Run: "w0r0"})
		past.Note("removed w0r0")
	}
	if err == nil { // once more, on a log that was emptied
		err = workOnRuns(ctx, db, &past, 9)
	}
	var f *os.File
	if err == nil {
		f, err = os.Create(filepath.Join(dir, "past"))
	}
	if err == nil {
		err = past.Write(f)
	}
	if err == nil {
		err = f.Close()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// workOnRuns has a worker append to runs of its own, some events of which are kept apart.
func workOnRuns(ctx context.Context, db *sqlite.DB, past *disktest.History, worker int) error {
	random := rand.New(rand.NewPCG(1, uint64(worker)))
	for run := range 2 {
		id := pawl.RunID(fmt.Sprintf("w%dr%d", worker, run))
		c, err := db.Create(ctx, journal.NewRun{ID: id}, []journal.Draft{{Type: pawl.EventCreated, Body: journal.Created{}}})
		for n := range 8 {
			if err != nil {
				return err
			}
			past.Note(fmt.Sprintf("stored %s %d %s", c.Run, c.Seq, c.Hash))
			size := random.IntN(400)
			if random.IntN(4) == 0 {
				size = 18 << 10 // a blob
			}
			text := fmt.Sprint(id, n, strings.Repeat("x", size))
			b := journal.Batch{Drafts: []journal.Draft{{Type: pawl.EventNote, Body: journal.Note{Text: text}}}, Release: n == 7}
			_, err = db.Append(ctx, c, b)
		}
		if err != nil {
			return err
		}
		past.Note(fmt.Sprintf("stored %s %d %s", c.Run, c.Seq, c.Hash))
	}
	return nil
}

// Whenever the power is cut, whatever becomes of what was not synced by then, the database
// opens again, whole, and has all that was acknowledged.
func TestPowerCut(t *testing.T) {
	dir := t.TempDir()
	// In an empty file all is SQLite's doing, and recorded.
	if err := os.WriteFile(filepath.Join(dir, sqlite.FileName), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), os.Args[0], dir)
	cmd.Env = append(os.Environ(), childEnv+"=powercut")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	f, err := os.Open(filepath.Join(dir, "past"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	past, err := disktest.ReadHistory(f)
	if err != nil {
		t.Fatal(err)
	}
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	var disk disktest.Disk
	syncs := map[disktest.File]int{}
	acknowledged := map[pawl.RunID]string{}
	cuts := 0
	cut := func(when string) {
		if testing.Short() && len(acknowledged) > 0 && random.IntN(5) != 0 {
			return
		}
		for _, loss := range []disktest.Loss{disktest.LoseAll, disktest.LoseNone, disktest.LoseSome, disktest.LoseSome} {
			if loss != disktest.LoseAll && disk.Loose() == 0 {
				continue
			}
			cuts++
			t.Run(fmt.Sprintf("%s, %s", when, loss), func(t *testing.T) {
				at := t.TempDir()
				for file, name := range map[disktest.File]string{disktest.Database: sqlite.FileName, disktest.Log: sqlite.FileName + "-wal"} {
					is := disk.Cut(file, loss, random)
					if file == disktest.Log && len(is) > 0 { // which the writer makes longer itself
						is = append(is, make([]byte, random.IntN(2)*(64<<10))...)
					}
					if err := os.WriteFile(filepath.Join(at, name), is, 0o600); err != nil {
						t.Fatal(err)
					}
				}
				checkAcknowledged(t, at, acknowledged)
			})
		}
	}
	for _, p := range past {
		what, said, _ := strings.Cut(p.Note, " ")
		run, last, _ := strings.Cut(said, " ")
		switch {
		case what == "stored":
			acknowledged[pawl.RunID(run)] = last
			continue
		case what == "remove":
			delete(acknowledged, pawl.RunID(run))
			continue
		case what == "removed":
			acknowledged[pawl.RunID(run)] = gone
			continue
		case p.Kind == disktest.Sync:
			syncs[p.File]++
			cut(fmt.Sprintf("before sync %d of the %s", syncs[p.File], p.File))
		}
		disk.Do(p)
	}
	cut("at the end")
	t.Logf("%v syncs, %d cuts", syncs, cuts)
	if len(acknowledged) != 8 || syncs[disktest.Log] < 40 || syncs[disktest.Database] < 4 {
		t.Errorf("runs %v and syncs %v say that too little was done", acknowledged, syncs)
	}
}

// gone is what was acknowledged of a run that was removed.
const gone = "gone"

// checkAcknowledged opens the database of a directory and looks for runs up to an event, as
// "SEQ HASH", and for none that is gone.
func checkAcknowledged(t *testing.T, dir string, all map[pawl.RunID]string) {
	t.Helper()
	db, err := sqlite.Open(t.Context(), dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	for run, last := range all {
		if last == gone {
			if _, err := db.Read(t.Context(), run, 0, 0); !errors.Is(err, pawl.ErrNotFound) {
				t.Errorf("run %s was removed, and is there: %v", run, err)
			}
			continue
		}
		var seq int
		var hash string
		if _, err := fmt.Sscan(last, &seq, &hash); err != nil {
			t.Fatal(err)
		}
		events, err := db.Read(t.Context(), run, 0, 0)
		if err != nil || len(events) < seq || events[seq-1].Hash != hash {
			t.Errorf("run %s has %d events, %v; acknowledged was %s", run, len(events), err, last)
			continue
		}
		if err := journal.Verify(events); err != nil {
			t.Errorf("run %s: %v", run, err)
		}
	}
	if err := db.Close(); err != nil {
		t.Error(err)
	}
	checkIntegrity(t, dir)
}
