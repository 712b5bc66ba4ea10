package exec

import (
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/replay"
	"github.com/pawlrun/pawl/journal"
)

// batch is what the next commit stores, and what waits for it to be durable.
type batch struct {
	now     func() pawl.Time
	drafts  []journal.Draft
	blobs   [][]byte
	stored  map[string]bool   // the digests of all blobs so far
	handled []journal.Handled // commands that were carried out
	release bool              // the claim is given back with it
	turns   int               // of the drafts: those at which a branch is to stand or to go on once they are durable
	latest  pawl.Time         // of the drafts
	reused  int               // bytes of results in them that are taken over

	oversized bool // the journal has refused a batch for its size

	after    []func()       // to be called then
	launches []*call        // to leave then
	answers  []chan<- error // to be told then

	summary  journal.Summary // as the list of runs has it
	released bool            // the claim was given back
}

// draft adds an event to the next commit.
func (b *batch) draft(t pawl.EventType, key pawl.Key, body any) {
	d := journal.Draft{Type: t, Key: key, At: b.now(), Body: body}
	switch b := body.(type) {
	case journal.Attempt:
		d.Result = b.Outcome == pawl.OutcomeAccepted
	case journal.Timer:
		d.Result = b.Fired
	case journal.Blocker:
		d.Opens = b.Kind != pawl.BlockerEvent // which is in no inbox
		d.Lifts = !d.Opens
	case journal.Failed:
		d.Opens, d.Result = !b.Final, b.Final && key != ""
	case journal.Decision:
		d.Result = isResult(b.What) && !b.Waits
		d.Lifts = (b.What != pawl.DecideRaise || key != "") && !(b.Waits && b.Delivery != "")
		d.Voids = key != "" && (b.What == pawl.DecideRetry || b.What == pawl.DecideSupply)
	}
	b.add(d)
}

func (b *batch) add(d journal.Draft) {
	b.drafts = append(b.drafts, d)
	switch d.Type {
	case pawl.EventBlocker, pawl.EventTimer, pawl.EventFailed, pawl.EventDecision, pawl.EventAttempt:
		b.turns++
	}
	if d.At.After(b.latest.Time) {
		b.latest = d.At
	}
}

// draftReused adds an event that is a step's result and that flow code sees at once, and
// returns the time which it will have: not before last, that of the last event.
func (b *batch) draftReused(last pawl.Time, key pawl.Key, body journal.Reused) pawl.Time {
	at := b.now()
	for _, before := range []pawl.Time{last, b.latest} {
		if at.Before(before.Time) {
			at = before
		}
	}
	b.add(journal.Draft{Type: pawl.EventReused, Key: key, At: at, Body: body, Result: body.Turn == ""})
	b.reused += len(body.Result)
	return at
}

// isFull reports whether no more is to be taken over before the batch is stored.
func (b *batch) isFull() bool { return len(b.drafts) >= maxReused || b.reused >= maxReusedBytes }

// draftAll adds events that replay has made.
func (b *batch) draftAll(drafts []journal.Draft) {
	for _, d := range drafts {
		b.draft(d.Type, d.Key, d.Body)
	}
}

// blob adds bytes that events refer to, and returns their digest.
func (b *batch) blob(data []byte) string {
	digest := journal.Digest(data)
	if !b.stored[digest] {
		b.stored[digest] = true
		b.blobs = append(b.blobs, data)
	}
	return digest
}

// then has f called when all drafts so far are durable.
func (b *batch) then(f func()) { b.after = append(b.after, f) }

// model returns the model that the drafts put in force, if they do.
func (b *batch) model() (model string) {
	for _, d := range b.drafts {
		if b, ok := d.Body.(journal.Directive); ok && b.Model != "" {
			model = b.Model
		}
	}
	return model
}

// flush makes the drafts durable and does what waited for that.
func (r *Run) flush() error {
	b := &r.batch
	if len(b.drafts)+len(b.handled) > 0 {
		if err := r.commit(); err != nil {
			if r.isOversized(err) || r.isOverLimit(err) {
				return r.flush()
			}
			return err
		}
	}
	after, launches, answers := b.after, b.launches, b.answers
	b.after, b.launches, b.answers = nil, nil, nil
	for _, c := range launches {
		r.leave(c)
	}
	for _, f := range after {
		f()
	}
	r.beginShort()
	for _, a := range answers {
		a <- nil
	}
	return nil
}

// commit stores the batch and applies its events to the state.
func (r *Run) commit() error {
	r.completeStop()
	b := &r.batch
	r.salt(b.drafts)
	begin := time.Now()
	leave, ended := r.counted(b.drafts)
	events, err := r.deps.Journal.Append(r.ctx, r.claim, journal.Batch{Drafts: b.drafts, Blobs: b.blobs, Summary: r.changedSummary(), Release: b.release, Model: b.model(), Handled: b.handled, Calls: leave, Ended: ended, Rest: r.st.News(b.drafts)})
	if err != nil {
		return err
	}
	b.released = b.release
	drafts := b.drafts
	b.drafts, b.blobs, b.handled, b.turns, b.latest, b.reused = nil, nil, nil, 0, pawl.Time{}, 0
	r.tail.appended(r.claim.Seq)
	for i, ev := range events {
		had, before := r.result(ev.Key), r.mayLift(drafts[i])
		if err := r.st.Made(ev, drafts[i].Body); err != nil {
			return err
		}
		if had != nil && r.result(ev.Key) != had {
			r.code.script.Drop(ev.Key)
		}
		if t, ok := r.st.TurnAt(ev.Key, ev.Seq); ok && ev.Type != pawl.EventReused {
			r.code.script.Add(t)
		}
		r.tellEvent(ev, drafts[i], before)
	}
	r.tellCommitted(len(events), begin)
	r.budget.account = r.st.Account
	return nil
}

// result returns what a step came to; nil: it has no result.
func (r *Run) result(key pawl.Key) *replay.Result {
	if s := r.st.Steps[key]; s != nil {
		return s.Result
	}
	return nil
}

// changedSummary returns what the list of runs is to show once the batch is stored,
// nil if that is what it shows already.
func (r *Run) changedSummary() *journal.Summary {
	s := replay.Summary(r.phase, r.before, r.code.wanted, r.batch.drafts)
	if s == r.batch.summary {
		return nil
	}
	r.batch.summary = s
	return new(s)
}
