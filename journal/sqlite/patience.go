package sqlite

import (
	"cmp"
	"context"
	"fmt"
	"path/filepath"
	"time"

	lib "modernc.org/sqlite/lib"
)

const (
	// busyStep is how long SQLite itself waits for the one that writes; then we look
	// whether there is still somebody who wants to, and try again.
	busyStep = 250 * time.Millisecond

	// readTimeout is how long a reader waits. It has to only while another process
	// puts the log in order, after a crash or at its end.
	readTimeout = 10 * time.Second

	// tellAfter is how long a wait for another process may take without a word;
	// tellEvery, after how long it is said again.
	tellAfter = time.Second
	tellEvery = time.Minute

	// hurryFor bounds a wait that goes on while the DB is being closed.
	hurryFor = 2 * time.Second
)

// patience says for whom operations wait.
type patience struct {
	path string       // of the database
	tell func(string) // nil: nobody wants to know
}

// wait is one wait for other processes. The zero time is before it had to.
type wait struct {
	*patience
	lock  heldLock
	since time.Time
	next  time.Time // when it is said next
	until time.Time // when it is given up; zero: never
}

func (p *patience) on(l heldLock) wait { return wait{patience: p, lock: l} }

// goesOn is called each time that it was in vain, and reports whether to try again.
func (w *wait) goesOn() bool {
	now := time.Now()
	if w.since.IsZero() {
		w.since, w.next = now, now.Add(tellAfter)
	}
	if w.tell != nil && !now.Before(w.next) {
		w.next = now.Add(tellEvery)
		w.tell(w.lock.of(w.path).waiting(now.Sub(w.since)))
	}
	return w.until.IsZero() || now.Before(w.until)
}

// retry calls f until it does not find the database locked, or ctx ends.
func (p *patience) retry(ctx context.Context, f func() error) error {
	for wait := p.on(writeLock); ; wait.goesOn() {
		if err := f(); code(err) != lib.SQLITE_BUSY || ctx.Err() != nil {
			return cmp.Or(ctx.Err(), err)
		}
	}
}

// hurry has the wait end soon.
func (w *wait) hurry() {
	if w.until.IsZero() {
		w.until = time.Now().Add(hurryFor)
	}
}

// heldLock is a lock that one process has at a time.
type heldLock int

const (
	writeLock heldLock = iota // SQLite's, of whoever writes
	openingLock
)

// of says who has the lock of the database at path, as far as that is to be known.
func (l heldLock) of(path string) holder {
	h := holder{does: fmt.Sprintf("has database %q locked", path)}
	file, at := path+"-shm", int64(writeLockByte)
	if l == openingLock {
		h.does = fmt.Sprintf("is about to open database %q", path)
		file, at = filepath.Join(filepath.Dir(path), procsDir, openLock), 0
	}
	h.pid = lockHolder(file, at)
	h.suspended = h.pid != 0 && isSuspended(h.pid)
	return h
}

// writeLockByte is the byte of the index of the log that stands for the right to write:
// https://www.sqlite.org/walformat.html#locks.
const writeLockByte = 120

// holder is a process that has a lock.
type holder struct {
	pid       int // 0: not known
	does      string
	suspended bool
}

func (h holder) String() string {
	if h.pid == 0 {
		return "another process"
	}
	return process(h.pid)
}

// waiting says for whom somebody has waited for so long.
func (h holder) waiting(took time.Duration) string {
	text := fmt.Sprintf("waiting for %s, which %s", h, h.does)
	if h.suspended {
		text += " and is suspended; have it go on, or end it"
	}
	if took >= tellEvery {
		text += fmt.Sprintf(" (for %v)", took.Round(time.Second))
	}
	return text
}
