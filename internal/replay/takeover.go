package replay

import (
	"bytes"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/host"
	"github.com/pawlrun/pawl/journal"
)

// Reuse returns the event that takes a result of the base over for a step which presents
// itself as head, with value in its place if that is not nil. It is recorded as what it
// was asked for there. stale says that this is in other words than it is asked in now. s is
// the step, nil for a wait.
func (b *Base) Reuse(rec *Step, head journal.Step, s *host.Step, value []byte) (body journal.Reused, stale bool) {
	body = journal.Reused{Step: head, From: journal.Took{Run: b.st.Run, Key: rec.Key}, Result: rec.Result.Value}
	body.Step.Digest, stale = b.recorded(rec, head.Digest, s)
	body.Step.Data = rec.Head.Data
	body.Step.Sensitive = head.Sensitive || rec.Head.Sensitive
	if value != nil {
		body.Result = value
	}
	if f := rec.Result.Failure; f != nil {
		body.Error = &journal.Failure{Kind: f.Kind, Message: f.Message, Hint: f.Hint, Step: f.Step}
	}
	body.From.Usage = rec.took()
	if slept, known := rec.slept(); known && rec.Head.Kind == pawl.KindSleep {
		body.SleptMS = new(slept.Milliseconds())
	}
	if d := rec.Result.Decision; d != nil {
		body.DecidedAt = d.At
		body.Decision = &journal.Decision{What: d.What, Who: d.Who, Comment: d.Comment, Reason: d.Reason, Digest: d.Digest, Delivery: d.Delivery, Expired: d.Expired}
		if !bytes.Equal(orNull(valueIn(body)), d.Value) { // which may not fit beside the result
			body.Decision.Value = d.Value
		}
	}
	return body, stale
}

// recorded returns the digest with which what the base has for a step is recorded: as this
// program takes it, if that is the same by an older one, so that who takes it over from
// this run knows it again.
func (b *Base) recorded(rec *Step, now string, s *host.Step) (digest string, stale bool) {
	switch {
	case rec.Head.Digest == now || rec.Head.Digest == "":
		return rec.Head.Digest, false
	case s == nil:
		return rec.Head.Digest, true
	}
	if m, same := b.own.sameAsOf(rec, *s); same {
		return Digest(*s, m.For(*s)), false
	}
	return rec.Head.Digest, true
}

// Turn returns the event that has a step, which is to take a result over, stand or go on
// as it did in the base.
func (b *Base) Turn(rec *Step, t Turn, head journal.Step) journal.Reused {
	body := journal.Reused{Step: head, From: journal.Took{Run: b.st.Run, Key: rec.Key}, Turn: journal.TurnGoesOn}
	if t.Stands {
		body.Turn = journal.TurnStands
	}
	return body
}
