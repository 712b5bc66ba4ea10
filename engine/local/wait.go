package local

import (
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/journal"
)

// waited takes what a wait has come to, or has the run wait for it.
func (a *activation) waited(b *branch, w pawl.Wait) {
	p := &parking{branch: b, key: b.names.Next(w.Name), wait: &w}
	rec, fits := a.recorded(p, w.Kind)
	switch {
	case !fits:
	case rec != nil && rec.Result != nil:
		a.takeOrPark(p)
	case rec == nil:
		a.parked[p.key] = p
		head := journal.Step{Kind: w.Kind, Purpose: pawl.PurposeOf(w.Purpose, w.Name)}
		a.draft(pawl.EventTimer, p.key, journal.Timer{Step: &head, Until: pawl.At(time.Now().Add(max(0, w.For)))})
		a.then(func() { a.sleep(p) })
	default:
		a.parked[p.key] = p
		a.sleep(p)
	}
}

// sleep has a timer that is set wake this activation, if it lives that long.
func (a *activation) sleep(p *parking) {
	if p.busy || a.holding() {
		return
	}
	d := time.Until(a.st.Steps[p.key].Until.Time)
	if d <= 0 { // at once, or the run could be put to rest before
		a.fired(p)
		return
	}
	p.busy = true
	p.timer = time.AfterFunc(d, func() { a.inbox.put(func() { a.fired(p) }) })
}

// fired records that a timer has run out.
func (a *activation) fired(p *parking) {
	p.busy = false
	if !a.finished && !a.holding() {
		a.draftResult(pawl.EventTimer, p.key, journal.Timer{Fired: true})
	}
}

// sleeps returns when the first timer runs out, and its key, if timers are all
// that the run waits for by itself; no key: they are not.
func (a *activation) sleeps() (until pawl.Time, key pawl.Key) {
	for k, p := range a.parked {
		rec := a.st.Steps[k]
		switch {
		case p.wait == nil && !a.st.Blocked(k):
			return until, "" // it was held back, and is to go on at once
		case p.wait == nil || rec.Result != nil:
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
