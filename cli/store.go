package cli

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/local"
	"github.com/pawlrun/pawl/internal/relay"
	"github.com/pawlrun/pawl/internal/view"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/journal/sqlite"
)

// Settings are what a command line has settled before it opens a [Store].
type Settings struct {
	Dir      string // the data directory; it need not be there yet
	Existing bool   // make nothing: where there are no runs, Open returns nil
	ReadOnly bool   // of existing ones: nothing will be written, so that nothing need be writable or free

	// Engine is what an engine is to have: models, prices, flows and so on. Its
	// Journal is nil.
	Engine local.Options
}

// Store is where the runs of a program are, with an engine on it.
type Store struct {
	// Engine executes runs, shows and steers them. Some commands need more of it,
	// and say so if it does not have it: `worker` the method Work of
	// *local.Engine, and --record-only its Record. Commands that execute runs until they
	// are stopped print what a method Standing(ctx) ([]string, error) says at the start, and
	// `doctor` does.
	Engine pawl.Engine

	// Journal is the histories of the engine's runs. Where it is a journal.Queue,
	// the command can tell whether a worker is there.
	Journal journal.Reader

	// Place is where the runs are, in words for people; empty: in the data directory.
	Place string

	// Close releases what Open has opened. It is called once, after the engine
	// was closed. Nil: there is nothing to release.
	Close func() error
}

// Local returns a store whose runs are kept in a journal and executed by this
// process. Closing it closes the journal.
func (s Settings) Local(j journal.Journal) *Store {
	s.Engine.Journal = j
	return &Store{Engine: local.New(&s.Engine), Journal: j, Close: j.Close}
}

// databaseFile is the journal's file in the data directory.
const databaseFile = "pawl.db"

// openSQLite keeps runs in one file of the data directory.
func openSQLite(ctx context.Context, s Settings) (*Store, error) {
	if _, err := os.Stat(filepath.Join(s.Dir, databaseFile)); s.Existing && errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	o := &sqlite.Options{ReadOnly: s.ReadOnly}
	if log := s.Engine.Logger; log != nil {
		o.Waits = func(message string) { log.Warn(message) }
	}
	db, err := sqlite.Open(ctx, s.Dir, o) // which says what else is wrong with it
	switch {
	case s.Existing && errors.Is(err, pawl.ErrNotFound):
		return nil, nil
	case err != nil:
		return nil, elsewhere(err)
	}
	return s.Local(db), nil
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

// store is an open store, and what can be seen of it.
type store struct {
	engine  pawl.Engine
	journal journal.Reader
	view    *view.View
	relay   *relay.Relay    // of the answers of runs that this process executes
	heard   *relay.Listener // to the answers of a run that is about to go on; nil: nobody wants to see them
	told    *telemetrics    // what tells operators of its runs; nil: nothing does
	dir     string          // the data directory
	release func() error
}

// open opens the data directory, which is made if need be.
func (a *app) open(ctx context.Context) (*store, error) { return a.openAs(ctx, Settings{}) }

// openExisting is open for commands that make nothing: where there are no runs it
// returns nil.
func (a *app) openExisting(ctx context.Context) (*store, error) {
	return a.openAs(ctx, Settings{Existing: true})
}

// openToRead is openExisting for commands that write nothing.
func (a *app) openToRead(ctx context.Context) (*store, error) {
	return a.openAs(ctx, Settings{Existing: true, ReadOnly: true})
}

// openInMemory is a store that has no runs and of which nothing stays: no data directory
// is needed.
func (a *app) openInMemory(ctx context.Context) (*store, error) {
	return a.openBy(ctx, Settings{}, func(_ context.Context, s Settings) (*Store, error) {
		return s.Local(journal.NewMemory()), nil
	})
}

func (a *app) openAs(ctx context.Context, as Settings) (*store, error) {
	if a.openStore != nil {
		return a.openBy(ctx, as, a.openStore)
	}
	a.sayCommon()
	return a.openBy(ctx, as, openSQLite)
}

func (a *app) openBy(ctx context.Context, as Settings, open func(context.Context, Settings) (*Store, error)) (*store, error) {
	dir, err := a.dataDir()
	if err != nil {
		return nil, err
	}
	prices, err := a.prices() // before anything is made
	if err != nil {
		return nil, err
	}
	limits, err := a.limits()
	if err != nil {
		return nil, err
	}
	pieces := a.newRelay(dir)
	as.Dir, as.Engine = dir, local.Options{
		Models: a.models(), Prices: prices, Model: a.defaultModel(), Flows: a.flows, Program: a.named, Logger: a.logger(), Strict: a.strict, OnChange: a.onChange,
		MaxCalls: limits.max, Timeout: limits.timeout,
		Pieces: pieces.Tell,
	}
	a.later.bound(&as.Engine)
	told, err := a.observed(ctx, as)
	if err != nil {
		return nil, err
	}
	if told != nil {
		as.Engine.Observe = told.observer
	}
	s, err := open(ctx, as)
	switch {
	case err != nil || s == nil && as.Existing:
		told.close(ctx)
		return nil, err
	case s == nil:
		return nil, &pawl.Error{Kind: pawl.ErrInternal, Message: "the program's Open gave no store"}
	}
	a.place = s.Place
	shown := &store{engine: s.Engine, journal: s.Journal, view: view.New(s.Engine, s.Journal, a.flows), relay: pieces, told: told, dir: dir}
	if told != nil {
		told.view, told.journal = shown.view, s.Journal
	}
	shown.release = func() error {
		pieces.Close()
		told.close(ctx)
		if s.Close == nil {
			return nil
		}
		return s.Close()
	}
	return shown, nil
}

// times is how long a run took, as far as that is to be had.
func (s *store) times(ctx context.Context, id pawl.RunID) view.Times {
	times, _ := s.view.Ended(ctx, id)
	return times
}

// close ends the engine and releases the store. Calls in flight are cut when ctx
// ends.
func (s *store) close(ctx context.Context) error {
	return errors.Join(s.engine.Close(ctx), s.release())
}

// unable refuses what the program's engine cannot do.
func unable(what string) error { return badInput("the engine of this program does not %s", what) }
