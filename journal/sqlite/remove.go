package sqlite

import (
	"cmp"
	"context"
	"database/sql"
	"database/sql/driver"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"time"

	lib "modernc.org/sqlite/lib"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/cost"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/journal/internal/refusal"
)

// Remove implements journal.Remover. What is removed is overwritten (secure_delete), then
// the database is written anew and the log emptied, which wants free space of twice its
// size and has others that write wait. Where another process keeps it from that for longer
// than 10 seconds it is ErrStorage, although all is removed.
func (db *DB) Remove(ctx context.Context, runs ...journal.Shown) (done journal.Removed, err error) {
	const operation = "remove runs"
	if err := db.enter(ctx, operation); err != nil {
		return done, err
	}
	defer db.calls.Done()
	if db.writer == nil {
		return done, refusal.ReadOnly(operation)
	}
	leave, err := db.procs.enterRemoval(ctx)
	if err != nil {
		return done, failure(db.path, operation, err)
	}
	defer leave()
	for some := range slices.Chunk(runs, 200) {
		var part journal.Removed
		if err = db.writer.doAlone(ctx, &op{name: operation, apply: func(t *tx) (err error) {
			part, err = db.remove(t, some)
			return err
		}}); err != nil {
			break
		}
		done.Runs, done.Kept = append(done.Runs, part.Runs...), append(done.Kept, part.Kept...)
	}
	swept := failure(db.path, operation, cmp.Or(db.sweepBlobs(ctx), db.sweepSearched(ctx))) // what went, and what an earlier removal has left
	return done, cmp.Or(err, swept, db.writer.rewrite(ctx))
}

// removeLock is held while runs are removed, by one process at a time: what the blobs
// are still needed for is read before it is decided, and numbers of events that were
// removed are used again.
const removeLock = "remove"

func (p *procs) enterRemoval(ctx context.Context) (leave func(), err error) {
	return p.enterBy(ctx, removeLock, func() {})
}

// remove deletes what is stored of those runs that can be removed, apart from blobs.
func (db *DB) remove(t *tx, runs []journal.Shown) (done journal.Removed, err error) {
	numbers := []int64{}
	for _, shown := range runs {
		n, err := db.removable(t, shown)
		var refused *pawl.Error
		switch {
		case errors.As(err, &refused):
			done.Kept = append(done.Kept, err)
			continue
		case err != nil:
			return done, err
		}
		if err := t.lose(n); err != nil {
			return done, err
		}
		if err := t.count(n, cost.Happened{What: cost.Gone}, db.time()); err != nil {
			return done, err
		}
		numbers = append(numbers, n)
		done.Runs = append(done.Runs, shown.Run)
	}
	list, err := json.Marshal(numbers)
	if err != nil {
		return done, err
	}
	if err := t.forgetWho(string(list)); err != nil {
		return done, err
	}
	err = db.changeSearched(t, func() error {
		return t.once("DELETE FROM searched WHERE rowid IN (SELECT value FROM json_each(?))", string(list))
	})
	if refused := (*pawl.Error)(nil); errors.As(err, &refused) {
		return done, dirty{err} // what could still be found is not removed
	} else if err != nil {
		return done, err
	}
	for _, q := range []string{blank("events", "body") + "run", blank("posts", "decision") + "run", blank("posts", "directive") + "run", "DELETE FROM blockers WHERE run", "DELETE FROM notices WHERE run", "DELETE FROM posts WHERE run", "DELETE FROM events WHERE run", "DELETE FROM runs WHERE n"} {
		if err := t.once(q+" IN (SELECT value FROM json_each(?))", string(list)); err != nil {
			return done, err
		}
	}
	return done, nil
}

// sweepSearched deletes the trigrams that no run has any more: those of removed runs are
// only marked. It writes all of their table anew.
func (db *DB) sweepSearched(ctx context.Context) error {
	return db.writer.doAlone(ctx, &op{name: "remove what no search finds", apply: func(t *tx) error {
		return db.changeSearched(t, func() error { return t.once("INSERT INTO searched (searched) VALUES ('optimize')") })
	}})
}

// removable returns a run's number, and refuses a run that is not there, held, or not as
// it was shown.
func (db *DB) removable(t *tx, shown journal.Shown) (n int64, err error) {
	r, err := t.run(shown.Run)
	if err != nil {
		return 0, err
	}
	if r.owner != "" {
		holder, err := db.holder(t, r.owner)
		if err != nil {
			return 0, err
		}
		if holder != "" {
			return 0, refusal.Held(shown.Run, holder, journal.ErrHeld)
		}
	}
	if shown.Seq != 0 && shown.Seq != r.last.Seq {
		rows, err := t.conn.(driver.QueryerContext).QueryContext(t.ctx, "SELECT status FROM runs WHERE n = ?", t.values.set([]driver.Value{r.n}))
		var status [1]driver.Value
		if err := only(rows, err, status[:]); err != nil {
			return 0, err
		}
		stands, _ := status[0].(string)
		return 0, refusal.Changed(shown.Run, pawl.Status(stands))
	}
	return r.n, nil
}

// blank begins a statement that overwrites a column where it lies, with as many bytes: when
// rows are deleted SQLite moves their neighbours, and leaves what it moved behind.
func blank(table, column string) string {
	size := "length(CAST(" + column + " AS BLOB))"
	return "UPDATE " + table + " SET " + column + " = substr(hex(zeroblob((" + size + " + 1) / 2)), 1, " + size + ") WHERE " + column + " IS NOT NULL AND "
}

// doAlone executes an operation in a transaction of its own, in which nothing looks for
// rows that refer to what is deleted: for lack of an index that would read all events for
// each blob.
func (w *writer) doAlone(ctx context.Context, o *op) error {
	w.turn <- struct{}{}
	defer func() { <-w.turn }()
	if _, err := w.conn.ExecContext(w.ctx, "PRAGMA foreign_keys(0)"); err != nil {
		return failure(w.path, o.title(), err)
	}
	defer w.conn.ExecContext(w.ctx, "PRAGMA foreign_keys(1)")
	err := w.begin(ctx)
	if errors.Is(err, errNotWaited) {
		return refusal.Ended(o.title(), ctx.Err())
	}
	answers, err := w.transact([]*op{o}, err)
	if err == nil {
		err = answers[0]
	}
	return w.explain(o, err)
}

// once executes a statement that is not worth being kept.
func (t *tx) once(query string, args ...driver.Value) error {
	_, err := t.changed(query, args...)
	return err
}

// changed is once, and returns how many rows were changed.
func (t *tx) changed(query string, args ...driver.Value) (int64, error) {
	r, err := t.conn.(driver.ExecerContext).ExecContext(t.ctx, query, t.values.set(args))
	if err != nil {
		return 0, err
	}
	return r.RowsAffected()
}

// anyRow is nil if a query that is not worth being kept has a row, and else sql.ErrNoRows.
func (t *tx) anyRow(query string, args ...driver.Value) error {
	rows, err := t.conn.(driver.QueryerContext).QueryContext(t.ctx, query, t.values.set(args))
	return only(rows, err, make([]driver.Value, 1))
}

// sweepBlobs deletes the blobs that no event names. It reads all bodies, and blocks nobody
// meanwhile; those that came since are read in the transaction that deletes.
func (db *DB) sweepBlobs(ctx context.Context) error {
	unused, last, err := db.unusedBlobs(ctx)
	if err != nil || len(unused) == 0 {
		return err
	}
	return db.writer.doAlone(ctx, &op{name: "remove what no run needs", apply: func(t *tx) error {
		since := map[string]bool{}
		rows, err := t.conn.(driver.QueryerContext).QueryContext(t.ctx, bodiesAfter, t.values.set([]driver.Value{last}))
		if err != nil {
			return err
		}
		var columns [3]driver.Value
		for err = rows.Next(columns[:]); err == nil; err = rows.Next(columns[:]) {
			addDigests(since, columns[1], columns[2])
		}
		if err := endOf(rows, err); err != nil {
			return err
		}
		for _, digest := range unused {
			if !since[digest] {
				if err := t.once("UPDATE blobs SET data = zeroblob(length(data)) WHERE digest = ?", digest); err != nil {
					return err
				}
				if err := t.once("DELETE FROM blobs WHERE digest = ?", digest); err != nil {
					return err
				}
			}
		}
		return nil
	}})
}

// bodiesAfter selects the bodies of the events after one, and the blobs that they are in.
const bodiesAfter = `SELECT e.n, e.blob, coalesce(e.body, b.data) FROM events e LEFT JOIN blobs b ON b.digest = e.blob WHERE e.n > ? ORDER BY e.n`

// unusedBlobs returns the blobs that no event up to the last one names.
func (db *DB) unusedBlobs(ctx context.Context) (unused []string, last int64, err error) {
	read, err := db.readers.BeginTx(ctx, nil) // one state of the database for both
	if err != nil {
		return nil, 0, err
	}
	defer read.Rollback()
	used := map[string]bool{}
	rows, err := read.QueryContext(ctx, bodiesAfter, 0)
	err = each(rows, err, func(row *sql.Rows) error {
		var blob, body any
		err := row.Scan(&last, &blob, &body)
		addDigests(used, blob, body)
		return err
	})
	if err != nil {
		return nil, 0, err
	}
	rows, err = read.QueryContext(ctx, "SELECT digest FROM blobs")
	err = each(rows, err, func(row *sql.Rows) error {
		var digest string
		err := row.Scan(&digest)
		if !used[digest] {
			unused = append(unused, digest)
		}
		return err
	})
	return unused, last, err
}

func addDigests(to map[string]bool, columns ...any) {
	for _, c := range columns {
		switch c := c.(type) {
		case string:
			journal.AddDigests(to, []byte(c))
		case []byte:
			journal.AddDigests(to, c)
		}
	}
}

// emptyFor is how long the database is tried to be rewritten and the log to be emptied.
const emptyFor = 10 * time.Second

// rewrite writes the database anew without what lies between its rows, copies all of the
// log to it and cuts that file to nothing, when no other process stands in the way. Where a
// row has grown SQLite has moved its neighbours, and what it moved stands in free space
// that nothing but a rewriting overwrites for certain.
func (w *writer) rewrite(ctx context.Context) error {
	w.turn <- struct{}{}
	defer func() { <-w.turn }()
	rewritten := false
	for until := time.Now().Add(emptyFor); ; {
		var busy int
		var err error
		if !rewritten {
			_, err = w.conn.ExecContext(w.ctx, "VACUUM")
			rewritten = err == nil
		}
		if err == nil {
			err = w.conn.QueryRowContext(w.ctx, "PRAGMA wal_checkpoint(TRUNCATE)").Scan(&busy, new(int), new(int))
		}
		switch {
		case err != nil && code(err) != lib.SQLITE_BUSY:
			return failure(w.path, "rewrite the database", err)
		case err == nil && busy == 0:
			w.log.tried = 0
			return nil
		case ctx.Err() != nil:
			return refusal.Ended("rewrite the database", ctx.Err())
		case time.Now().After(until):
			return &pawl.Error{
				Kind:    pawl.ErrStorage,
				Message: fmt.Sprintf("the runs are removed, but what was in them can still be read in %q or %q: another process reads or writes the database all the time", filepath.Base(w.path), filepath.Base(w.path)+"-wal"),
				Hint:    "remove something again when it has ended",
			}
		}
	}
}
