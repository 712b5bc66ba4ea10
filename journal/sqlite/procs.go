package sqlite

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/gofrs/flock"
)

// procs is the folder of lock files. An open DB holds the lock on its own file
// there for as long as it lives, so whoever can lock the file knows that its
// owner is dead now. There is no lease to wait out.
type procs struct {
	dir  string
	self string // this DB's id
	lock *flock.Flock
}

// procsDir is its name within the data directory.
const procsDir = "procs"

// openLock is held while a database is opened, so that two processes do not
// create it at once, and while lock files are made and removed.
const openLock = "open.lock"

func newLock(path string, flag int) *flock.Flock {
	return flock.New(path, flock.SetFlag(flag|os.O_RDWR), flock.SetPermissions(0o600))
}

// enter takes the lock under which databases are opened, when nobody else has it.
func (p *procs) enter(ctx context.Context, waits *patience) (leave func(), err error) {
	wait := waits.on(openingLock)
	return p.enterBy(ctx, openLock, func() { wait.goesOn() })
}

// enterBy takes the lock of that name, and calls inVain now and then while another
// process has it.
func (p *procs) enterBy(ctx context.Context, name string, inVain func()) (leave func(), err error) {
	for l := newLock(filepath.Join(p.dir, name), os.O_CREATE); ; inVain() {
		one, cancel := context.WithTimeout(ctx, busyStep)
		locked, err := l.TryLockContext(one, 5*time.Millisecond)
		cancel()
		switch {
		case locked:
			return func() { l.Unlock() }, nil
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case !errors.Is(err, context.DeadlineExceeded):
			return nil, err
		}
	}
}

// join makes this DB's lock file and locks it.
func (p *procs) join() error {
	p.self = strings.ToLower(rand.Text()[:12])
	p.lock = newLock(p.path(p.self), os.O_CREATE)
	ok, err := p.lock.TryLock()
	if err == nil && !ok {
		err = errors.New("someone else locked it")
	}
	if err != nil {
		return fmt.Errorf("lock %q: %w", p.lock.Path(), err)
	}
	return nil
}

// leave lets others see that this DB is no more. Windows cannot remove a file
// that is open, others cannot tell whose it is once it is unlocked; hence both.
func (p *procs) leave() {
	os.Remove(p.lock.Path())
	p.lock.Unlock()
	os.Remove(p.lock.Path())
}

// die lets others see that this DB is no more and has left something, as if its process
// had been killed.
func (p *procs) die() { p.lock.Unlock() }

// alive reports whether the DB with that id is open. The lock is tried shared:
// two that look at the same time do not take each other for the owner.
func (p *procs) alive(id string) (bool, error) {
	if id == p.self {
		return true, nil
	}
	l := flock.New(p.path(id), flock.SetFlag(os.O_RDONLY))
	ok, err := l.TryRLock()
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return false, nil
	case err != nil:
		return false, fmt.Errorf("look at lock %q: %w", l.Path(), err)
	}
	l.Unlock()
	return !ok, nil
}

// dead returns the ids of those who have left a lock file and are dead. It is called
// with the open lock held: without it somebody could be among them who has made the
// file and not yet locked it.
func (p *procs) dead() ([]string, error) {
	files, err := lockFiles(p.dir)
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, file := range files {
		id, _ := strings.CutSuffix(filepath.Base(file), ".lock")
		if filepath.Base(file) == openLock || id == p.self {
			continue
		}
		alive, err := p.alive(id)
		if err != nil {
			return nil, err
		}
		if !alive {
			ids = append(ids, id)
		}
	}
	return ids, nil
}

func (p *procs) path(id string) string { return filepath.Join(p.dir, id+".lock") }
