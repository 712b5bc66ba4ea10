package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"github.com/spf13/pflag"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/cli/internal/form"
	"github.com/pawlrun/pawl/cli/internal/term"
	"github.com/pawlrun/pawl/internal/wholefile"
)

// stateFlag is the flag of commands after which a run goes on here: its record is then
// also a file. There is one file, and not one for each step, so that whatever it holds is
// of one moment: what a step came to does not change any more, so the file as it was after
// a step is in the one after the next. It is named after the run, so that runs with the
// same directory do not take each other's files away.
func (a *app) stateFlag(flags *pflag.FlagSet) {
	flags.StringVar(&a.stateDir, "save-state", "", "after each step write the run as it stands, as JSON for reading, to RUN.json in `DIR`")
}

// checkState refuses a --save-state to which nothing could be written, be the directory
// there or yet to be made. It leaves nothing behind.
func (a *app) checkState() error {
	if a.stateDir == "" {
		return nil
	}
	at := filepath.Clean(a.stateDir)
	for {
		info, err := os.Stat(at)
		switch {
		case err == nil && !info.IsDir():
			return badInput("--save-state %q: %q is no directory", a.stateDir, at)
		case err == nil:
			f, err := os.CreateTemp(at, ".pawl-*")
			if err != nil {
				return badInput("--save-state %q: nothing can be written to %q: %v", a.stateDir, at, form.Cause(err))
			}
			return errors.Join(f.Close(), os.Remove(f.Name()))
		case !errors.Is(err, fs.ErrNotExist) || at == filepath.Dir(at):
			return badInput("--save-state %q: %v", a.stateDir, form.Cause(err))
		}
		at = filepath.Dir(at)
	}
}

// stateFile is the file that has the record of a run as it stands: for reading, since what
// counts is the journal. It is written on a goroutine of its own, so that a slow disk holds
// neither the run nor signals up; steps that finish while it is written come with the next
// writing. At any time there is a whole file, if an old one. Nil: there is none.
type stateFile struct {
	path   string
	record func() (pawl.RunRecord, error)
	due    chan struct{} // holds one if the run has changed since
	done   chan struct{} // closed when nothing more is written by itself

	mu   sync.Mutex
	err  error // why the file could not be written, the first time
	said bool
}

// saveState begins to keep the file of a run that is followed, if it was asked for.
func (a *app) saveState(ctx context.Context, s *store, id pawl.RunID) *stateFile {
	if a.stateDir == "" {
		return nil
	}
	f := &stateFile{path: a.statePath(id), due: make(chan struct{}, 1), done: make(chan struct{})}
	f.record = func() (pawl.RunRecord, error) { return a.get(ctx, s, id) }
	go func() {
		defer close(f.done)
		for range f.due {
			rec, err := f.record()
			if err == nil {
				err = writeState(f.path, rec)
			}
			f.mu.Lock()
			if f.err == nil {
				f.err = err
			}
			f.mu.Unlock()
		}
	}()
	return f
}

func (a *app) statePath(id pawl.RunID) string { return filepath.Join(a.stateDir, string(id)+".json") }

// writeState makes a file hold a record, or leaves it as it was. A new one, and its
// directory, can be read by their owner alone.
func writeState(path string, rec pawl.RunRecord) error {
	var b bytes.Buffer
	if err := writeJSON(&b, rec, "  "); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	f, err := wholefile.New(path)
	if err != nil {
		return err
	}
	defer f.Discard()
	if err := f.Chmod(0o600); err != nil {
		return err
	}
	if _, err := f.Write(b.Bytes()); err != nil {
		return err
	}
	return f.Commit() // with the rights of the one that was there
}

// event has the file written anew after an event that changes how the run stands. That an
// attempt leaves does not, and what a flow notes is not in the record.
func (f *stateFile) event(ev pawl.Event) {
	if f == nil || ev.Type == pawl.EventIntent || ev.Type == pawl.EventNote {
		return
	}
	select {
	case f.due <- struct{}{}:
	default: // it is about to be
	}
}

// failed is why the file could not be written, to be said once.
func (f *stateFile) failed() error {
	if f == nil {
		return nil
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.said {
		return nil
	}
	f.said = f.err != nil
	return f.err
}

// close ends the writing. Nothing is followed any more then.
func (f *stateFile) close() {
	if f != nil {
		close(f.due)
		<-f.done
	}
}

// leaveState writes the record of a run that is at rest as the last of its states, and
// says where.
func (a *app) leaveState(rec pawl.RunRecord) {
	if a.stateDir == "" {
		return
	}
	path := a.statePath(rec.ID)
	if err := writeState(path, rec); err != nil {
		a.say("%s", notSaved(path, err))
	} else if !a.quiet && !a.json {
		a.say("state: %s", term.Plain(path))
	}
}

// notSaved says that the file is not as it should be. That stops no run.
func notSaved(path string, err error) string {
	return term.Plain(fmt.Sprintf("the run's state is not in %s: %v", path, form.Cause(err)))
}
