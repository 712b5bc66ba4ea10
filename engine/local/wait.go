package local

import (
	"fmt"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/replay"
	"github.com/pawlrun/pawl/journal"
)

// waited takes what a wait has come to, or has the run wait for it.
func (a *activation) waited(b *branch, w pawl.Wait) {
	p := &parking{branch: b, key: b.names.Next(w.Name), wait: &w}
	rec, fits := a.recorded(p, w.Kind)
	switch {
	case !fits:
	case rec != nil && rec.Result != nil:
		if a.checkStale(p, rec) {
			a.takeOrPark(p)
		}
	case longQuestion(w) != nil:
		a.fail(longQuestion(w), "")
	default:
		a.parked[p.key] = p
		if w.Kind != pawl.KindSleep {
			a.askPerson(p, rec)
		} else if rec == nil {
			head := journal.Step{Kind: w.Kind, Purpose: pawl.PurposeOf(w.Purpose, w.Name)}
			a.draft(pawl.EventTimer, p.key, journal.Timer{Step: &head, Until: pawl.At(time.Now().Add(max(0, w.For)))})
		}
		a.then(func() { a.sleep(p) })
	}
}

// longQuestion refuses what the journal could not keep.
func longQuestion(w pawl.Wait) *pawl.Error {
	n := len(w.Question) + len(w.Who) + len(w.Proposal)
	if w.Default != nil {
		n += len(w.Default.Value)
	}
	if n <= journal.MaxValueBytes-maxText {
		return nil
	}
	return tooLong(fmt.Sprintf("what step %q shows a person", w.Name), n)
}

// askPerson opens the blocker of an approval or an input, unless what is open
// shows the same. The deadline counts from when there first was one.
func (a *activation) askPerson(p *parking, rec *replay.Step) {
	w := p.wait
	digest := replay.WaitDigest(*w)
	asked := rec != nil && rec.Asked != nil
	if a.st.Blocked(p.key) && asked && rec.Asked.Digest == digest && rec.Asked.Deadline.IsZero() == (w.For <= 0) {
		return
	}
	b := journal.Blocker{Kind: pawl.BlockerInput, Question: w.Question, Who: w.Who, Proposal: w.Proposal, Reasons: w.Reasons, Digest: digest,
		Step: &journal.Step{Kind: w.Kind, Purpose: pawl.PurposeOf(w.Purpose, w.Name), Digest: digest, Sensitive: w.Schema != nil && w.Schema.Sensitive()}}
	if w.Kind == pawl.KindApprove {
		b.Kind = pawl.BlockerApproval
	}
	if w.Schema != nil {
		b.Schema = a.blob(w.Schema.JSON())
	}
	switch {
	case w.For <= 0:
	case asked && !rec.Asked.Deadline.IsZero():
		b.Deadline = rec.Asked.Deadline
	default:
		b.Deadline = pawl.At(time.Now().Add(w.For))
	}
	a.draft(pawl.EventBlocker, p.key, b)
}

// sleep has a timer that is set, or a deadline, wake this activation, if it lives
// that long.
func (a *activation) sleep(p *parking) {
	until := a.st.Steps[p.key].Until
	if p.busy || a.holding() || until.IsZero() {
		return
	}
	d := time.Until(until.Time)
	if d <= 0 { // at once, or the run could be put to rest before
		a.fired(p)
		return
	}
	p.busy = true
	p.timer = time.AfterFunc(d, func() { a.inbox.put(func() { a.fired(p) }) })
}

// fired records that a timer has run out, or that nobody has decided in time.
func (a *activation) fired(p *parking) {
	p.busy = false
	if rec := a.st.Steps[p.key]; a.finished || a.holding() || rec.Result != nil || a.parked[p.key] != p {
		return
	}
	switch {
	case p.wait.Kind == pawl.KindSleep:
		a.draftResult(pawl.EventTimer, p.key, journal.Timer{Fired: true})
	case p.wait.Default != nil && !p.settled: // else the code has taken the deadline back
		a.expire(p)
	}
}

// expire records that nobody has decided in time.
func (a *activation) expire(p *parking) {
	d := p.wait.Default
	body := journal.Decision{What: d.What, Who: "the deadline", Value: d.Value, Digest: a.st.Steps[p.key].Asked.Digest, Expired: true}
	if d.What == pawl.DecideReject && len(p.wait.Reasons) > 0 {
		body.Reason = p.wait.Reasons[0]
	}
	a.draftResult(pawl.EventDecision, p.key, body)
}

// sleeps returns when the first timer runs out or deadline passes, and its key, if
// all that the run waits for is time or a person; no key: no time.
func (a *activation) sleeps() (until pawl.Time, key pawl.Key) {
	for k, p := range a.parked {
		rec := a.st.Steps[k]
		switch {
		case p.wait == nil && p.need != nil: // its turn comes with the budget blocker's
		case p.wait == nil && !a.st.Blocked(k):
			return pawl.Time{}, "" // it was held back, and is to go on at once
		case p.wait == nil || rec.Result != nil || rec.Until.IsZero():
		case key == "" || rec.Until.Before(until.Time) || rec.Until == until && k < key:
			until, key = rec.Until, k
		}
	}
	return until, key
}

// wakesSoon reports whether a timer runs out so soon that the activation is kept.
func (a *activation) wakesSoon() bool {
	until, key := a.sleeps()
	return key != "" && a.e.evict >= 0 && time.Until(until.Time) <= a.e.evict
}
