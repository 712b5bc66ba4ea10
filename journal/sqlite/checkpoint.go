package sqlite

import (
	"context"
	"database/sql/driver"
	"os"
)

// logState is what the writer knows of the write-ahead log, in bytes.
type logState struct {
	passive  int64 // growth after which it is copied to the database
	truncate int64 // size above which readers are waited for a little
	tried    int64 // its size when it was last copied
	unseen   int64 // about what was written since its size was last asked for
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
	if w.broken != nil || w.log.unseen < w.log.passive/8 {
		return
	}
	w.log.unseen = 0
	size := w.logBytes(ctx)
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

const (
	pageBytes  = 4096 + 24 // about what one page takes in the log
	leastPages = 4         // that a commit changes
)

// rest copies all of the log when nothing has been written for long. Its file is kept for
// what comes next, unless it is large.
func (w *writer) rest(ctx context.Context) {
	info, err := os.Stat(w.path + "-wal")
	if w.broken != nil || err != nil || info.Size() == 0 {
		return
	}
	if info.Size() > 2*w.log.passive {
		w.truncate(ctx)
		return
	}
	w.conn.ExecContext(ctx, "PRAGMA wal_checkpoint(PASSIVE)")
	w.log.tried = w.logBytes(ctx)
}

// truncate copies all of the log and empties its file. Readers and writers in
// other processes are waited for a moment only.
func (w *writer) truncate(ctx context.Context) {
	if info, err := os.Stat(w.path + "-wal"); w.broken != nil || err != nil || info.Size() == 0 {
		return
	}
	w.conn.ExecContext(ctx, "PRAGMA busy_timeout(20)")
	w.conn.ExecContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)")
	w.conn.ExecContext(ctx, "PRAGMA "+busyPragma(busyStep))
	w.log.tried = w.logBytes(ctx)
}
