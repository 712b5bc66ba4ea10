package journal

import (
	"context"
	"fmt"
	"slices"

	"github.com/pawlrun/pawl"
)

// Queue is what a Journal also offers to processes that take up runs by
// themselves. Its methods behave like the Journal's.
type Queue interface {
	// Offer says that this process takes up runs from now on, until the journal is
	// closed. One without flows withdraws it. Offer.Process is the journal's to say.
	Offer(ctx context.Context, o Offer) error

	// Offers lists the live processes that have made an offer, this one
	// included.
	Offers(ctx context.Context) ([]Offer, error)

	// Idle lists the runs of these flows that may go on and that nobody
	// executes: their summary says queued, or running or canceling although no live
	// process holds them, or waiting for a time that has come, or a command is pending for
	// them. The oldest come first, at
	// most limit of them (0: all).
	Idle(ctx context.Context, flows []string, limit int) ([]Row, error)
}

// Offer is a process that takes up runs by itself.
type Offer struct {
	Process string   // for people, such as "process 4711"
	Program string   // its name; empty: not said
	Flows   []string // by name
	Builds  []string // the fingerprints of these flows

	// Left are runs of these flows that the process does not take up, and why, for
	// people; it need not name all.
	Left map[pawl.RunID]string
}

// Has reports whether the process takes up runs of a flow that a program started; empty:
// any.
func (o Offer) Has(flow, program string) bool {
	return slices.Contains(o.Flows, flow) && (program == "" || o.Program == "" || o.Program == program)
}

// Idle reports whether at that time a run of this summary may go on if nobody
// holds it.
func (s Summary) Idle(at pawl.Time) bool {
	return s.Status == pawl.StatusQueued || s.Status == pawl.StatusRunning || s.Status == pawl.StatusCanceling || s.Sleeps() && !s.WakeAt.After(at.Time)
}

// Ended reports whether a run of this summary has come to its end.
func (s Summary) Ended() bool {
	return s.Status == pawl.StatusDone || s.Status == pawl.StatusCanceled || s.Final
}

// Ending says how a run of this summary has ended, behind its name.
func (s Summary) Ending() string {
	if s.Final {
		return "has failed for good"
	}
	return "is " + string(s.Status)
}

// ErrEnded refuses what is asked of a run of this summary, which has ended.
func (s Summary) ErrEnded(run pawl.RunID) error {
	message := fmt.Sprintf("run %s %s", run, s.Ending())
	if s.Final {
		message += ": " + s.Reason
	}
	return &pawl.Error{Kind: pawl.ErrConflict, Run: run, Message: message}
}

// Sleeps reports whether a run of this summary waits for a time.
func (s Summary) Sleeps() bool { return s.Status == pawl.StatusWaiting && !s.WakeAt.IsZero() }
