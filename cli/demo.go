package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/cli/internal/term"
)

// Demo is a run that shows what a program does. A stand-in answers in it, whatever else is
// set up, so that it costs nothing; see Program.Demos.
type Demo struct {
	ID    pawl.RunID      // always the same one, so that it is made once
	Flow  string          // one of the program's, by name
	Input json.RawMessage // of the flow
	Model string          // that of a stand-in, by its full name
}

// demonstrator is who starts demonstration runs.
const demonstrator = "demonstration"

// isFirstStart reports whether a data directory has never had runs, so that whoever serves
// them has nothing to show. What other places have had is not known.
func (a *app) isFirstStart(dir string) bool {
	if len(a.demos) == 0 || a.openStore != nil {
		return false
	}
	_, err := os.Stat(filepath.Join(dir, databaseFile))
	return errors.Is(err, fs.ErrNotExist)
}

// isSetUp reports whether somebody has said which language model answers.
func (a *app) isSetUp() bool { return a.getenv(modelVariable) != "" || a.setUp() != nil }

// demonstrate makes the demonstration runs of a first start. That there are none keeps
// nobody from serving.
func (a *app) demonstrate(ctx context.Context, demos func(context.Context) ([]pawl.RunID, error)) {
	ids, err := demos(ctx)
	switch {
	case err != nil:
		a.sayWorker("no demonstration runs are made: %v", err)
	case len(ids) > 0:
		a.sayWorker("made %s, which the stand-in answers: see the page", term.Count(int64(len(ids)), "demonstration run"))
	}
}

// makeDemos makes the demonstration runs that are not there. They are executed with the
// others that are queued.
func (a *app) makeDemos(ctx context.Context, s *store) (ids []pawl.RunID, err error) {
	for _, d := range a.demos {
		f := a.flow(d.Flow)
		switch {
		case f == nil:
			return ids, &pawl.Error{Kind: pawl.ErrInternal, Message: fmt.Sprintf("the demonstration %s is of flow %q, which this program does not have", d.ID, d.Flow)}
		case !a.isStandIn(d.Model):
			return ids, &pawl.Error{Kind: pawl.ErrInternal, Message: fmt.Sprintf("the demonstration %s names model %q, which is no stand-in", d.ID, d.Model)}
		}
		id, err := s.engine.Start(ctx, f, d.Input, &pawl.StartOptions{ID: d.ID, Model: d.Model, Who: demonstrator, Queue: true})
		if err != nil {
			return ids, err
		}
		ids = append(ids, id)
	}
	return ids, nil
}

// demosOf is how a server makes the demonstration runs of a store; nil: it makes none. Where
// somebody is told when runs come to rest there are none, since they would be told of these.
func (a *app) demosOf(s *store) func(context.Context) ([]pawl.RunID, error) {
	if len(a.demos) == 0 || a.notifying.tells {
		return nil
	}
	return func(ctx context.Context) ([]pawl.RunID, error) { return a.makeDemos(ctx, s) }
}
