package replay

import (
	"bytes"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/host"
	"github.com/pawlrun/pawl/journal"
)

// Base is a run from which another takes results over. They come in the order that they
// had there: a step that takes over what is at its own key waits until its turn has come,
// as in a replay. What is at another key comes at once.
type Base struct {
	st     *State
	of     journal.Base
	script Script
	ready  []pawl.Key           // steps of the run whose turn has come, in the order in which they asked
	found  map[pawl.Key]*Step   // what steps of the run wait to take over
	taken  map[*Step]bool       // is taken over, or found
	alike  map[likeness][]*Step // those with a result, in the order of these
}

// likeness is what results have in common that may stand at each other's keys.
type likeness struct {
	name   string
	kind   pawl.Kind
	digest string
}

// NewBase returns what st, the run that of names, has for a run whose own state is own.
func NewBase(st *State, of journal.Base, own *State) *Base {
	b := &Base{st: st, of: of, found: map[pawl.Key]*Step{}, taken: map[*Step]bool{}, alike: map[likeness][]*Step{}}
	for _, s := range own.order {
		if s.taken != nil && s.taken.Run == st.Run {
			b.taken[st.Steps[s.taken.Key]] = true
		}
	}
	for _, t := range st.Turns() {
		if t.Result == nil || st.hidden[t.Key] {
			continue
		}
		s := st.Steps[t.Key]
		b.script.Add(t)
		like := likeness{s.Key.Name(), s.Head.Kind, s.Head.Digest}
		b.alike[like] = append(b.alike[like], s)
	}
	return b
}

// FindStep looks for what a step takes over that a run with state own asks for, which is
// about data, see StepData. It reports whether there is something: Next returns it then.
// takes says whether the flow takes the step's failure as a value.
func (b *Base) FindStep(own *State, key pawl.Key, s host.Step, data func() []byte, takes bool) bool {
	if s.Do != nil && s.Do.Fresh {
		return false
	}
	if rec := b.at(key, s.Kind()); rec != nil {
		_, same := own.IsSame(rec, s)
		if b.mayFail(rec, takes) && (same || b.isBefore(rec) && !rec.isAbout(data())) {
			return b.find(key, rec)
		}
		if same {
			return false
		}
	}
	for _, digest := range own.digests(s) {
		if rec := b.elsewhere(key, likeness{s.Name, s.Kind(), digest}); rec != nil {
			return b.find(key, rec)
		}
	}
	return false
}

// FindWait is FindStep for a wait.
func (b *Base) FindWait(key pawl.Key, w host.Wait, takes bool) bool {
	digest := WaitDigest(w)
	if rec := b.at(key, w.Kind); rec != nil {
		before := b.isBefore(rec)
		same := rec.Head.Digest == digest
		if b.mayFail(rec, takes) && (same && rec.lasts(w) && (before || b.mayCarry(rec)) || before && w.Kind != pawl.KindSleep && !rec.isAbout(WaitData(w))) {
			return b.find(key, rec)
		}
		if same {
			return false
		}
	}
	if w.Kind == pawl.KindSleep {
		return false
	}
	rec := b.elsewhere(key, likeness{w.Name, w.Kind, digest})
	return rec != nil && b.mayCarry(rec) && b.find(key, rec)
}

// at returns the result that the same key has; nil: there is none that may be looked at.
// One that asks the same and is not taken over, since it was a failure or a rejection, is
// not made up for by another step's.
func (b *Base) at(key pawl.Key, kind pawl.Kind) *Step {
	rec := b.st.Steps[key]
	if rec == nil || rec.Result == nil || b.st.hidden[key] || rec.Head.Kind != kind || b.taken[rec] || b.isForced(key) {
		return nil
	}
	return rec
}

// mayFail reports whether a result is no failure, or one that is taken over: before a fork,
// where the flow takes failures as values.
func (b *Base) mayFail(rec *Step, takes bool) bool {
	return rec.Result.Failure == nil || takes && b.isBefore(rec)
}

// elsewhere returns the first result of that likeness that is not taken; nil: there is none.
func (b *Base) elsewhere(key pawl.Key, like likeness) *Step {
	all := b.alike[like]
	if b.isForced(key) || like.digest == "" {
		return nil
	}
	for len(all) > 0 && (b.taken[all[0]] || all[0].Result.Failure != nil) {
		all = all[1:]
	}
	b.alike[like] = all
	if len(all) == 0 || b.isForced(all[0].Key) {
		return nil
	}
	return all[0]
}

// find has a step of the run take a result over when its turn comes.
func (b *Base) find(key pawl.Key, rec *Step) bool {
	b.taken[rec], b.found[key] = true, rec
	_, passed := b.script.Take(rec.Key)
	if passed || rec.Key != key {
		b.ready = append(b.ready, key)
	}
	return true
}

// Next returns the step of the run whose turn it is to take a result over, and which
// that is. It reports false if none waits, which waits says of a key.
func (b *Base) Next(waits func(pawl.Key) bool) (key pawl.Key, rec *Step, ok bool) {
	for len(b.ready) > 0 {
		key, b.ready = b.ready[0], b.ready[1:]
		if rec := b.found[key]; waits(key) {
			delete(b.found, key)
			return key, rec, true
		}
	}
	t, ok := b.script.Next(func(k pawl.Key) bool { return b.found[k] != nil && b.found[k].Key == k && waits(k) })
	if !ok {
		return "", nil, false
	}
	rec = b.found[t.Key]
	delete(b.found, t.Key)
	return t.Key, rec, true
}

// isForced reports whether a step is to be executed anew.
func (b *Base) isForced(key pawl.Key) bool { return b.of.At != "" && isWithin(b.of.At, key) }

// isBefore reports whether a step first had a result before the flow came to the one at
// which a fork is made. One that was retried since, or kept, is still before that.
func (b *Base) isBefore(rec *Step) bool { return rec.firstResult < b.of.Before }

// mayCarry reports whether the result of a wait may be taken over where the same is asked.
// In a fork people are asked again, and so they are elsewhere if somebody turned the
// proposal down or nobody decided in time.
func (b *Base) mayCarry(rec *Step) bool {
	d := rec.Result.Decision
	return d == nil || b.of.At == "" && d.What != pawl.DecideReject && !d.Expired
}

// isAbout reports whether a step's result is about something else than data.
func (s *Step) isAbout(data []byte) bool {
	_, other := otherData(s.Head.Data, data)
	return other
}

// lasts reports whether a sleep was as long as one that is asked for.
func (s *Step) lasts(w host.Wait) bool {
	if w.Kind != pawl.KindSleep || s.Until.IsZero() {
		return true
	}
	off := s.Until.Sub(s.started.Time) - max(0, w.For)
	return off.Abs() <= time.Second // it was set a moment after it was asked for
}

// digests returns those with which what a step asks may be recorded elsewhere.
func (st *State) digests(s host.Step) []string {
	var all []string
	for _, m := range st.Models {
		all = append(all, digest(s, m.For(s), 0))
		if s.Ask != nil && s.Ask.MaxTokens != 0 {
			all = append(all, digest(s, m.For(s), s.Ask.MaxTokens))
		}
		if s.Ask == nil {
			break
		}
	}
	return all
}

// Reuse returns the event that takes a result of the base over for a step which presents
// itself as head, with value in its place if that is not nil. It is recorded as what it
// was asked for there: whether that is what is asked now is looked at as in any replay.
func (b *Base) Reuse(own *State, rec *Step, head journal.Step, value []byte) journal.Reused {
	body := journal.Reused{Step: head, From: journal.Took{Run: b.st.Run, Key: rec.Key}, Result: rec.Result.Value}
	body.Step.Digest, body.Step.Data = rec.Head.Digest, rec.Head.Data
	body.Step.Sensitive = head.Sensitive || rec.Head.Sensitive
	if value != nil {
		body.Result = value
	}
	if f := rec.Result.Failure; f != nil {
		body.Error = &journal.Failure{Kind: f.Kind, Message: f.Message, Hint: f.Hint, Step: f.Step}
	}
	body.From.Usage = rec.took()
	if d := rec.Result.Decision; d != nil {
		body.DecidedAt = d.At
		body.Decision = &journal.Decision{What: d.What, Who: d.Who, Comment: d.Comment, Reason: d.Reason, Digest: d.Digest, Delivery: d.Delivery, Expired: d.Expired}
		if !bytes.Equal(orNull(valueIn(body)), d.Value) { // which may not fit beside the result
			body.Decision.Value = d.Value
		}
	}
	return body
}
