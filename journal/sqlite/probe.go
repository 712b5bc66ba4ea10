package sqlite

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	_ "modernc.org/sqlite" // the driver "sqlite"
	lib "modernc.org/sqlite/lib"

	"github.com/pawlrun/pawl"
)

// applicationID marks a database as ours: "PAWL".
const applicationID = 0x5041574c

// oldestSQLite is the first without the defect by which connections that write
// and checkpoint at once could damage the file.
const oldestSQLite = "3.51.3"

// probe looks at an existing file without changing anything and refuses what is
// not ours. A file that is not there, or empty, is fine.
func probe(ctx context.Context, path string) error {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return unusable(path, err)
	case !info.Mode().IsRegular():
		return &pawl.Error{Kind: pawl.ErrDatabase, Message: fmt.Sprintf("open database %q: it is not a regular file", path), Hint: otherDirectory}
	case info.Size() == 0:
		return checkEmpty(path)
	}
	db, err := sql.Open("sqlite", probeDSN(path))
	if err != nil {
		return failure(path, "open", err)
	}
	defer db.Close()
	c, err := db.Conn(ctx)
	if err != nil {
		return failure(path, "open", err)
	}
	defer c.Close()
	h, err := readHeader(ctx, c)
	if code(err) == lib.SQLITE_CORRUPT {
		return nil // it may only look so without its log; opening it tells
	}
	if err != nil {
		return failure(path, "open", err)
	}
	return h.check(path)
}

// checkEmpty refuses an empty file where there was a database: SQLite would throw its log
// away. One with nothing beside it is a new database, or what a crash while it was made
// left behind.
func checkEmpty(path string) error {
	beside := ""
	if info, err := os.Stat(path + "-wal"); err == nil && info.Size() > 0 {
		beside = info.Name()
	}
	locks, _ := lockFiles(filepath.Join(filepath.Dir(path), procsDir))
	for _, l := range locks {
		if name := filepath.Base(l); name != openLock {
			beside = cmp.Or(beside, filepath.Join(procsDir, name))
		}
	}
	if beside == "" {
		return nil
	}
	return &pawl.Error{
		Kind:    pawl.ErrDatabase,
		Message: fmt.Sprintf("open database %q: it is empty, and %q beside it says that it was in use", path, beside),
		Hint:    "restore it from a backup, or move the directory away to begin anew",
	}
}

// header is what a database says of itself.
type header struct {
	application, version, tables int
}

func readHeader(ctx context.Context, c *sql.Conn) (h header, err error) {
	for _, q := range []struct {
		sql string
		to  *int
	}{
		{"PRAGMA application_id", &h.application},
		{"PRAGMA user_version", &h.version},
		{"SELECT count(*) FROM sqlite_schema", &h.tables},
	} {
		if err := c.QueryRowContext(ctx, q.sql).Scan(q.to); err != nil {
			return h, err
		}
	}
	return h, nil
}

// empty reports whether nothing has been stored, by us or others.
func (h header) empty() bool { return h == header{} }

func (h header) check(path string) error {
	known := len(migrations())
	switch {
	case h.empty():
		return nil
	case h.application != applicationID:
		return &pawl.Error{
			Kind:    pawl.ErrDatabase,
			Message: fmt.Sprintf("open database %q: it belongs to another program (application id %d)", path, h.application),
			Hint:    otherDirectory,
		}
	case h.version > known:
		return &pawl.Error{
			Kind:    pawl.ErrDatabase,
			Message: fmt.Sprintf("open database %q: it was written by a newer version of Pawl (schema %d, this one knows %d)", path, h.version, known),
			Hint:    "use that version",
		}
	}
	return nil
}

// checkLibrary refuses an SQLite that can damage the file.
func checkLibrary(version string) error {
	if compareVersions(version, oldestSQLite) < 0 {
		return &pawl.Error{
			Kind:    pawl.ErrInternal,
			Message: fmt.Sprintf("SQLite %s can damage databases that several processes use, at least %s is needed", version, oldestSQLite),
			Hint:    "build with a newer modernc.org/sqlite",
		}
	}
	return nil
}

// compareVersions compares dotted numbers; what is no number counts as 0.
func compareVersions(a, b string) int {
	as, bs := strings.Split(a, "."), strings.Split(b, ".")
	for i := range max(len(as), len(bs)) {
		var x, y int
		if i < len(as) {
			x, _ = strconv.Atoi(as[i])
		}
		if i < len(bs) {
			y, _ = strconv.Atoi(bs[i])
		}
		if x != y {
			return x - y
		}
	}
	return 0
}

func unusable(path string, err error) error {
	if isFull(err) {
		return &pawl.Error{Kind: pawl.ErrStorage, Message: fmt.Sprintf("use data directory %q: its disk is full", path), Hint: freeSpace, Err: err}
	}
	return &pawl.Error{
		Kind:    pawl.ErrStorage,
		Message: fmt.Sprintf("use data directory: %v", err),
		Hint:    fmt.Sprintf("check the permissions of %q", path),
		Err:     err,
	}
}
