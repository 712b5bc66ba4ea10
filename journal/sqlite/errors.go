package sqlite

import (
	"context"
	"errors"
	"fmt"

	"modernc.org/sqlite"
	lib "modernc.org/sqlite/lib"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/journal/internal/refusal"
)

const (
	otherDirectory = "move it away"
	damagedHint    = "restore it from a backup, or move it away"
	freeSpace      = "free some space, then try again"
)

// code returns the primary SQLite code of an error, and 0 if it has none.
func code(err error) int {
	var e *sqlite.Error
	if errors.As(err, &e) {
		return e.Code() & 0xff
	}
	return 0
}

// fatal reports whether, after this error, nothing that was written may be
// trusted to reach the disk: a second sync can succeed with the data gone.
func fatal(err error) bool {
	switch code(err) {
	case lib.SQLITE_IOERR, lib.SQLITE_CORRUPT, lib.SQLITE_NOTADB:
		return true
	}
	return false
}

// failure makes the *pawl.Error for what went wrong in an operation on the file
// at path. An error that already is one stays as it is.
func failure(path, operation string, err error) error {
	var known *pawl.Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &known):
		return known
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return refusal.Ended(operation, err)
	}
	e := &pawl.Error{Kind: pawl.ErrStorage, Message: fmt.Sprintf("%s: database %q: %v", operation, path, err), Err: err}
	is := code(err)
	if is == lib.SQLITE_IOERR && hasNoSpace(path) { // it says so of the log's index alone
		is = lib.SQLITE_FULL
	}
	switch is {
	case lib.SQLITE_CORRUPT:
		e.Kind = pawl.ErrDatabase
		e.Message = fmt.Sprintf("%s: database %q is damaged: %v", operation, path, err)
		e.Hint = damagedHint
	case lib.SQLITE_NOTADB:
		e.Kind = pawl.ErrDatabase
		e.Message = fmt.Sprintf("%s: file %q is not an SQLite database", operation, path)
		e.Hint = otherDirectory
	case lib.SQLITE_FULL:
		e.Message = fmt.Sprintf("%s: the disk of database %q is full", operation, path)
		e.Hint = freeSpace
	case lib.SQLITE_BUSY:
		h := writeLock.of(path)
		e.Message = fmt.Sprintf("%s: %s has database %q locked", operation, h, path)
		e.Hint = "see whether it hangs, then try again"
		if h.suspended {
			e.Hint = "it is suspended: have it go on or end it, then try again"
		}
	case lib.SQLITE_READONLY, lib.SQLITE_CANTOPEN, lib.SQLITE_PERM:
		e.Hint = "check the permissions of the data directory"
	case lib.SQLITE_IOERR:
		e.Hint = "check the disk, then start again"
	}
	return e
}
