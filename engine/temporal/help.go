package temporal

import (
	"context"
	"time"

	"github.com/pawlrun/pawl"
)

// helpAfter is how long the worker of a run may take to answer before this process helps: too
// short a time has one process too many execute runs, which harms nothing.
const helpAfter = 500 * time.Millisecond

// Execute has this process execute runs of its build from now on, until Close, as
// Options.Work does from the start.
func (e *Engine) Execute() error { return e.begin() }

// Help is Execute if no worker answers for a run within half a second. The error is that of
// a Temporal that cannot be worked for.
func (e *Engine) Help(ctx context.Context, id pawl.RunID) error {
	if e.keeper.settings.works.Load() {
		return nil
	}
	soon, cancel := context.WithTimeout(ctx, helpAfter)
	defer cancel()
	if e.keeper.answers(soon, id) {
		return nil
	}
	return e.begin()
}
