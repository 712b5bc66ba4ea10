package cli

import (
	"bytes"
	"context"
	"fmt"
	"path/filepath"
	"sync"

	"github.com/spf13/pflag"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/cli/internal/form"
	"github.com/pawlrun/pawl/cli/internal/term"
)

// stateFlag is the flag of commands after which a run goes on here: its record is then
// also a file. There is one file, and not one for each step, so that whatever it holds is
// of one moment: what a step came to does not change any more, so the file as it was after
// a step is in the one after the next. It is named after the run, so that runs with the
// same directory do not take each other's files away.
func (a *app) stateFlag(flags *pflag.FlagSet) {
	flags.StringVar(&a.stateDir, "save-state", "", "after each step write the run as it stands, as JSON for reading, to RUN.json in `DIR`")
}

// checkState refuses a --save-state to which nothing could be written.
func (a *app) checkState() error {
	if a.stateDir == "" {
		return nil
	}
	return form.CheckDir("--save-state", a.stateDir)
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

func writeState(path string, rec pawl.RunRecord) error {
	var b bytes.Buffer
	if err := writeJSON(&b, rec, "  "); err != nil {
		return err
	}
	return form.ReplacePrivate(path, b.Bytes())
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
		fmt.Fprintln(a.err, notSaved(path, err))
	} else if !a.quiet && !a.json {
		fmt.Fprintf(a.err, "state: %s\n", term.Plain(path))
	}
}

// notSaved says that the file is not as it should be. That stops no run.
func notSaved(path string, err error) string {
	return term.Plain(fmt.Sprintf("the run's state is not in %s: %v", path, form.Cause(err)))
}
