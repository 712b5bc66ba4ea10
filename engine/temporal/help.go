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
func (e *Engine) Execute() error { return e.begin(advances | calls) }

// Help has this process execute flow code of its build until Close, if no worker answers for a
// run within half a second, and reports whether it does by now. It makes no calls of models:
// a process that is about to end would leave the one that it has just been given unmade, which
// Temporal notices only after Options.Heartbeat.
func (e *Engine) Help(ctx context.Context, id pawl.RunID) (bool, error) {
	if e.keeper.settings.works.Load() {
		return true, nil
	}
	soon, cancel := context.WithTimeout(ctx, helpAfter)
	defer cancel()
	if e.keeper.ask(soon, id) == nil {
		return false, nil
	}
	err := e.begin(advances)
	return err == nil, err
}
