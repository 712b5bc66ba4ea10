package cli

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/view"
)

// dataDir returns the data directory: --data, $PAWL_DATA, or where this system
// keeps a user's data.
func (a *app) dataDir() (string, error) {
	dir, _, err := a.dataPlace()
	return dir, err
}

// dataPlace is dataDir with what it comes from.
func (a *app) dataPlace() (dir, from string, err error) {
	home := "HOME"
	if runtime.GOOS == "windows" {
		home = "LocalAppData"
	}
	switch dir := a.getenv("XDG_DATA_HOME"); {
	case a.data != "":
		return a.data, "--data", nil
	case a.getenv("PAWL_DATA") != "":
		return a.getenv("PAWL_DATA"), "PAWL_DATA", nil
	case filepath.IsAbs(dir): // a relative one is to be ignored, says its specification
		return filepath.Join(dir, "pawl"), "XDG_DATA_HOME", nil
	case a.getenv(home) == "":
		return "", "", badInput("there is no place for the data: give --data DIR, or set PAWL_DATA or %s", home)
	case runtime.GOOS == "windows":
		return filepath.Join(a.getenv(home), "pawl"), "the default", nil
	}
	return filepath.Join(a.getenv(home), ".local", "share", "pawl"), "the default", nil
}

// find returns the run that a person means: an id, a unique prefix of one, or
// "last". s may be nil: no runs.
func (a *app) find(ctx context.Context, s *store, name string) (pawl.RunSummary, error) {
	dir, err := a.dataDir()
	if err != nil {
		return pawl.RunSummary{}, err
	}
	if s != nil {
		r, err := s.view.Find(ctx, name)
		if !errors.Is(err, pawl.ErrNotFound) {
			return r, err
		}
	}
	message := fmt.Sprintf("no run %q in %s; wants an id, the beginning of one, or last", name, dir)
	if name == view.Last {
		message = fmt.Sprintf("there is no run in %s yet", dir)
	}
	return pawl.RunSummary{}, &pawl.Error{Kind: pawl.ErrNotFound, Message: message}
}

// leastPrefix is how much of a run's id names it where what follows cannot be undone: a
// slip of one character must not end another run.
const leastPrefix = 4

// findSurely is find for what cannot be undone: the beginning of an id has some length.
func (a *app) findSurely(ctx context.Context, s *store, name string) (pawl.RunSummary, error) {
	run, err := a.find(ctx, s, name)
	if err == nil && len(name) < leastPrefix && name != view.Last && name != string(run.ID) {
		err = badInput("run %q: what cannot be undone wants at least %d characters of the id, or last", name, leastPrefix)
	}
	return run, err
}
