package replay

import (
	"slices"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/journal"
)

// Summary returns how a run in a phase is to be listed once drafts are stored.
// before is how it was listed when it was claimed, executes whether its flow code
// is to execute.
func Summary(p Phase, before journal.Summary, executes bool, drafts []journal.Draft) journal.Summary {
	s := journal.Summary{Status: pawl.StatusRunning}
	switch {
	case p == RecordedPaused, p == Repausing, p == Recorded && !executes:
		s = before
	case p == Canceling:
		s.Status = pawl.StatusCanceling
	case p == Pausing:
		s.Status = pawl.StatusPausing
	}
	for _, d := range drafts {
		switch b := d.Body.(type) {
		case journal.Done:
			s = journal.Summary{Status: pawl.StatusDone, Reason: b.Reason}
		case journal.Canceled:
			s = journal.Summary{Status: pawl.StatusCanceled, Reason: b.Reason}
		case journal.Failed:
			if d.Ends() {
				s = journal.Summary{Status: pawl.StatusFailed, Reason: b.Error.Message, Final: true}
			}
		case journal.Released:
			s = asListed(b)
		}
	}
	return s
}

// asListed returns how a run is listed that was given back so.
func asListed(b journal.Released) journal.Summary {
	return journal.Summary{Status: b.Status, Reason: b.Reason, WakeAt: b.WakeAt}
}

// orphaned is why a run is queued whose process died.
const orphaned = "the process that executed it ended"

// Unheld returns how a run stands that nobody holds: if its summary says that it
// is being executed, its process died. What was to be paused is paused then.
func Unheld(s journal.Summary) journal.Summary {
	switch s.Status {
	case pawl.StatusRunning, pawl.StatusCanceling:
		return journal.Summary{Status: pawl.StatusQueued, Reason: orphaned}
	case pawl.StatusPausing:
		return journal.Summary{Status: pawl.StatusPaused, Reason: orphaned}
	}
	return s
}

// AsksPerson reports whether a person is asked something, so that a run at rest is
// not followed for its timers' sake. After a failure beside a timer it is: what
// else there is to do is done first.
func (st *State) AsksPerson() bool {
	return slices.ContainsFunc(st.blockers, func(b pawl.Blocker) bool { return !b.Kind.IsFailure() })
}

// HasFailed reports whether something of the run has gone wrong that a person is
// to look at.
func (st *State) HasFailed() bool {
	return slices.ContainsFunc(st.blockers, func(b pawl.Blocker) bool { return b.Kind.IsFailure() })
}
