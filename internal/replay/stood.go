package replay

import (
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/limit"
)

// LimitActor is who lets a run try again that stands at a limit of the journal, when its time
// has come.
const LimitActor = "the limit"

// soonest and latest are after what time a run is to look again whether calls in flight
// elsewhere have left it enough of a limit: the longer it stands there, the less often.
const (
	soonest = 10 * time.Minute
	latest  = time.Hour
)

// stood is the limit of the journal at which a run stood until it tried again by itself, while
// no call of it has left since; the zero value: there is none. If it stands there again, that
// is nothing new.
type stood struct {
	limit limit.Name
	since pawl.Time
}

// isAt reports whether a blocker at a limit is that of this one; nil: it is at none.
func (s stood) isAt(n *limit.Name) bool { return s != stood{} && n != nil && *n == s.limit }

// limitOf is the name of the limit at which a blocker is; nil: at none.
func limitOf(b pawl.Blocker) *limit.Name {
	if b.Limit == nil {
		return nil
	}
	return &limit.Name{Flow: b.Limit.Flow, Per: limit.Period(b.Limit.Per)}
}

// triedItself takes in a decision on the open blockers, and reports whether the run's limit
// made it.
func (st *State) triedItself(e pawl.Event, b journal.Decision) bool {
	was := st.stood
	st.stood = stood{}
	if b.What != pawl.DecideRetry || b.Who != LimitActor || !st.Account.AtLimit || e.Key != st.Account.Blocker {
		return false
	}
	for _, open := range st.blockers {
		if n := limitOf(open); open.Key == e.Key && n != nil {
			if st.stood = (stood{*n, open.Since}); was.isAt(n) {
				st.stood = was
			}
		}
	}
	return st.stood != stood{}
}

// Stood reports whether the run has stood at a limit, and no call of it has left since it
// tried again.
func (st *State) Stood(at limit.Name) bool { return st.stood.isAt(&at) }

// LooksAgain returns when a run that comes to stand at a limit looks whether calls in flight
// elsewhere have left it enough.
func (st *State) LooksAgain(at limit.Name, now pawl.Time) pawl.Time {
	d := soonest
	if st.Stood(at) {
		d = min(max(now.Sub(st.stood.since.Time), soonest), latest)
	}
	return pawl.At(now.Add(d))
}
