package local

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/journal"
)

// atRest reports whether nothing will happen any more, or not for some time.
func (a *activation) atRest() bool {
	if a.inFlight > 0 && !a.cut {
		return false
	}
	return a.holding() || a.pending == 0 && !a.wakesSoon()
}

// rest records how the run stands.
func (a *activation) rest() error {
	rests := func(r journal.Released) { a.draft(pawl.EventReleased, "", r) }
	released := func(s pawl.Status, reason string) { rests(journal.Released{Status: s, Reason: reason}) }
	a.refuseRest()
	if err := a.flush(); err != nil {
		return err
	}
	blockers := a.st.Blockers()
	wakeAt, sleeper := a.sleeps()
	switch {
	case a.canceling:
		c := a.st.Cancel()
		a.draft(pawl.EventCanceled, "", journal.Canceled{Reason: strings.TrimSuffix("by "+c.Who+": "+c.Text, ": "), Who: c.Who})
	case a.prior != nil && a.prior.Status.AtRest():
		rests(journal.Released(*a.prior))
	case a.prior != nil:
		released(pawl.StatusQueued, orphanReason)
	case a.reject != nil:
		a.draft(pawl.EventCanceled, "", journal.Canceled{Reason: cutText(a.reject.Error())})
	case a.unfit():
		released(pawl.StatusQueued, "left to another program: "+a.failure.Message)
	case a.failure != nil:
		f := failure(a.failure, a.failure.Step)
		f.Stack = cutText(a.stack)
		a.draft(pawl.EventFailed, "", journal.Failed{Error: f})
		released(pawl.StatusFailed, f.Message)
	case a.ended:
		a.draft(pawl.EventDone, "", journal.Done{Output: a.output, Unused: a.script.Unused()})
	case a.pausing:
		released(pawl.StatusPaused, cmp.Or(a.pauseReason, a.st.Reason))
	case (a.closing || a.cut) && (a.heldBack() || sleeper == "" && len(blockers) == 0):
		released(pawl.StatusQueued, "its engine was closed")
	case sleeper == "" && len(blockers) == 0:
		err := &pawl.Error{Kind: pawl.ErrInternal, Message: "the run stands still and nothing stands in its way"}
		a.draft(pawl.EventFailed, "", journal.Failed{Error: failure(err, "")})
		released(pawl.StatusFailed, err.Message)
	default:
		rests(standing(blockers, sleeper, wakeAt))
	}
	a.leaving = true
	return a.flush()
}

// heldBack reports whether there is a step that could go on at once: nobody has to
// do anything for it first.
func (a *activation) heldBack() bool {
	for k, p := range a.parked {
		if rec := a.st.Steps[k]; p.wait == nil && !a.st.Blocked(k) && (rec == nil || rec.Result == nil) {
			return true
		}
	}
	return false
}

// standing is how a run stands that waits for people, or for a time if it has a
// sleeper.
func standing(blockers []pawl.Blocker, sleeper pawl.Key, wakeAt pawl.Time) journal.Released {
	r := journal.Released{Status: pawl.StatusWaiting, WakeAt: wakeAt}
	for _, b := range blockers {
		if fails(b) && sleeper == "" {
			return journal.Released{Status: pawl.StatusFailed, Reason: fmt.Sprintf("%s: %s", b.Key, b.Question)}
		}
		if !fails(b) && r.Reason == "" {
			r.Reason = b.Question
		}
	}
	if r.Reason == "" {
		r.Reason = fmt.Sprintf("%s: until %s", sleeper, wakeAt.Format(time.RFC3339))
	}
	return r
}

// fails reports whether a blocker is of something that has gone wrong.
func fails(b pawl.Blocker) bool { return b.Kind.IsFailure() }

// unfit reports whether the run was taken up by a program whose flow does not
// fit what is recorded. Then nothing has been done, and another may go on.
func (a *activation) unfit() bool {
	return a.visiting && !a.left && a.failure != nil && a.failure.Kind == pawl.ErrMismatch
}

// refuseRest makes the asks that were never started, because the provider
// refuses this account, stand still for that reason if nothing else has failed.
func (a *activation) refuseRest() {
	if a.refused == nil || a.holding() || a.prior != nil || slices.ContainsFunc(a.st.Blockers(), fails) {
		return
	}
	for _, key := range slices.Sorted(maps.Keys(a.parked)) {
		if p := a.parked[key]; p.step.Ask != nil && !p.busy && !a.st.Blocked(key) {
			a.cannotFinish(p, a.refused)
		}
	}
}
