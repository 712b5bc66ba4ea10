package exec

import (
	"cmp"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/replay"
	"github.com/pawlrun/pawl/journal"
)

// budget is what a run may still take.
type budget struct {
	account replay.Account // the state's, with what is drafted
	short   []*waiting     // asks that it does not let leave now
	stop    *stopDraft     // the blocker that is drafted; nil: none is
}

// stopDraft is a drafted budget blocker, which is to speak of all that waits when it
// is stored.
type stopDraft struct {
	place int // among the drafts
	call  *call
	model string
}

// affords takes what a call may need from the run's budget. If that is not to be
// had the step waits: for calls in flight that could leave enough, or for a
// person. One budget blocker is open at a time, and the others that do not fit
// wait with it. The prices of all models of a step are to be known before the first one
// is asked.
func (r *Run) affords(c *call) bool {
	w, listed := c.w, c.w.need != nil
	w.need, w.over = nil, false
	model := cmp.Or(r.unpriced(w), c.model)
	need := new(replay.Estimate(c.messages, w.step.Ask.SentSchema(), c.maxTokens, r.deps.Prices, model))
	need.Beyond, w.beyond = w.beyond && r.budget.account.Allows(*need), false
	switch fit := r.budget.account.Fit(*need); {
	case fit == replay.Fits:
		r.budget.account.Reserve(need)
		c.need = need
		return true
	case fit == replay.Over && r.budget.account.Blocker == "":
		r.budget.account.Blocker = w.key
		c.need = need
		r.budget.stop = &stopDraft{len(r.batch.drafts), c, model}
		r.batch.draft(pawl.EventBlocker, w.key, r.stops())
	default:
		if w.need = need; !listed {
			r.budget.short = append(r.budget.short, w)
		}
	}
	return false
}

// stops is the budget blocker that is drafted, by what waits now.
func (r *Run) stops() journal.Blocker {
	d := r.budget.stop
	var others []journal.Reserve
	for _, w := range r.budget.short {
		if w.need != nil && !w.busy && r.code.waiting[w.key] == w {
			others = append(others, *w.need)
		}
	}
	return r.budget.account.Stops(d.call.w.key, d.call.head, *d.call.need, others, d.model)
}

// completeStop brings the drafted budget blocker up to date before it is stored.
func (r *Run) completeStop() {
	if d := r.budget.stop; d != nil {
		r.batch.drafts[d.place].Body = r.stops()
		r.budget.stop = nil
	}
}

// beginShort begins the steps that wait for calls in flight and need not any
// more. It is called when nothing is drafted.
func (r *Run) beginShort() {
	was := r.budget.short
	r.budget.short = nil
	for _, w := range was {
		if r.code.waiting[w.key] != w || w.need == nil || w.busy {
			w.need = nil
			continue // it has gone another way
		}
		fit := r.budget.account.Fit(*w.need)
		if fit == replay.Waits || (fit == replay.Over || w.over) && r.budget.account.Blocker != "" {
			r.budget.short = append(r.budget.short, w)
			continue
		}
		w.need = nil
		r.begin(w)
	}
}

// raise sets limits of the run's budget, and lifts the budget blocker if one is
// open. Otherwise a run at rest stays so, and a paused one in any case.
func (r *Run) raise(d pawl.Decision) error {
	if err := r.flush(); err != nil { // a blocker may be drafted
		return pawl.AsError(err, pawl.ErrStorage)
	}
	key, err := r.st.Raisable(d)
	if err != nil {
		return err
	}
	body := journal.Decision{What: d.What, Who: d.Who, Comment: replay.CutText(d.Comment), Budget: new(r.st.Raised(*d.Budget)), Trace: d.Trace}
	if key != "" {
		body.Digest = r.st.Steps[key].Asked.Digest
		if err := r.lift(); err != nil {
			return err
		}
	}
	r.batch.draft(pawl.EventDecision, key, body)
	r.batch.then(r.beginAll)
	return nil
}
