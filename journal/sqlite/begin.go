package sqlite

import (
	"cmp"
	"context"
	"database/sql/driver"
	"errors"
	"fmt"

	lib "modernc.org/sqlite/lib"

	"github.com/pawlrun/pawl"
)

// errNotWaited says that the database was not free, and the caller waits no longer.
var errNotWaited = errors.New("not waited for")

// begin begins a transaction when no other process writes. It waits for that as long as
// it takes: a process that is suspended in a commit is no fault of the database, and
// what waits to be written may have been paid for. When ctx ends it returns
// errNotWaited, when the DB is being closed the error of SQLite.
//
// A database that a newer version has brought to its own form meanwhile is written no
// more. This DB then lets go of its lock file, so that its runs are free for others.
func (w *writer) begin(ctx context.Context) error {
	wait := w.waits.on(writeLock)
	for {
		if w.broken != nil {
			return w.broken
		}
		err := w.tryBegin()
		if code(err) != lib.SQLITE_BUSY || !wait.goesOn() {
			return err
		}
		select {
		case <-w.closing:
			wait.hurry()
		case <-ctx.Done():
			return errNotWaited
		default:
		}
	}
}

func (w *writer) tryBegin() (err error) {
	rawErr := w.conn.Raw(func(any) error {
		err = w.tryBeginRaw()
		return nil
	})
	return cmp.Or(err, rawErr)
}

func (w *writer) tryBeginRaw() error {
	t := w.open()
	defer w.shut(t)
	if _, err := t.exec(w.beginTx); err != nil {
		return err
	}
	err := w.look(t)
	if err != nil {
		w.abort(t, err)
	}
	return err
}

// look sees whether somebody else has committed since the last time.
func (w *writer) look(t *tx) error {
	var column [1]driver.Value
	if err := t.row(column[:], w.statements.others); err != nil {
		return err
	}
	before := w.others
	if w.others = number(column[0]); w.others == before {
		return nil
	}
	w.doubt()
	err := t.row(column[:], w.version)
	if n := int(number(column[0])); err == nil && n > SchemaVersion() {
		err = newerSchema(w.path, n)
		w.broken = err
		w.outdated()
	}
	return err
}

func newerSchema(path string, version int) error {
	return &pawl.Error{
		Kind: pawl.ErrDatabase,
		Message: fmt.Sprintf("database %q was brought to the form of a newer version of Pawl while this process used it (schema %d, this one knows %d); this process writes no more, and its runs are free for others",
			path, version, SchemaVersion()),
		Hint: "end this process and go on with that version",
	}
}
