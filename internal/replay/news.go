package replay

import (
	"slices"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/journal"
)

// News returns the status at which the run comes to rest with events that follow, if that is
// news to whoever is told of such: it has ended, has failed, or waits for a person, and what
// people are asked, or what is wrong, is something else than when it last rested so. Empty:
// there is nothing to tell. A run that only waits for a time or for a program is nothing to
// tell, nor is one that is taken up, or tries again by itself at a limit, and comes back to where
// it was.
func (st *State) News(drafts []journal.Draft) (rests pawl.Status) {
	moved, blockers, was := st.moved, st.blockers, st.stood
	for _, d := range drafts {
		switch b := d.Body.(type) {
		case journal.Done:
			return pawl.StatusDone
		case journal.Canceled:
			return pawl.StatusCanceled
		case journal.Failed:
			if d.Ends() {
				return pawl.StatusFailed
			}
			moved = moved || d.Opens
		case journal.Blocker:
			if b.Kind != pawl.BlockerEvent {
				moved, blockers = moved || !was.isAt(b.Limit), append(slices.Clip(blockers), pawl.Blocker{Kind: b.Kind})
			}
		case journal.Intent:
			moved, was = moved || was != stood{}, stood{}
		case journal.Released:
			if standsFor(b.Status, blockers) && (moved || b.Status != st.rested) {
				rests = b.Status
			}
		}
	}
	return rests
}

// standsFor reports whether a run that rests at a status, with these blockers, stands for
// people to act.
func standsFor(s pawl.Status, blockers []pawl.Blocker) bool {
	return s == pawl.StatusFailed || s == pawl.StatusWaiting && slices.ContainsFunc(blockers, func(b pawl.Blocker) bool {
		return !b.Kind.IsFailure() && b.Kind != pawl.BlockerEvent
	})
}
