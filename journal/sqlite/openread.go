package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"modernc.org/sqlite"
	lib "modernc.org/sqlite/lib"

	"github.com/pawlrun/pawl"
)

// openReadOnly opens the database for reading alone. It reports false where that does
// not do, since the database has to be written first: it is of an older version, or
// somebody died while it was made.
func (db *DB) openReadOnly(ctx context.Context) (done bool, err error) {
	if _, err := os.Stat(db.path); errors.Is(err, fs.ErrNotExist) {
		return false, noDatabase(db.path)
	}
	pool, h, err := openReaders(ctx, db.path)
	switch {
	case code(err) == lib.SQLITE_READONLY && !isUnmakeable(err):
		return false, nil
	case err != nil:
		return false, err
	}
	err = h.check(db.path)
	if err == nil && h.empty() {
		err = noDatabase(db.path)
	}
	if err == nil && h.version == SchemaVersion() {
		db.readers = newReaders(pool)
		return true, nil
	}
	return false, errors.Join(err, pool.Close())
}

// openReaders opens a pool that reads the database where nothing may be written.
func openReaders(ctx context.Context, path string) (*sql.DB, header, error) {
	pool, h, err := readersBy(ctx, readerDSN(path))
	if !isUnmakeable(err) {
		return pool, h, err
	}
	// A log cannot be made here. If nobody has one, the database is whole without it.
	switch info, serr := os.Stat(path + "-wal"); {
	case serr == nil && info.Size() > 0:
		return nil, h, &pawl.Error{
			Kind:    pawl.ErrStorage,
			Message: fmt.Sprintf("read database %q: it has a log, and the log's index %q can neither be read nor made here", path, path+"-shm"),
			Hint:    "copy the directory to where you can write",
			Err:     err,
		}
	case serr != nil && !errors.Is(serr, fs.ErrNotExist):
		return nil, h, err
	}
	return readersBy(ctx, frozenDSN(path))
}

// isUnmakeable reports whether SQLite could make no log, or no index of it, where the
// database lies: on a read-only file system, or in another user's directory.
func isUnmakeable(err error) bool {
	var e *sqlite.Error
	return errors.As(err, &e) && (e.Code()&0xff == lib.SQLITE_CANTOPEN || e.Code() == lib.SQLITE_READONLY_DIRECTORY)
}

func readersBy(ctx context.Context, dsn string) (*sql.DB, header, error) {
	pool, err := sql.Open("sqlite", dsn)
	if err != nil {
		return nil, header{}, err
	}
	c, err := pool.Conn(ctx)
	if err != nil {
		return nil, header{}, errors.Join(err, pool.Close())
	}
	h, err := readHeader(ctx, c)
	if err = errors.Join(err, c.Close()); err != nil {
		return nil, h, errors.Join(err, pool.Close())
	}
	return pool, h, nil
}

func noDatabase(path string) error {
	return &pawl.Error{Kind: pawl.ErrNotFound, Message: fmt.Sprintf("there is no database %q yet", path)}
}
