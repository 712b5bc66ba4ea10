package local

import (
	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/replay"
	"github.com/pawlrun/pawl/journal"
)

// affords takes what a call may need from the run's budget. If that is not to be
// had the step waits: for calls in flight that could leave enough, or for a
// person. One budget blocker is open at a time, and the others that do not fit
// wait with it.
func (a *activation) affords(c *call, need *journal.Reserve) bool {
	p, listed := c.p, c.p.need != nil
	p.need = nil
	switch fit := a.account.Fit(*need); {
	case fit == replay.Fits:
		a.account.Reserve(need)
		return true
	case fit == replay.Over && a.account.Blocker == "":
		a.account.Blocker = p.key
		a.draft(pawl.EventBlocker, p.key, a.account.Stops(p.key, c.head, *need, c.model))
	default:
		if p.need = need; !listed {
			a.short = append(a.short, p)
		}
	}
	return false
}

// beginShort begins the steps that wait for calls in flight and need not any
// more. It is called when nothing is drafted.
func (a *activation) beginShort() {
	was := a.short
	a.short = nil
	for _, p := range was {
		if a.parked[p.key] != p || p.need == nil || p.busy {
			p.need = nil
			continue // it has gone another way
		}
		fit := a.account.Fit(*p.need)
		if fit == replay.Waits || fit == replay.Over && a.account.Blocker != "" {
			a.short = append(a.short, p)
			continue
		}
		p.need = nil
		a.begin(p)
	}
}

// raise sets limits of the run's budget, and lifts the budget blocker if one is
// open. Otherwise a run at rest stays so, and a paused one in any case.
func (a *activation) raise(d pawl.Decision) error {
	if err := a.flush(); err != nil { // a blocker may be drafted
		return asStorage(err)
	}
	key, err := a.st.Raisable(d)
	if err != nil {
		return err
	}
	body := journal.Decision{What: d.What, Who: d.Who, Comment: cutText(d.Comment), Budget: new(a.st.Raised(*d.Budget))}
	if key != "" {
		body.Digest = a.st.Steps[key].Asked.Digest
		if a.prior != nil && a.prior.Status != pawl.StatusPaused {
			a.prior, a.begins = nil, true
		}
	}
	a.draft(pawl.EventDecision, key, body)
	a.then(a.restart)
	return nil
}
