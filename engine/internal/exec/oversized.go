package exec

import (
	"errors"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/replay"
	"github.com/pawlrun/pawl/journal"
)

// isOversized takes in that the journal refused the batch since something in it is larger
// than it keeps, and reports whether that is why. Nothing of the batch is stored, and the
// claim holds: flow code ends, the run fails and says at which step, and what others asked
// for in that batch is refused with the same words. What is bounded where it comes in, see
// internal/limits, does not get here; what does must not have the run dropped, and taken up
// again, for ever.
func (r *Run) isOversized(err error) bool {
	b := &r.batch
	if b.oversized || !errors.Is(err, pawl.ErrInput) {
		return false
	}
	b.oversized = true
	e := *pawl.AsError(err, pawl.ErrInput)
	e.Kind = pawl.ErrStep
	for i := range b.handled {
		if b.handled[i].Refused == nil {
			b.handled[i].Refused = new(replay.FailureOf(&e, e.Step))
		}
	}
	for _, a := range b.answers {
		a <- &e
	}
	for _, c := range b.launches {
		c.slot(Came{})
		c.w.busy = false
		r.calls.inFlight--
	}
	for _, data := range b.blobs {
		delete(b.stored, journal.Digest(data))
	}
	b.drafts, b.blobs, b.after, b.launches, b.answers, b.release = nil, nil, nil, nil, nil, false
	b.summary = journal.Summary{} // what is stored, is not known to be what it was to be
	r.budget.stop, r.budget.account = nil, r.st.Account
	r.fail(&e, "")
	return true
}
