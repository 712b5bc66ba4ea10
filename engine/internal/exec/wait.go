package exec

import (
	"fmt"
	"slices"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/host"
	"github.com/pawlrun/pawl/internal/limits"
	"github.com/pawlrun/pawl/internal/replay"
	"github.com/pawlrun/pawl/journal"
)

// askWait takes what a wait has come to, or has the run wait for it.
func (r *Run) askWait(b *branch, ask host.Wait) {
	w := &waiting{branch: b, key: r.keyOf(b, ask.Name, ask.Was), wait: &ask, step: host.Step{Try: ask.Try}}
	r.hear(w)
	rec, fits := r.recorded(w, ask.Kind)
	switch {
	case !fits:
	case rec != nil && rec.Result != nil:
		r.takeRecorded(w, rec, r.st.MatchWait(rec, ask, ask.Try || b.try, r.deps.Strict))
	case longQuestion(ask) != nil:
		r.fail(longQuestion(ask), "")
	default:
		r.wait(w)
		if !r.findWait(w, rec) {
			r.askFirst(w, rec)
		}
	}
}

// askFirst has a wait begin that has no result, or go on.
func (r *Run) askFirst(w *waiting, rec *replay.Step) {
	if w.wait.Kind != pawl.KindSleep {
		r.ask(w, rec)
	} else if rec == nil {
		head := &journal.Step{Kind: w.wait.Kind, Purpose: host.PurposeOf(w.wait.Purpose, w.wait.Name), Source: host.Place(w.wait.Caller)}
		r.batch.draft(pawl.EventTimer, w.key, journal.Timer{Step: head, Until: pawl.At(r.deps.World.Now().Add(max(0, w.wait.For)))})
	}
	r.batch.then(func() { r.setTimer(w) })
}

// beginWait goes on with a wait that was held back. One whose recorded result is void, or
// that is retried, is asked anew.
func (r *Run) beginWait(w *waiting) {
	again := w.misfit || w.wait.Kind == pawl.KindAwait && !w.resolved && !w.asks
	if rec := r.st.Steps[w.key]; again && rec.Result == nil && !r.st.Blocked(w.key) {
		w.misfit = false
		r.ask(w, rec)
		r.batch.then(func() { r.setTimer(w) })
		return
	}
	r.setTimer(w)
}

// waitHead is how a wait presents itself.
func waitHead(w *host.Wait) journal.Step {
	return journal.Step{Kind: w.Kind, Purpose: host.PurposeOf(w.Purpose, w.Name), Digest: replay.WaitDigest(*w), Data: replay.WaitData(*w), Source: host.Place(w.Caller),
		Sensitive: w.Sensitive || w.Schema != nil && w.Schema.Sensitive()}
}

// longQuestion refuses what the journal could not keep, or nobody could read.
func longQuestion(w host.Wait) *pawl.Error {
	asks := len(w.Question) + len(w.Who)
	for _, text := range slices.Concat(w.NotBy, w.Reasons) {
		asks += len(text)
	}
	if asks > limits.TextBytes {
		return &pawl.Error{Kind: pawl.ErrStep, Message: fmt.Sprintf("what step %q asks takes %d bytes with its reasons, the journal holds at most %d", w.Name, asks, limits.TextBytes),
			Hint: "ask in a line, and show the rest as the proposal or with Shown"}
	}
	if n := len(w.Proposal) + len(w.Default); n > limits.EntryBytes {
		return tooLong(fmt.Sprintf("what step %q shows a person", w.Name), n)
	}
	return nil
}

// blockerOf is the kind of blocker on which a wait stands.
var blockerOf = map[pawl.Kind]pawl.BlockerKind{
	pawl.KindApprove: pawl.BlockerApproval, pawl.KindInput: pawl.BlockerInput, pawl.KindAwait: pawl.BlockerEvent,
}

// ask opens the blocker of an approval, an input or an event, unless what is open
// shows the same. The deadline counts from when there first was one. An event that came
// before is taken.
func (r *Run) ask(of *waiting, rec *replay.Step) {
	w := of.wait
	head := waitHead(w)
	digest := head.Digest
	asked := rec != nil && rec.Asked != nil
	fits := func(k replay.Kept) bool { // what is supplied for a failure is for the step, whatever the failure was
		return k.Digest == digest || k.What == pawl.DecideSupply && (rec.Head.Digest == digest || rec.Head.Digest == "")
	}
	if taken, _ := r.takeKept(of, fits); taken {
		return
	}
	var early []journal.Decision
	if w.Kind == pawl.KindAwait && (!r.st.Blocked(of.key) || r.st.Awaits(of.key)) { // not one that has expired: to retry it is to wait once more
		early = r.st.Delivered(of.key)
	}
	if len(early) == 0 && r.st.Blocked(of.key) && asked && isAsked(*rec.Asked, w, digest) {
		return
	}
	b := journal.Blocker{Kind: blockerOf[w.Kind], Question: w.Question, Who: w.Who, NotBy: w.NotBy, Proposal: w.Proposal, Reasons: w.Reasons, Digest: digest,
		Step: &head}
	if w.Schema != nil {
		b.Schema = r.batch.blob(w.Schema.JSON())
	}
	switch {
	case w.For <= 0:
	case asked && !rec.Asked.Deadline.IsZero():
		b.Deadline = rec.Asked.Deadline
	default:
		b.Deadline = pawl.At(r.deps.World.Now().Add(w.For))
	}
	r.batch.draft(pawl.EventBlocker, of.key, b)
	of.asks = true
	r.batch.then(func() { of.asks = false })
	r.takeDelivered(of, early)
}

// isAsked reports whether an open blocker asks what a wait with that digest asks.
func isAsked(b journal.Blocker, w *host.Wait, digest string) bool {
	return b.Digest == digest && slices.Equal(b.NotBy, w.NotBy) && b.Deadline.IsZero() == (w.For <= 0)
}

// setTimer has a timer that is set, or a deadline, wake this run, if it is executed
// for so long.
func (r *Run) setTimer(w *waiting) {
	until := r.st.Steps[w.key].Until
	if w.busy || r.isHolding() || until.IsZero() {
		return
	}
	d := until.Sub(r.deps.World.Now())
	if d <= 0 { // at once, or the run could be put to rest before
		r.timerFired(w)
		return
	}
	w.busy = true
	w.timer = r.deps.World.AfterFunc(d, func() { r.mailbox.put(func() { r.timerFired(w) }) })
}

// timerFired records that a timer has run out, or that nobody has decided in time.
func (r *Run) timerFired(w *waiting) {
	w.busy = false
	if rec := r.st.Steps[w.key]; r.late || r.isHolding() || w.resolved || rec.Result != nil || r.code.waiting[w.key] != w {
		return
	}
	switch {
	case w.wait.Kind == pawl.KindSleep:
		r.batch.draft(pawl.EventTimer, w.key, journal.Timer{Fired: true})
	case w.wait.For > 0:
		r.expire(w)
	default: // the code has taken the deadline back
		return
	}
	w.resolved = true                                            // for whoever looks before that is durable
	r.batch.then(func() { w.resolved = r.result(w.key) != nil }) // else it stands still, and may be retried
}

// expire records that nobody has decided in time, or that no event has come.
func (r *Run) expire(w *waiting) {
	if w.wait.Kind == pawl.KindAwait {
		r.failStep(w, &pawl.Error{Kind: pawl.ErrExpired, Message: fmt.Sprintf("no event came for step %q in %s", w.key, w.wait.For),
			Hint: "to retry the step is to wait once more; its value can be supplied"})
		return
	}
	body := journal.Decision{Who: "the deadline", Digest: r.st.Steps[w.key].Asked.Digest, Expired: true}
	switch {
	case w.wait.Kind != pawl.KindApprove:
		body.What, body.Value = pawl.DecideAnswer, w.wait.Default
	case string(w.wait.Default) == "true":
		body.What = pawl.DecideApprove
	default:
		body.What = pawl.DecideReject
		if len(w.wait.Reasons) > 0 {
			body.Reason = w.wait.Reasons[0]
		}
	}
	r.batch.draft(pawl.EventDecision, w.key, body)
}

// firstTimer returns when the first timer runs out or deadline passes, and its key, if
// all that the run waits for is time or a person; no key: no time.
func (r *Run) firstTimer() (until pawl.Time, key pawl.Key) {
	for k, w := range r.code.waiting {
		rec := r.st.Steps[k]
		switch {
		case w.reuses:
		case w.wait == nil && (w.need != nil || !w.branch.place.Works()): // its turn comes with the budget blocker's, or with another's place
		case w.wait == nil && !r.st.Blocked(k) && r.plan(w).Action == replay.Held: // until somebody has mended the account
		case w.wait == nil && !r.st.Blocked(k):
			return pawl.Time{}, "" // it was held back, and is to go on at once
		case w.wait == nil || rec.Result == nil:
			at := r.st.Again(k) // of a call that stands at a limit
			if w.wait != nil {
				at = rec.Until
			}
			if !at.IsZero() && (key == "" || at.Before(until.Time) || at == until && k < key) {
				until, key = at, k
			}
		}
	}
	return until, key
}

// wakesSoon reports whether a timer runs out so soon that the run is kept.
func (r *Run) wakesSoon() bool {
	until, key := r.firstTimer()
	return key != "" && r.deps.Evict >= 0 && until.Sub(r.deps.World.Now()) <= r.deps.Evict
}
