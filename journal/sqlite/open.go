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

	"github.com/pawlrun/pawl"
)

// FileName is the database within a data directory.
const FileName = "pawl.db"

// Options are what a caller may choose. Nil means all defaults.
type Options struct {
	// Now is the clock that dates claimed events; nil means time.Now.
	Now func() time.Time
}

// Open opens the journal in a data directory and makes what is missing: the
// directory, for this user alone, and the database in it. A database of an
// older version is brought to the newest.
//
// A database that is damaged, foreign or from a newer version is ErrDatabase; a
// dir that is a file is ErrInput; one that cannot be written is ErrStorage. What
// is refused is not changed, and what Open has made by then is removed. ctx
// bounds the opening alone.
func Open(ctx context.Context, dir string, o *Options) (*DB, error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return nil, unusable(dir, err)
	}
	db := &DB{path: filepath.Join(abs, FileName), now: time.Now, numbers: map[pawl.RunID]int64{}, closing: make(chan struct{})}
	if o != nil && o.Now != nil {
		db.now = o.Now
	}
	if err := checkDirectory(abs); err != nil {
		return nil, err
	}
	if err := probe(ctx, db.path); err != nil {
		return nil, err
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
	for d := filepath.Join(dir, "procs"); ; d = filepath.Dir(d) {
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
	db.procs.dir = filepath.Join(dir, "procs")
	leave, err := db.procs.enter(ctx)
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
// with an error.
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

	pool, err := sql.Open("sqlite", writerDSN(db.path))
	if err != nil {
		return err
	}
	undo = append(undo, func() { pool.Close() })
	pool.SetMaxOpenConns(1)
	conn, err := pool.Conn(ctx)
	if err != nil {
		return err
	}
	undo = append(undo, func() { conn.Close() })
	var version string
	if err := conn.QueryRowContext(ctx, "SELECT sqlite_version()").Scan(&version); err != nil {
		return err
	}
	if err := checkLibrary(version); err != nil {
		return err
	}
	if err := migrate(ctx, conn, db.path); err != nil {
		return err
	}

	if err := db.procs.join(); err != nil {
		return unusable(dir, err)
	}
	undo = append(undo, db.procs.leave)
	if err := db.sweep(ctx, conn); err != nil {
		return err
	}
	statements, err := prepare(ctx, conn)
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
	if err := db.changes.open(ctx, readPool); err != nil {
		return err
	}

	db.writer = newWriter(ctx, db.path, pool, conn, statements, db.changes.committed)
	return nil
}

// createFile makes an empty file for this user alone, if there is none; log and
// index inherit its mode. It never opens one that exists: see the package
// comment.
func createFile(path string) (created bool, err error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return true, f.Close()
}

// sweep forgets those that are dead and gives their runs back.
func (db *DB) sweep(ctx context.Context, c *sql.Conn) error {
	ids, err := db.procs.dead()
	if err != nil {
		return err
	}
	for _, id := range ids {
		for _, q := range []string{"UPDATE runs SET owner = NULL WHERE owner = ?", "DELETE FROM procs WHERE id = ?"} {
			if _, err := c.ExecContext(ctx, q, id); err != nil {
				return err
			}
		}
	}
	return nil
}
