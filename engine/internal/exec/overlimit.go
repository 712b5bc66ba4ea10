package exec

import (
	"cmp"
	"errors"
	"reflect"
	"slices"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/replay"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/limit"
)

const (
	limitPause    = time.Second      // between two tries of a call that waits for others of its limit
	limitPatience = 10 * time.Minute // for how long it does, before a person is asked
)

// counted says which calls leave with the batch and which have ended, for the limits of the
// journal.
func (r *Run) counted(drafts []journal.Draft) (leave []limit.Call, ended []limit.Ended) {
	for _, d := range drafts {
		switch b := d.Body.(type) {
		case journal.Intent:
			if b.Model != "" {
				leave = append(leave, limit.Call{Key: d.Key, Number: b.Number, May: b.Reserve.Taken(), Beyond: b.Reserve != nil && b.Reserve.Beyond})
			}
		case journal.Attempt:
			if took, ok := r.st.Took(d.Key, b); ok {
				ended = append(ended, limit.Ended{Key: d.Key, Number: b.Number, Took: took})
			}
		}
	}
	return leave, ended
}

// isOverLimit takes in that the journal refused the batch since calls in it do not fit its
// limits, and reports whether that is why. Those calls are taken out of the batch: each goes
// beyond the limit if somebody has allowed the run to, else it waits for calls in flight
// elsewhere, or a blocker says which limit it is. One of these is open at a time, and the
// others wait with it, as those do that do not fit the run's budget.
func (r *Run) isOverLimit(err error) bool {
	over, is := errors.AsType[*limit.Exceeded](err)
	if !is {
		return false
	}
	b := &r.batch
	b.summary = journal.Summary{} // what is stored, is not known to be what it was to be
	refused := map[pawl.Key]limit.Over{}
	for _, o := range over.Calls {
		refused[o.Key] = o
	}
	var stay, held []*call
	for _, c := range b.launches {
		if _, is := refused[c.w.key]; is && c.w.step.Ask != nil {
			held = append(held, c)
		} else {
			stay = append(stay, c)
		}
	}
	b.launches = stay
	b.drafts = slices.DeleteFunc(b.drafts, func(d journal.Draft) bool {
		_, is := refused[d.Key]
		return is && d.Type == pawl.EventIntent
	})
	r.accountDrafted()
	r.describeAnew(held)
	for _, c := range held {
		c.slot(Came{})
		c.w.busy = false
		r.calls.inFlight--
		r.overLimit(c, refused[c.w.key])
	}
	return true
}

// accountDrafted brings the account in line with what is drafted.
func (r *Run) accountDrafted() {
	r.budget.account = r.st.Account
	for _, c := range r.batch.launches {
		if c.need != nil {
			r.budget.account.Reserve(c.need)
		}
	}
	for _, d := range r.batch.drafts {
		if b, ok := d.Body.(journal.Blocker); ok && b.Kind == pawl.BlockerBudget {
			r.budget.account.Blocker, r.budget.account.AtLimit = d.Key, b.Limit != nil
		}
	}
}

// describeAnew describes the requests of the batch without those that do not leave with it,
// to which they may refer.
func (r *Run) describeAnew(held []*call) {
	asks := slices.Concat(held, r.batch.launches)
	r.requests.sent = slices.DeleteFunc(r.requests.sent, func(l sentList) bool {
		return slices.ContainsFunc(asks, func(c *call) bool { return l.by == journal.Sent{Key: c.w.key, Number: c.number} })
	})
	for _, c := range r.batch.launches {
		for i, d := range r.batch.drafts {
			if in, ok := d.Body.(journal.Intent); ok && d.Key == c.w.key && in.Request != nil {
				in.Request = r.request(c)
				r.batch.drafts[i].Body = in
			}
		}
	}
}

// overLimit says what becomes of a call that does not fit a limit.
func (r *Run) overLimit(c *call, over limit.Over) {
	w := c.w
	c.need.Beyond = false
	switch {
	case r.budget.account.Allows(*c.need) && !w.beyond:
		w.beyond = true
		r.batch.then(func() { r.begin(w) })
	case over.Waits && !r.st.Stood(over.Limit.Name()) && r.deps.World.Now().Sub(r.patient(w)) < limitPatience:
		w.busy = true
		r.calls.pending++
		w.timer = r.deps.World.AfterFunc(limitPause, func() {
			r.mailbox.put(func() {
				r.stopPending(w)
				if !r.late && r.code.waiting[w.key] == w {
					r.begin(w)
				}
			})
		})
	case r.budget.account.Blocker == "":
		r.budget.account.Blocker, r.budget.account.AtLimit, w.patientSince = w.key, true, time.Time{}
		b := r.budget.account.StopsAt(w.key, c.head, *c.need, over, c.model)
		if over.Waits { // calls in flight elsewhere may leave enough long before the limit begins anew
			if soon := r.st.LooksAgain(*b.Limit, r.now()); b.Again.IsZero() || soon.Before(b.Again.Time) {
				b.Again = soon
			}
		}
		r.batch.draft(pawl.EventBlocker, w.key, b)
		r.batch.then(func() { r.standsAt(w, over.Limit.Limit) })
	default:
		w.need, w.over = c.need, true
		r.budget.short = append(r.budget.short, w)
	}
}

// patient returns since when the step has waited for calls elsewhere.
func (r *Run) patient(w *waiting) time.Time {
	w.patientSince = cmp.Or(w.patientSince, r.deps.World.Now())
	return w.patientSince
}

// standsAt has a step whose blocker is durable now go on when the limit begins anew, or at
// once where that was set or removed since the call was refused: whoever did so looked for
// blockers before this one was there.
func (r *Run) standsAt(w *waiting, refused limit.Limit) {
	changed, err := r.hasChanged(refused)
	if err != nil {
		r.deps.Log.Error("limits not read", "run", r.id, "error", err)
	}
	if changed {
		r.tryAgain(w)
		return
	}
	r.setAgain(w)
}

// hasChanged reports whether a limit is another one by now, or gone.
func (r *Run) hasChanged(l limit.Limit) (bool, error) {
	k, ok := r.deps.Journal.(limit.Keeper)
	if !ok {
		return false, nil
	}
	all, err := k.Limits(r.ctx)
	return err == nil && !slices.ContainsFunc(all, func(t limit.Tally) bool {
		return t.Name() == l.Name() && t.SetAt.Equal(l.SetAt.Time) && t.Zone == l.Zone && reflect.DeepEqual(t.Most, l.Most)
	}), err
}

// setAgain has a step that stands at a limit go on when that begins anew, if the run is
// executed for so long.
func (r *Run) setAgain(w *waiting) {
	again := r.st.Again(w.key)
	if again.IsZero() || r.isHolding() {
		return
	}
	d := again.Sub(r.deps.World.Now())
	if d <= 0 { // at once, or the run could be put to rest before
		r.beginAgain(w, again)
		return
	}
	w.stop()
	w.timer = r.deps.World.AfterFunc(d, func() { r.mailbox.put(func() { r.beginAgain(w, again) }) })
}

// beginAgain lifts the blocker of a limit that has begun anew.
func (r *Run) beginAgain(w *waiting, at pawl.Time) {
	if r.st.Again(w.key) == at && !at.After(r.deps.World.Now()) {
		r.tryAgain(w)
	}
}

// tryAgain lifts the blocker of a limit, so that the step's call is refused once more or
// leaves.
func (r *Run) tryAgain(w *waiting) {
	if r.late || r.isHolding() || w.lifts || r.code.waiting[w.key] != w || !r.st.Account.AtLimit || r.st.Account.Blocker != w.key {
		return
	}
	r.batch.draft(pawl.EventDecision, w.key, journal.Decision{What: pawl.DecideRetry, Who: replay.LimitActor, Digest: r.st.Steps[w.key].Asked.Digest})
	w.lifts = true
	r.batch.then(func() { w.lifts = false; r.beginAll() })
}
