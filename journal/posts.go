package journal

import (
	"context"

	"github.com/pawlrun/pawl"
)

// Posts is the part of a Journal in which people act: decisions and directives for
// a run that another process executes, or that nobody does now, and what waits
// for them.
type Posts interface {
	// Post stores a decision or a directive for whoever executes the run, or
	// will, and returns its number. For a run that is done or canceled that is
	// ErrConflict, and the message says which.
	Post(ctx context.Context, p Post) (int64, error)

	// Pending lists the posts that nobody has settled, the oldest first: those of
	// one run, or with an empty id those of all runs that this process holds.
	Pending(ctx context.Context, run pawl.RunID) ([]Post, error)

	// Outcome says what came of a post: done is false while it is pending, and
	// refused is nil if it was taken. No such post is ErrNotFound.
	Outcome(ctx context.Context, post int64) (done bool, refused *Failure, err error)

	// Open lists the events that opened the blockers which are open now, of the
	// runs that the filter lets through, the oldest first. The filter's Limit
	// counts blockers.
	Open(ctx context.Context, f pawl.RunFilter) ([]Open, error)
}

// Post is a decision or a directive that was stored to be carried out by whoever
// executes the run. Exactly one of the two is set.
type Post struct {
	ID        int64 // set by the journal
	Run       pawl.RunID
	At        pawl.Time // set by the journal
	Decision  *pawl.Decision
	Directive *pawl.Directive
}

// Settled is what came of a post.
type Settled struct {
	Post    int64
	Refused *Failure // nil: it was taken
}

// Open is an open blocker: the event that opened it.
type Open struct {
	Flow  string
	Event pawl.Event
}
