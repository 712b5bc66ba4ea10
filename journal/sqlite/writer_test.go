package sqlite

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/checktest"
	"github.com/pawlrun/pawl/journal"
)

func openDB(t testing.TB) *DB {
	t.Helper()
	return openIn(t, t.TempDir())
}

func openIn(t testing.TB, dir string) *DB {
	t.Helper()
	db, err := Open(t.Context(), dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	t.Cleanup(func() {
		if _, err := db.Runs(context.Background(), pawl.RunFilter{Limit: 1}); err == nil { // it is open
			checktest.CheckStored(t, db)
		}
	})
	return db
}

func createRun(t testing.TB, db *DB, id pawl.RunID) *journal.Claim {
	t.Helper()
	c, err := db.Create(t.Context(), journal.NewRun{ID: id}, []journal.Draft{{Type: pawl.EventCreated, Body: journal.Created{}}})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func noteBatch(size int) journal.Batch {
	return journal.Batch{Drafts: []journal.Draft{{Type: pawl.EventNote, Body: journal.Note{Text: strings.Repeat("x", size)}}}}
}

// hold keeps the writer busy until release is called.
func hold(t *testing.T, db *DB) (release func()) {
	t.Helper()
	entered, leave, done := make(chan struct{}), make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		db.write(t.Context(), &op{name: "hold", apply: func(*tx) error {
			close(entered)
			<-leave
			return nil
		}})
	}()
	<-entered
	return func() { close(leave); <-done }
}

// waitQueued returns when n operations are queued behind a held writer.
func waitQueued(db *DB, n int) {
	for len(db.writer.queue) < n {
		runtime.Gosched()
	}
}

func eventsOf(t *testing.T, db *DB, id pawl.RunID) int {
	t.Helper()
	events, err := db.Read(t.Context(), id, 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := journal.Verify(events); err != nil {
		t.Error(err)
	}
	return len(events)
}

// What queues up while a commit is under way is committed together.
func TestBatching(t *testing.T) {
	db := openDB(t)
	const runs = 100
	claims := make([]*journal.Claim, runs)
	for i := range claims {
		claims[i] = createRun(t, db, pawl.RunID(fmt.Sprint("r", i)))
	}
	before := db.Stats()
	release := hold(t, db)
	var wg sync.WaitGroup
	for _, c := range claims {
		wg.Go(func() {
			if _, err := db.Append(t.Context(), c, noteBatch(100)); err != nil {
				t.Error(err)
			}
		})
	}
	waitQueued(db, runs)
	release()
	wg.Wait()
	if d := db.Stats().Commits - before.Commits; d != 2 {
		t.Errorf("%d commits, want the held one and one for all", d)
	}

	before = db.Stats()
	for _, c := range claims {
		wg.Go(func() {
			for range 20 {
				if _, err := db.Append(t.Context(), c, noteBatch(100)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	after := db.Stats()
	events, commits := after.Events-before.Events, after.Commits-before.Commits
	t.Logf("%d events in %d commits", events, commits)
	if events != 20*runs || commits*4 > events {
		t.Errorf("%d busy runs made %d commits for %d events", runs, commits, events)
	}
}

func TestBatchBytes(t *testing.T) {
	db := openDB(t)
	before := db.Stats()
	release := hold(t, db)
	var wg sync.WaitGroup
	for i := range 12 {
		wg.Go(func() {
			drafts := []journal.Draft{{Type: pawl.EventCreated, Body: journal.Created{Flow: strings.Repeat("x", 1<<20)}}}
			if _, err := db.Create(t.Context(), journal.NewRun{ID: pawl.RunID(fmt.Sprint("r", i))}, drafts); err != nil {
				t.Error(err)
			}
		})
	}
	waitQueued(db, 12)
	release()
	wg.Wait()
	if d := db.Stats().Commits - before.Commits; d != 4 {
		t.Errorf("%d commits for 12 MiB, want the held one and three of 4 MiB", d)
	}
}

// An operation that goes wrong half-way is taken back alone.
func TestPoison(t *testing.T) {
	db := openDB(t)
	a, b, c := createRun(t, db, "a"), createRun(t, db, "b"), createRun(t, db, "c")
	result := journal.Batch{Drafts: []journal.Draft{{Type: pawl.EventAttempt, Key: "k", Result: true, Body: journal.Attempt{}}}}
	if _, err := db.Append(t.Context(), b, result); err != nil {
		t.Fatal(err)
	}
	release := hold(t, db)
	errs := make([]error, 4)
	boom := errors.New("boom")
	var wg sync.WaitGroup
	for i, do := range []func() error{
		func() error { _, err := db.Append(t.Context(), a, noteBatch(10)); return err },
		func() error { _, err := db.Append(t.Context(), b, result); return err },
		func() error {
			return db.write(t.Context(), &op{name: "explode", apply: func(t *tx) error {
				if _, err := t.exec(t.releaseAll, db.procs.self); err != nil {
					return err
				}
				return boom
			}})
		},
		func() error { _, err := db.Append(t.Context(), c, noteBatch(10)); return err },
	} {
		wg.Go(func() { errs[i] = do() })
		waitQueued(db, i+1)
	}
	release()
	wg.Wait()
	if errs[0] != nil || errs[3] != nil {
		t.Errorf("neighbours failed: %v, %v", errs[0], errs[3])
	}
	if !errors.Is(errs[1], pawl.ErrConflict) {
		t.Errorf("second result: %v", errs[1])
	}
	if !errors.Is(errs[2], pawl.ErrStorage) || !errors.Is(errs[2], boom) {
		t.Errorf("explosion: %v", errs[2])
	}
	if x, y, z := eventsOf(t, db, "a"), eventsOf(t, db, "b"), eventsOf(t, db, "c"); x != 3 || y != 3 || z != 3 {
		t.Errorf("%d, %d and %d events, want 3 each", x, y, z)
	}
}

func TestCancelInQueue(t *testing.T) {
	db := openDB(t)
	c := createRun(t, db, "a")
	release := hold(t, db)
	ctx, cancel := context.WithCancel(t.Context())
	result := make(chan error)
	go func() {
		_, err := db.Append(ctx, c, noteBatch(10))
		result <- err
	}()
	waitQueued(db, 1)
	cancel()
	if err := <-result; !errors.Is(err, context.Canceled) || !errors.Is(err, pawl.ErrStorage) {
		t.Errorf("got %v", err)
	}
	release()
	if n := eventsOf(t, db, "a"); n != 2 {
		t.Errorf("%d events, want none of the withdrawn append", n)
	}
}

// Close ends what is queued and under way.
func TestCloseWaits(t *testing.T) {
	db := openDB(t)
	c := createRun(t, db, "a")
	release := hold(t, db)
	appended, closed := make(chan error, 1), make(chan error, 1)
	go func() {
		_, err := db.Append(t.Context(), c, noteBatch(10))
		appended <- err
	}()
	waitQueued(db, 1)
	go func() { closed <- db.Close() }()
	<-db.closing
	release()
	if err := <-appended; err != nil {
		t.Errorf("append under way: %v", err)
	}
	if err := <-closed; err != nil {
		t.Errorf("close: %v", err)
	}
}

// A full disk fails the append that does not fit, and no later one that does.
func TestFull(t *testing.T) {
	db := openDB(t)
	createRun(t, db, "a")
	pages := func(n int) {
		if _, err := db.writer.conn.ExecContext(t.Context(), fmt.Sprintf("PRAGMA max_page_count = %d", n)); err != nil {
			t.Fatal(err)
		}
	}
	claim := func() *journal.Claim {
		c, err := db.Claim(t.Context(), "a", true)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	c := claim()
	pages(40)
	_, err := db.Append(t.Context(), c, noteBatch(1<<20))
	if !errors.Is(err, pawl.ErrStorage) || !strings.Contains(err.Error(), "full") || !strings.Contains(err.Error(), db.path) {
		t.Errorf("got %v", err)
	}
	if _, err := db.Append(t.Context(), claim(), noteBatch(10)); err != nil {
		t.Errorf("small append: %v", err)
	}
	pages(1 << 30)
	if _, err := db.Append(t.Context(), claim(), noteBatch(1<<20)); err != nil {
		t.Errorf("append with space again: %v", err)
	}
	if n := eventsOf(t, db, "a"); n != 7 {
		t.Errorf("%d events, want 7", n)
	}
}

// CopyLogAt has the log copied whenever it has grown by so many bytes.
func CopyLogAt(db *DB, bytes int64) {
	db.writer.turn <- struct{}{}
	db.writer.log.passive = bytes
	<-db.writer.turn
}

// The log is copied before it grows large, also by few large events.
func TestLogStaysSmall(t *testing.T) {
	db := openDB(t)
	const passive, truncate = 256 << 10, 4 << 20 // a sixteenth of the real ones
	db.writer.log = logState{passive: passive, truncate: truncate}
	c := createRun(t, db, "a")
	appended := 0
	add := func() { // each a new body: equal ones are stored once
		appended++
		if _, err := db.Append(t.Context(), c, noteBatch(64<<10+appended)); err != nil {
			t.Fatal(err)
		}
	}
	var largest int64
	for range 40 {
		add()
		info, err := os.Stat(db.path + "-wal")
		if err != nil {
			t.Fatal(err)
		}
		if info.Size() < largest { // to grow anew costs more than to be reused
			t.Errorf("the log was cut from %d to %d bytes while it was in use", largest, info.Size())
		}
		largest = max(largest, info.Size())
	}
	if largest < passive || largest > 4*passive {
		t.Errorf("the log grew to %d bytes for 2.5 MiB of events", largest)
	}
	// A reader that stands still keeps the log from being emptied. It must not
	// stop the writer, and when it has gone the log shrinks again.
	reader, err := db.readers.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	var n int
	if err := reader.QueryRowContext(t.Context(), "SELECT count(*) FROM events").Scan(&n); err != nil {
		t.Fatal(err)
	}
	for range 70 {
		add()
	}
	if err := reader.Rollback(); err != nil {
		t.Fatal(err)
	}
	for range 5 {
		add()
	}
	if info, err := os.Stat(db.path + "-wal"); err != nil || info.Size() > truncate {
		t.Errorf("the log has %d bytes after the reader has gone, %v", info.Size(), err)
	}
	if n := eventsOf(t, db, "a"); n != 2+40+70+5 {
		t.Errorf("%d events", n)
	}
}

// When nothing is written for long the log is copied, and its file kept for what comes next:
// one that grows anew takes each commit longer. A large one is emptied.
func TestLogIsKept(t *testing.T) {
	db := openDB(t)
	c := createRun(t, db, "a")
	for _, tt := range []struct {
		appended int
		kept     bool
	}{{10, true}, {150, false}} {
		for i := range tt.appended {
			if _, err := db.Append(t.Context(), c, noteBatch(64<<10+i)); err != nil {
				t.Fatal(err)
			}
		}
		before, err := os.Stat(db.path + "-wal")
		if err != nil {
			t.Fatal(err)
		}
		db.writer.turn <- struct{}{}
		db.writer.log.passive = 1 << 20
		db.writer.rest(t.Context())
		db.writer.log.passive = 64 << 20
		<-db.writer.turn
		after, err := os.Stat(db.path + "-wal")
		if err != nil {
			t.Fatal(err)
		}
		if kept := after.Size() == before.Size(); kept != tt.kept || !kept && after.Size() != 0 {
			t.Errorf("of a log of %d bytes are %d left", before.Size(), after.Size())
		}
		var busy, frames, copied int
		if err := db.writer.conn.QueryRowContext(t.Context(), "PRAGMA wal_checkpoint(NOOP)").Scan(&busy, &frames, &copied); err != nil || copied != frames {
			t.Errorf("%d of %d frames are copied, %v", copied, frames, err)
		}
	}
}

// Few commits change the size of the log's file, and each of two processes that write in
// turn finds what the other one has stored.
func TestLogGrowsAhead(t *testing.T) {
	dir := t.TempDir()
	dbs := []*DB{openIn(t, dir), openIn(t, dir)}
	claims := []*journal.Claim{createRun(t, dbs[0], "a"), createRun(t, dbs[1], "b")}
	grew, size := 0, int64(0)
	const each = 100
	for i := range 2 * each {
		if _, err := dbs[i%2].Append(t.Context(), claims[i%2], noteBatch(100)); err != nil {
			t.Fatal(err)
		}
		if now := dbs[0].writer.fileBytes(); now != size {
			grew, size = grew+1, now
		}
	}
	if grew > each/3 {
		t.Errorf("%d of %d commits made the log's file longer", grew, 2*each)
	}
	for i, id := range []pawl.RunID{"a", "b"} {
		if n := eventsOf(t, dbs[1-i], id); n != 2+each {
			t.Errorf("%d events of run %s", n, id)
		}
	}
}

// The log's file is made longer by whoever writes, and by nobody while another one does, whose
// commits would be overwritten.
func TestLogGrowsInItsTurn(t *testing.T) {
	dir := t.TempDir()
	db, other := openIn(t, dir), openIn(t, dir)
	createRun(t, db, "a")
	w := db.writer
	w.turn <- struct{}{}
	defer func() { <-w.turn }()
	other.writer.turn <- struct{}{}
	defer func() { <-other.writer.turn }()
	hold := func(statement string) {
		if _, err := other.writer.conn.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	before := w.fileBytes()
	w.log.longer = 1 << 20
	o := &op{name: "do nothing", apply: func(*tx) error { return nil }, done: make(chan error, 1)}
	w.queue <- o
	hold("BEGIN IMMEDIATE")
	hurried, cancel := context.WithCancel(t.Context())
	cancel()
	w.write(hurried)
	if now := w.fileBytes(); now != before || len(o.done) != 0 {
		t.Errorf("the log's file has %d bytes, not %d, while another process writes; %d answers", now, before, len(o.done))
	}
	hold("ROLLBACK")
	w.write(t.Context())
	if now := w.fileBytes(); now < before+1<<20 || <-o.done != nil {
		t.Errorf("the log's file has %d bytes after it had %d", now, before)
	}
}
