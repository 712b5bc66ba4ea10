package sqlite

import (
	"context"
	"database/sql"
	"sync"
	"time"

	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/journal/internal/refusal"
)

// pollEvery is how often someone who waits looks for commits of other
// processes. Nobody looks while nobody waits.
const pollEvery = 100 * time.Millisecond

// changes counts what has changed. Own commits are told by the writer, those of
// others are seen by a number that SQLite keeps for each connection; it counts
// own commits too, which wakes the waiting once more for nothing.
type changes struct {
	mu   sync.Mutex // guards mark and wake
	mark journal.Mark
	wake chan struct{} // closed and replaced at each change

	pollMu  sync.Mutex // guards the rest
	conn    *sql.Conn  // nil: nobody has asked for a mark yet
	version int64
	polled  time.Time
}

func newChanges() changes { return changes{mark: 1, wake: make(chan struct{})} }

// begin has commits of others seen from now on, for whoever is given a mark.
func (c *changes) begin(ctx context.Context, readers *sql.DB) (err error) {
	c.pollMu.Lock()
	defer c.pollMu.Unlock()
	if c.conn != nil {
		return nil
	}
	if c.conn, err = readers.Conn(ctx); err != nil { // one may have to be waited for
		return err
	}
	return c.look(ctx)
}

func (c *changes) close() error {
	if c.conn == nil {
		return nil
	}
	return c.conn.Close()
}

// committed tells everyone who waits that something has changed.
func (c *changes) committed() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.mark++
	close(c.wake)
	c.wake = make(chan struct{})
}

func (c *changes) now() (journal.Mark, <-chan struct{}) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.mark, c.wake
}

// poll looks for commits of others, unless someone has done so just now.
func (c *changes) poll(ctx context.Context) error {
	c.pollMu.Lock()
	defer c.pollMu.Unlock()
	if time.Since(c.polled) < pollEvery/2 {
		return nil
	}
	before := c.version
	if err := c.look(ctx); err != nil {
		return err
	}
	if c.version != before {
		c.committed()
	}
	return nil
}

// look takes no heed of ctx's end, which would make SQLite interrupt the
// connection that must be kept.
func (c *changes) look(ctx context.Context) error {
	c.polled = time.Now()
	return c.conn.QueryRowContext(context.WithoutCancel(ctx), "PRAGMA data_version").Scan(&c.version)
}

// Changes implements journal.Journal. Commits of other processes are seen
// within about 100 ms.
func (db *DB) Changes(ctx context.Context, mark journal.Mark) (journal.Mark, error) {
	const operation = "wait for a change"
	if err := db.enter(ctx, operation); err != nil {
		return mark, err
	}
	defer db.calls.Done()
	if err := db.changes.begin(ctx, db.readers.DB); err != nil {
		if ctx.Err() != nil {
			return mark, refusal.Ended(operation, ctx.Err())
		}
		return mark, failure(db.path, operation, err)
	}
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	for {
		now, wake := db.changes.now()
		if now != mark {
			return now, nil
		}
		select {
		case <-wake:
		case <-tick.C:
			if err := db.changes.poll(ctx); err != nil {
				return mark, failure(db.path, operation, err)
			}
		case <-ctx.Done():
			return mark, refusal.Ended(operation, ctx.Err())
		case <-db.closing:
			return mark, refusal.Closed()
		}
	}
}
