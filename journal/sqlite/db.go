package sqlite

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/journal/internal/refusal"
	"github.com/pawlrun/pawl/limit"
	"github.com/pawlrun/pawl/notice"
	"github.com/pawlrun/pawl/schedule"
)

// maxReaders bounds the connections for reading.
const maxReaders = 4

// DB is an open journal. Two of them on one directory behave like two
// processes, also within one.
type DB struct {
	path    string
	now     func() time.Time
	procs   procs
	readers *readers
	changes changes
	writer  *writer // nil: it is open for reading alone
	waits   patience
	held    map[pawl.RunID]held // what is known of the runs that are held; only who has the writer's turn uses it

	isKnown      atomic.Bool // others know this process by name: it has something to give back
	unsearchable atomic.Bool // it was said that runs do not become searchable

	mu      sync.Mutex // guards closed and adding to calls
	closed  bool
	calls   sync.WaitGroup
	closing chan struct{} // closed by the first Close
}

var (
	_ journal.Journal  = (*DB)(nil)
	_ journal.Blobs    = (*DB)(nil)
	_ journal.Queue    = (*DB)(nil)
	_ journal.Commands = (*DB)(nil)
	_ journal.Remover  = (*DB)(nil)
	_ limit.Keeper     = (*DB)(nil)
	_ schedule.Keeper  = (*DB)(nil)
	_ notice.Keeper    = (*DB)(nil)
)

// Stats counts what a DB has done since it was opened.
type Stats struct {
	Commits int64 // transactions that wrote something
	Events  int64 // events in them
}

// Stats returns the counts as they stand.
func (db *DB) Stats() Stats {
	if db.writer == nil {
		return Stats{}
	}
	return Stats{Commits: db.writer.commits.Load(), Events: db.writer.events.Load()}
}

// enter begins a call, which Close waits for. If it returns nil, db.calls.Done
// ends it.
func (db *DB) enter(ctx context.Context, operation string) error {
	if err := ctx.Err(); err != nil {
		return refusal.Ended(operation, err)
	}
	db.mu.Lock()
	defer db.mu.Unlock()
	if db.closed {
		return refusal.Closed()
	}
	db.calls.Add(1)
	return nil
}

// reading executes a call that reads, which Close waits for, and says in its error what it
// was about.
func reading[T any](ctx context.Context, db *DB, operation string, read func(context.Context) (T, error)) (all T, err error) {
	if err = db.enter(ctx, operation); err == nil {
		defer db.calls.Done()
		all, err = read(ctx)
	}
	return all, failure(db.path, operation, err)
}

// write queues an operation for the writer and waits for its commit.
func (db *DB) write(ctx context.Context, o *op) error {
	if err := ctx.Err(); err != nil {
		return refusal.Ended(o.title(), err)
	}
	if err := db.enter(ctx, o.name); err != nil {
		return err
	}
	defer db.calls.Done()
	if db.writer == nil {
		return refusal.ReadOnly(o.title())
	}
	return db.writer.do(ctx, o)
}

// Close implements journal.Journal.
func (db *DB) Close() error {
	db.mu.Lock()
	if db.closed {
		db.mu.Unlock()
		return nil
	}
	db.closed = true
	close(db.closing)
	db.mu.Unlock()
	db.calls.Wait()

	readErr := errors.Join(db.changes.close(), db.readers.Close())
	if db.writer == nil {
		return failure(db.path, "close", readErr)
	}
	err := db.writer.stop(db.goodbye())
	if err == nil {
		db.procs.leave()
		return failure(db.path, "close", readErr)
	}
	db.procs.die()
	return err
}

// goodbye gives back all that this process holds; nil: it has never held anything, and
// then it does not write.
func (db *DB) goodbye() *op {
	if !db.isKnown.Load() {
		return nil
	}
	return &op{name: "close", apply: func(t *tx) error {
		if _, err := t.exec(t.releaseAll, db.procs.self); err != nil {
			return err
		}
		_, err := t.exec(t.deleteProc, db.procs.self)
		return err
	}}
}

// time is the clock in the form that events have.
func (db *DB) time() pawl.Time { return pawl.At(db.now()) }

// self describes this process for people.
func (db *DB) self() string { return process(os.Getpid()) }

func process(pid int) string { return fmt.Sprintf("process %d", pid) }
