package sqlite

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/pawlrun/pawl"
)

// Backup writes a copy of the database, as it is at one moment, to a new file for this
// user alone: a database with nothing beside it, which is a data directory's as soon as
// it lies in one under [FileName]. Everything that was acknowledged by then is in it, and
// nobody is kept from writing.
//
// A file that is there is ErrInput. After an error there is none. A process that is
// killed leaves a hidden file beside it.
func (db *DB) Backup(ctx context.Context, path string) error {
	const operation = "back up"
	if err := db.enter(ctx, operation); err != nil {
		return err
	}
	defer db.calls.Done()
	if _, err := os.Lstat(path); err == nil {
		return &pawl.Error{Kind: pawl.ErrInput, Message: fmt.Sprintf("back up: %q is there already", path), Hint: "choose another name, or move it away"}
	}
	part, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".pawl-*") // for this user alone
	if err != nil {
		return unwritten(path, err)
	}
	defer os.Remove(part.Name())
	if err := part.Close(); err != nil {
		return unwritten(path, err)
	}
	if err := db.vacuumInto(ctx, part.Name()); err != nil {
		return failure(path, operation, err)
	}
	if err := syncFile(part.Name()); err != nil {
		return unwritten(path, err)
	}
	if err := publish(part.Name(), path); err != nil {
		return unwritten(path, err)
	}
	_ = syncFile(filepath.Dir(path)) // not every system can
	return nil
}

// vacuumInto has SQLite write the database into an empty file. A connection that only
// queries may not, although nothing of what it reads is written.
func (db *DB) vacuumInto(ctx context.Context, file string) error {
	abs, err := filepath.Abs(file)
	if err != nil {
		return err
	}
	c, err := db.readers.Conn(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	whole := context.WithoutCancel(ctx)
	if _, err := c.ExecContext(whole, "PRAGMA query_only(0)"); err != nil {
		return err
	}
	defer c.ExecContext(whole, "PRAGMA query_only(1)")
	_, err = c.ExecContext(ctx, "VACUUM INTO ?", fileURI(abs))
	if ctx.Err() != nil {
		err = ctx.Err()
	}
	return err
}

// publish gives a file its name, if nothing has that by now.
func publish(part, path string) error {
	err := os.Link(part, path)
	if err == nil || errors.Is(err, fs.ErrExist) {
		return err
	}
	if _, err := os.Lstat(path); err == nil { // a disk without links
		return fs.ErrExist
	}
	return os.Rename(part, path)
}

func syncFile(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

func unwritten(path string, err error) error {
	return &pawl.Error{Kind: pawl.ErrStorage, Message: fmt.Sprintf("back up to %q: %v", path, err), Err: err}
}
