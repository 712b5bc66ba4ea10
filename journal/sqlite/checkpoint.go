package sqlite

import (
	"context"
	"database/sql/driver"
	"io"
	"os"
)

// logState is what the writer knows of the write-ahead log, in bytes.
type logState struct {
	passive  int64 // growth after which it is copied to the database
	truncate int64 // size above which readers are waited for a little
	tried    int64 // its size when it was last copied
	unseen   int64 // about what was written since its size was last asked for
	room     int64 // what its file had room for then
	longer   int64 // by how much its file is to be made longer; 0: it is long enough
}

func newLogState() logState { return logState{passive: 4 << 20, truncate: 64 << 20} }

// checkpoint copies the log to the database when it has grown enough. It counts
// bytes, not events: a log of few large events is as slow to read as one of many
// small ones. Errors are left to the next commit, which meets them too.
//
// written is about what has been committed. Asking for the log's size takes a
// tenth of a commit, so that is not done after each.
func (w *writer) checkpoint(ctx context.Context, written int) {
	w.log.unseen += int64(written) + leastPages*pageBytes
	if w.broken != nil || w.log.unseen < min(w.log.passive/8, w.log.room) {
		return
	}
	w.log.unseen = 0
	size := w.logBytes(ctx)
	w.log.room = w.fileBytes() - size - leastRoom
	if w.log.room < 0 {
		w.log.longer = min(max(size, 128<<10), 1<<20)
		w.log.room = w.log.longer
	}
	if size < w.log.tried { // it began anew
		w.log.tried = 0
	}
	if size-w.log.tried < w.log.passive {
		return
	}
	w.log.tried = size
	if size < w.log.truncate {
		w.conn.ExecContext(ctx, "PRAGMA wal_checkpoint(PASSIVE)")
		return
	}
	w.truncate(ctx)
}

// logBytes returns the part of the log that is in use. The file may be larger.
func (w *writer) logBytes(ctx context.Context) int64 {
	var busyFramesCopied [3]driver.Value
	err := w.conn.Raw(func(any) error {
		rows, err := w.logSize.QueryContext(ctx, nil)
		return only(rows, err, busyFramesCopied[:])
	})
	if err != nil {
		return 0
	}
	return max(number(busyFramesCopied[1]), 0) * pageBytes
}

// lengthen makes the log's file longer when it has room for few commits more, so that not
// each of them changes its size, which takes the sync as long as what it is there for. It is
// called in a transaction alone, when nobody else adds to the log. What it appends is
// nothing, for SQLite: a log ends where what follows was not made for it. An error is left to
// the commit.
func (w *writer) lengthen() {
	if w.log.longer == 0 {
		return
	}
	by := w.log.longer
	w.log.longer = 0
	f, err := os.OpenFile(w.path+"-wal", os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		return
	}
	io.CopyN(f, nothing{}, by)
	f.Close()
}

// nothing reads as zeros.
type nothing struct{}

func (nothing) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

// fileBytes is the size of the log's file.
func (w *writer) fileBytes() int64 {
	info, err := os.Stat(w.path + "-wal")
	if err != nil {
		return 0
	}
	return info.Size()
}

const (
	leastRoom  = 32 << 10  // of the log's file, for what is committed before it becomes longer
	pageBytes  = 4096 + 24 // about what one page takes in the log
	leastPages = 4         // about what a commit changes
)

// rest copies all of the log when nothing has been written for long. Its file is kept for
// what comes next, unless it is large.
func (w *writer) rest(ctx context.Context) {
	size := w.fileBytes()
	if w.broken != nil || size == 0 {
		return
	}
	if size > 2*w.log.passive {
		w.truncate(ctx)
		return
	}
	w.conn.ExecContext(ctx, "PRAGMA wal_checkpoint(PASSIVE)")
	w.log.tried = w.logBytes(ctx)
}

// truncate copies all of the log and empties its file. Readers and writers in
// other processes are waited for a moment only.
func (w *writer) truncate(ctx context.Context) {
	if w.broken != nil || w.fileBytes() == 0 {
		return
	}
	w.conn.ExecContext(ctx, "PRAGMA busy_timeout(20)")
	w.conn.ExecContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)")
	w.conn.ExecContext(ctx, "PRAGMA "+busyPragma(busyStep))
	w.log.tried = w.logBytes(ctx)
}
