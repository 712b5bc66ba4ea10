package journal

import (
	"context"

	"github.com/pawlrun/pawl"
)

// Commands is the part of a Journal in which people act: decisions and directives for
// a run that another process executes, or that nobody does now, and what waits
// for them.
type Commands interface {
	// Submit stores a decision or a directive for whoever executes the run, or
	// will, and returns its number. For a run that is done or canceled that is
	// ErrConflict, and the message says which.
	Submit(ctx context.Context, c Command) (int64, error)

	// Pending lists the commands that nobody has handled, the oldest first: those of
	// one run, or with an empty id those of all runs that this process holds.
	Pending(ctx context.Context, run pawl.RunID) ([]Command, error)

	// Handled says what came of a command: done is false while it is pending, and
	// refused is nil if it was accepted. No such command is ErrNotFound.
	Handled(ctx context.Context, command int64) (done bool, refused *Failure, err error)

	// OpenBlockers lists the events that opened the blockers which are open now, of the
	// runs that the filter lets through, the oldest first. The filter's Limit
	// counts blockers.
	OpenBlockers(ctx context.Context, f pawl.RunFilter) ([]OpenBlocker, error)
}

// Command is a decision or a directive that was stored to be carried out by whoever
// executes the run. Exactly one of the two is set.
type Command struct {
	ID        int64 // set by the journal
	Run       pawl.RunID
	At        pawl.Time // set by the journal
	Decision  *pawl.Decision
	Directive *pawl.Directive
}

// Handled is what came of a command.
type Handled struct {
	Command int64
	Refused *Failure // nil: it was accepted
}

// OpenBlocker is a blocker that is open now: the event that opened it.
type OpenBlocker struct {
	Flow  string
	Event pawl.Event
}
