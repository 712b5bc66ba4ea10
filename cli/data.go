package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/cli/internal/term"
	"github.com/pawlrun/pawl/engine/local"
	"github.com/pawlrun/pawl/journal/sqlite"
	"github.com/pawlrun/pawl/llm"
)

// databaseFile is the journal's file in the data directory.
const databaseFile = "pawl.db"

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

// store is an open data directory with an engine on it.
type store struct {
	db     *sqlite.DB
	engine *local.Engine
	prices llm.Prices
}

// open opens the data directory, which is made if need be.
func (a *app) open(ctx context.Context) (*store, error) {
	dir, err := a.dataDir()
	if err != nil {
		return nil, err
	}
	prices, err := a.prices() // before anything is made
	if err != nil {
		return nil, err
	}
	db, err := sqlite.Open(ctx, dir, nil)
	if err != nil {
		return nil, elsewhere(err)
	}
	return &store{db: db, engine: a.engine(db, prices), prices: prices}, nil
}

// elsewhere adds to why a data directory cannot be used that there can be another.
func elsewhere(err error) error {
	e := *pawl.AsError(err, pawl.ErrStorage)
	if e.Hint != "" {
		e.Hint += ", or "
	}
	e.Hint += "choose another data directory with --data"
	return &e
}

func (a *app) engine(db *sqlite.DB, prices llm.Prices) *local.Engine {
	return local.New(&local.Options{
		Journal: db, Models: a.models(), Prices: prices, Model: a.defaultModel(), Flows: a.flows, Logger: a.logger(), Strict: a.strict,
	})
}

// openExisting is open for commands that make nothing: without a database it
// returns nil.
func (a *app) openExisting(ctx context.Context) (*store, error) {
	dir, err := a.dataDir()
	if err != nil {
		return nil, err
	}
	if _, err := os.Stat(filepath.Join(dir, databaseFile)); errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return a.open(ctx) // which says what else is wrong with it
}

// close ends the engine and closes the journal. Calls in flight are cut when
// ctx ends.
func (s *store) close(ctx context.Context) error {
	return errors.Join(s.engine.Close(ctx), s.db.Close())
}

// find returns the run that a person means: an id, a unique prefix of one, or
// "last". s may be nil: no runs.
func (a *app) find(ctx context.Context, s *store, name string) (pawl.RunSummary, error) {
	var none pawl.RunSummary
	dir, err := a.dataDir()
	if err != nil {
		return none, err
	}
	filter := pawl.RunFilter{Prefix: pawl.RunID(name), Limit: maxCandidates + 1}
	if name == "last" {
		filter = pawl.RunFilter{Limit: 1}
	}
	var runs []pawl.RunSummary
	if s != nil && name != "" {
		if runs, err = s.engine.List(ctx, filter); err != nil {
			return none, err
		}
	}
	for _, r := range runs {
		if len(runs) == 1 || string(r.ID) == name {
			return r, nil
		}
	}
	if len(runs) == 0 {
		message := fmt.Sprintf("no run %q in %s; wants an id, the beginning of one, or last", name, dir)
		if name == "last" {
			message = fmt.Sprintf("there is no run in %s yet", dir)
		}
		return none, &pawl.Error{Kind: pawl.ErrNotFound, Message: message}
	}
	return none, &pawl.Error{Kind: pawl.ErrInput, Message: fmt.Sprintf("run %q is ambiguous: it could be %s", name, candidates(runs))}
}

// maxCandidates is how many runs a message lists.
const maxCandidates = 10

func candidates(runs []pawl.RunSummary) string {
	s := ""
	for i, r := range runs {
		switch {
		case i == maxCandidates:
			return s + " or others"
		case i > 0:
			s += ", "
		}
		s += fmt.Sprintf("%s (%s, %s)", r.ID, r.Flow, r.Status)
	}
	return s
}

// command is a command line of ours that works on the same data.
func (a *app) command(words ...string) string {
	s := term.Quote(a.program)
	for _, w := range words {
		s += " " + term.Quote(w)
	}
	if a.data != "" {
		s += " --data " + term.Quote(a.data)
	}
	return s
}
