package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	lib "modernc.org/sqlite/lib"

	"github.com/pawlrun/pawl"
)

// FileName is the database within a data directory.
const FileName = "pawl.db"

// Options are what a caller may choose. Nil means all defaults.
type Options struct {
	// Now is the clock that dates claimed events; nil means time.Now.
	Now func() time.Time

	// ReadOnly opens a database to read it: nothing is written to it and nothing locked
	// that others want, so that neither a process that writes nor a directory that cannot be
	// written stands in the way. Where the directory can be written SQLite may make its two
	// files beside the database, FileName with -wal and -shm. Every other call is ErrStorage. Only a database of an older version is still
	// brought to the newest, which needs all that Open needs otherwise. Without a
	// database Open is ErrNotFound.
	ReadOnly bool

	// Waits is told, in words, for which process an operation waits: after a second, and
	// then every minute. It is called by whoever waits. It is also told how far it is to bring
	// a large database of an older version to the newest, and what does not become searchable.
	// Nil: nobody is told.
	Waits func(message string)
}

// Open opens the journal in a data directory and makes what is missing: the
// directory, for this user alone, and the database in it. A database of an
// older version is brought to the newest.
//
// A database that is damaged, foreign or from a newer version is ErrDatabase, and so is
// an empty file where there was one; a dir that is a file is ErrInput; one that cannot
// be written is ErrStorage. What is refused is not changed, and what Open has made by
// then is removed. While another process opens the database, or writes to it and this
// one has to, Open waits. ctx bounds the opening alone.
func Open(ctx context.Context, dir string, o *Options) (*DB, error) {
	lockByDescription()
	abs, err := filepath.Abs(dir)
	if err != nil {
		return nil, unusable(dir, err)
	}
	if o == nil {
		o = &Options{}
	}
	db := &DB{path: filepath.Join(abs, FileName), now: o.Now, held: map[pawl.RunID]held{}, changes: newChanges(), closing: make(chan struct{})}
	if db.now == nil {
		db.now = time.Now
	}
	db.waits = patience{path: db.path, tell: o.Waits}
	db.procs.dir = filepath.Join(abs, procsDir)
	if err := checkDirectory(abs); err != nil {
		return nil, err
	}
	if err := probe(ctx, db.path); err != nil {
		return nil, err
	}
	if o.ReadOnly {
		if done, err := db.openReadOnly(ctx); err != nil {
			return nil, failure(db.path, "open", err)
		} else if done {
			return db, nil
		}
	}
	undo, err := makeDirectories(abs)
	if err != nil {
		undo()
		return nil, unusable(abs, err)
	}
	if err := db.open(ctx, abs); err != nil {
		undo()
		return nil, failure(db.path, "open", err)
	}
	return db, nil
}

func checkDirectory(dir string) error {
	info, err := os.Stat(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return unusable(dir, err)
	case !info.IsDir():
		return &pawl.Error{
			Kind:    pawl.ErrInput,
			Message: fmt.Sprintf("data directory %q is a file", dir),
			Hint:    "move that file away",
		}
	}
	return nil
}

// makeDirectories makes dir with all above it, and procs within. undo removes
// what it has made, as far as nothing else lies in it.
func makeDirectories(dir string) (undo func(), err error) {
	var made []string
	undo = func() {
		for _, d := range made {
			os.Remove(filepath.Join(d, openLock))
			os.Remove(d)
		}
	}
	var missing []string
	for d := filepath.Join(dir, procsDir); ; d = filepath.Dir(d) {
		if _, err := os.Stat(d); err == nil || d == filepath.Dir(d) {
			break
		}
		missing = append(missing, d)
	}
	for i := len(missing) - 1; i >= 0; i-- {
		err := os.Mkdir(missing[i], 0o700)
		switch {
		case err == nil:
			made = append([]string{missing[i]}, made...)
		case !errors.Is(err, fs.ErrExist): // another process was faster
			return undo, err
		}
	}
	return undo, nil
}

// open opens the database while nobody else does.
func (db *DB) open(ctx context.Context, dir string) error {
	leave, err := db.procs.enter(ctx, &db.waits)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		return unusable(dir, err)
	}
	defer leave()
	return db.openAlone(ctx, dir)
}

// openAlone closes and removes again what it has opened and made if it ends
// with an error. No statement is interrupted when ctx ends: SQLite would end a
// transaction with it, and what follows would be stored by itself.
func (db *DB) openAlone(ctx context.Context, dir string) (err error) {
	var undo []func()
	defer func() {
		for i := len(undo) - 1; i >= 0 && err != nil; i-- {
			undo[i]()
		}
	}()

	created, err := createFile(db.path)
	if err != nil {
		return unusable(dir, err)
	}
	if created {
		undo = append(undo, func() { os.Remove(db.path) })
	}

	whole := context.WithoutCancel(ctx)
	pool, err := sql.Open("sqlite", writerDSN(db.path))
	if err != nil {
		return err
	}
	undo = append(undo, func() { pool.Close() })
	pool.SetMaxOpenConns(1)
	var conn *sql.Conn
	if err := db.waits.retry(ctx, func() (err error) { conn, err = pool.Conn(whole); return err }); err != nil {
		return err
	}
	undo = append(undo, func() { conn.Close() })
	var version string
	if err := conn.QueryRowContext(whole, "SELECT sqlite_version()").Scan(&version); err != nil {
		return err
	}
	if err := checkLibrary(version); err != nil {
		return err
	}
	if err := db.waits.retry(ctx, func() error { return migrate(ctx, conn, &db.waits) }); err != nil {
		return err
	}

	if err := db.procs.join(); err != nil {
		return unusable(dir, err)
	}
	undo = append(undo, db.procs.leave)
	if err := db.sweep(whole, conn); err != nil {
		return err
	}
	statements, err := prepare(whole, conn)
	if err != nil {
		return err
	}
	undo = append(undo, func() { statements.close() })

	readPool, err := sql.Open("sqlite", readerDSN(db.path))
	if err != nil {
		return err
	}
	undo = append(undo, func() { readPool.Close() })
	db.readers = newReaders(readPool)

	unsearchable, err := hasUnsearchable(whole, conn)
	if err != nil {
		return err
	}
	db.writer = newWriter(whole, db, pool, conn, statements)
	if unsearchable {
		go db.makeSearchable(whole)
	}
	return nil
}

// sweep forgets those that are dead and gives their runs back. While another process
// writes it leaves that to the next one that opens the database.
func (db *DB) sweep(ctx context.Context, c *sql.Conn) error {
	ids, err := db.procs.dead()
	if err != nil {
		return err
	}
	for _, id := range ids {
		for _, q := range []string{"UPDATE runs SET owner = NULL WHERE owner = ?", "DELETE FROM procs WHERE id = ?"} {
			_, err := c.ExecContext(ctx, q, id)
			if code(err) == lib.SQLITE_BUSY {
				return nil
			}
			if err != nil {
				return err
			}
		}
		os.Remove(db.procs.path(id)) // last: it says that there is something to sweep
	}
	return nil
}
