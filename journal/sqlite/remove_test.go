package sqlite_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/journal/sqlite"
)

// traces counts in how many places of all files in a directory a text stands.
func traces(t *testing.T, dir, text string) (n int) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		n += bytes.Count(data, []byte(text))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// After runs are removed nothing of what was in them can be read in any file of the data
// directory, the log included, while other runs are busy in this process and another has
// the database open.
func TestRemoveLeavesNoTrace(t *testing.T) {
	const secret = "walrus-4711-secret"
	dir := t.TempDir()
	db, beside := open(t, dir), open(t, dir)
	text := func(run, i int) string { // of all sizes: within a page, over several, as a blob
		return fmt.Sprintf("%s %d %d ", secret, run, i) + string(bytes.Repeat([]byte("x"), []int{30, 300, 3000, 9000, 40_000}[(run+i)%5]))
	}
	const runs = 60
	var shown []journal.Shown
	var busy sync.WaitGroup
	for run := range runs {
		busy.Go(func() {
			id := pawl.RunID(fmt.Sprint("run", run))
			c, err := db.Create(t.Context(), journal.NewRun{ID: id, Flow: "article"}, []journal.Draft{{Type: pawl.EventCreated, Body: journal.Created{}}})
			for i := range 15 {
				if err != nil {
					break
				}
				says := text(run, i)
				if run%2 == 0 {
					says = says[len(secret):]
				}
				key := pawl.Key(fmt.Sprint("step", i)) // which the flow's author chose
				_, err = db.Append(t.Context(), c, journal.Batch{
					Drafts: []journal.Draft{
						{Type: pawl.EventAttempt, Key: key, Body: journal.Note{Text: says}, Result: true},
						{Type: pawl.EventNote, Key: key, Body: journal.Note{Text: journal.Digest([]byte(says))}, Voids: i%3 == 0},
						{Type: pawl.EventBlocker, Key: key, Body: journal.Note{Text: says}, Opens: true},
					},
					Blobs:   [][]byte{[]byte(says)},
					Summary: &journal.Summary{Status: pawl.StatusPaused, Reason: says[:30]},
				})
			}
			if err == nil {
				_, err = beside.Submit(t.Context(), journal.Command{Run: id, Decision: &pawl.Decision{Key: "a", What: pawl.DecideAnswer, Who: "ann", Comment: text(run, 0)[len(secret)*(1-run%2):]}})
			}
			if err == nil {
				err = db.Release(t.Context(), c)
			}
			if err != nil {
				t.Error(err)
			}
		})
		if run%2 == 1 {
			shown = append(shown, journal.Shown{Run: pawl.RunID(fmt.Sprint("run", run))})
		}
	}
	busy.Wait()
	if n := traces(t, dir, secret); n < runs {
		t.Fatalf("%d traces before", n)
	}
	end := make(chan struct{})
	c := create(t, beside, "busy")
	busy.Go(func() {
		for {
			select {
			case <-end:
				return
			default:
			}
			if _, err := beside.Append(t.Context(), c, note("busy")); err != nil {
				t.Error(err)
				return
			}
		}
	})
	_, err := db.Remove(t.Context(), shown...)
	close(end)
	busy.Wait()
	if err != nil {
		t.Fatal(err)
	}
	if n := traces(t, dir, secret); n != 0 {
		t.Errorf("%d traces are left", n)
	}
	if err := db.Check(t.Context()); err != nil {
		t.Error(err)
	}
	var rows int
	if err := raw(t, filepath.Join(dir, sqlite.FileName)).QueryRow("SELECT count(*) FROM blobs").Scan(&rows); err != nil || rows == 0 {
		t.Errorf("%d blobs are left, %v", rows, err)
	}
}

// Posts grow when they are settled: SQLite moves their neighbours then, of which nothing
// is left either.
func TestRemoveLeavesNoTraceOfSettledPosts(t *testing.T) {
	const secret = "walrus-4711-secret"
	dir := t.TempDir()
	db := open(t, dir)
	var shown []journal.Shown
	commands := map[*journal.Claim]int64{}
	var claims []*journal.Claim
	for run := range 200 {
		id := pawl.RunID(fmt.Sprint("run", run))
		c := create(t, db, id)
		says := strings.Repeat("other", 20)
		if run%2 == 1 {
			says = secret + strings.Repeat("x", 100)
			shown = append(shown, journal.Shown{Run: id})
		}
		command, err := db.Submit(t.Context(), journal.Command{Run: id, Decision: &pawl.Decision{Key: "a", What: pawl.DecideAnswer, Who: "ann", Comment: says}})
		if err != nil {
			t.Fatal(err)
		}
		claims, commands[c] = append(claims, c), command
	}
	for _, c := range claims {
		b := note("x")
		b.Release = true
		b.Handled = []journal.Handled{{Command: commands[c], Refused: &journal.Failure{Kind: pawl.ErrConflict, Message: strings.Repeat("why ", 30)}}}
		if _, err := db.Append(t.Context(), c, b); err != nil {
			t.Fatal(err)
		}
	}
	if done, err := db.Remove(t.Context(), shown...); err != nil || len(done.Kept) > 0 {
		t.Fatal(done.Kept, err)
	}
	if n := traces(t, dir, secret); n != 0 {
		t.Errorf("%d traces are left of the decisions of removed runs", n)
	}
	if err := db.Check(t.Context()); err != nil {
		t.Error(err)
	}
}

// A reader that stands still keeps what was removed in the log; that is said.
func TestRemoveBesideReader(t *testing.T) {
	if testing.Short() {
		t.Skip("waits for 10 seconds")
	}
	dir := t.TempDir()
	db := open(t, dir)
	if err := db.Release(t.Context(), create(t, db, "r1")); err != nil {
		t.Fatal(err)
	}
	reader, err := raw(t, filepath.Join(dir, sqlite.FileName)).BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	var n int
	if err := reader.QueryRow("SELECT count(*) FROM events").Scan(&n); err != nil {
		t.Fatal(err)
	}
	_, err = db.Remove(t.Context(), journal.Shown{Run: "r1"})
	if !errors.Is(err, pawl.ErrStorage) {
		t.Errorf("remove beside a reader: %v", err)
	}
	if err := reader.Rollback(); err != nil {
		t.Fatal(err)
	}
	if _, err := db.Remove(t.Context()); err != nil {
		t.Errorf("remove nothing, when it has gone: %v", err)
	}
	if info, err := os.Stat(filepath.Join(dir, sqlite.FileName+"-wal")); err != nil || info.Size() != 0 {
		t.Errorf("the log has %v bytes, %v", info.Size(), err)
	}
}

// A run that is held keeps no other, and of those that went nothing is left, the blobs
// included. What a removal could not finish the next one does.
func TestRemoveBesideHeld(t *testing.T) {
	const secret = "walrus-4711-secret"
	dir := t.TempDir()
	db, beside := open(t, dir), open(t, dir)
	var shown []journal.Shown
	for i := range 201 {
		id := pawl.RunID(fmt.Sprint("run", i))
		c := create(t, db, id)
		says := secret + fmt.Sprint(i) + strings.Repeat("x", 100)
		b := journal.Batch{Drafts: note(journal.Digest([]byte(says))).Drafts, Blobs: [][]byte{[]byte(says)}, Release: true}
		if _, err := db.Append(t.Context(), c, b); err != nil {
			t.Fatal(err)
		}
		shown = append(shown, journal.Shown{Run: id})
	}
	if _, err := beside.Claim(t.Context(), "run200", false); err != nil { // a worker takes it up after it was listed
		t.Fatal(err)
	}
	done, err := db.Remove(t.Context(), shown...)
	if err != nil || len(done.Runs) != 200 || len(done.Kept) != 1 || !errors.Is(done.Kept[0], journal.ErrHeld) {
		t.Errorf("removed %d runs, kept %v, %v; want 200, and one that is held", len(done.Runs), done.Kept, err)
	}
	if n := traces(t, dir, secret); n != 1 {
		t.Errorf("%d traces are left, want that of the run that is held", n)
	}
}

// The lock under which runs are removed is no process's, and stays when others open.
func TestRemoveLockIsNotSwept(t *testing.T) {
	dir := t.TempDir()
	db := open(t, dir)
	if err := db.Release(t.Context(), create(t, db, "r1")); err != nil {
		t.Fatal(err)
	}
	before := lockNames(t, dir)
	if _, err := db.Remove(t.Context(), journal.Shown{Run: "r1"}); err != nil {
		t.Fatal(err)
	}
	made := slices.DeleteFunc(lockNames(t, dir), func(name string) bool { return slices.Contains(before, name) })
	if len(made) != 1 {
		t.Fatalf("the removal has made %q, want its lock", made)
	}
	lock := filepath.Join(dir, "procs", made[0])
	was, err := os.Stat(lock)
	if err != nil {
		t.Fatal(err)
	}
	open(t, dir)
	if is, err := os.Stat(lock); err != nil || !os.SameFile(was, is) {
		t.Errorf("opening the database removed the lock of those who remove: %v", err)
	}
}

// lockNames are the files in the folder of locks.
func lockNames(t *testing.T, dir string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(filepath.Join(dir, "procs"))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}
