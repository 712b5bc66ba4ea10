package replay

import (
	"container/heap"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/host"
	"github.com/pawlrun/pawl/journal"
)

// Base is a run from which another, the own one, takes results over. Of what steps wait
// for they get first what came first in the base, and with it they stand and go on as they
// did there: so if nothing is executed anew they all come in the order of the base. A
// step that is executed anew holds nothing up: what does not follow from it may come before
// it then. What is at another key comes at once.
type Base struct {
	st, own *State
	of      journal.Base
	strict  bool

	ready []pawl.Key           // steps of the run that take over what is at another key, in the order in which they asked
	due   dueQueue             // of the others: what comes next of them
	found map[pawl.Key]*Step   // what steps of the run wait to take over
	taken map[*Step]bool       // is taken over, or found
	alike map[likeness][]*Step // those with a result, in the order of these

	input    bool // the run has the base's
	anew     bool // something is, or was, executed anew
	imported bool // the base is from a file, which proves nobody's decision
}

// NewBase returns what st, the run that of names, has for a run whose own state is own.
// strict says that other words are another question.
func NewBase(st *State, of journal.Base, own *State, strict bool) *Base {
	b := &Base{st: st, own: own, of: of, strict: strict, found: map[pawl.Key]*Step{}, taken: map[*Step]bool{}, alike: map[likeness][]*Step{}}
	b.input = !st.LacksInput() && string(canonical(st.Created.Input)) == string(canonical(own.Created.Input))
	for _, s := range own.order {
		if s.taken != nil && s.taken.Run == st.Run {
			b.taken[st.Steps[s.taken.Key]] = true
		}
		b.anew = b.anew || s.Begun && s.From == nil && !s.Head.Kind.Scope()
	}
	for _, t := range st.Turns() {
		if s := st.Steps[t.Key]; t.Result != nil && !st.hidden[t.Key] {
			like := s.likeness()
			b.alike[like] = append(b.alike[like], s)
		}
	}
	return b
}

// Knows reports whether the base has a step with that key.
func (b *Base) Knows(key pawl.Key) bool { return b.st.Steps[key] != nil }

// SetImported takes in that the base is from a file. Who decided in it is what whoever wrote
// the file says: it counts for no wait that somebody may not decide.
func (b *Base) SetImported() { b.imported = true }

// SetAnew takes in that a step is executed anew.
func (b *Base) SetAnew() { b.anew = true }

// FindStep looks for what a step takes over that the run asks for, which is about data,
// see StepData. It reports whether there is something: Next returns it then. takes says
// whether the flow takes the step's failure as a value.
func (b *Base) FindStep(key pawl.Key, s host.Step, data func() []byte, takes bool) bool {
	if s.Do != nil && s.Do.Fresh {
		return false
	}
	if rec := b.at(key, s.Kind()); rec != nil {
		_, same := b.own.IsSame(rec, s)
		same = same && !b.st.lacksQuestion(rec)
		if b.mayFail(rec, takes) && (same || b.isKept(rec) && rec.isAbout(data())) {
			return b.find(key, rec)
		}
		if same {
			return false
		}
	}
	for _, name := range namesOf(s.Name, s.Was) {
		for _, digest := range b.own.digests(s) {
			like := likeness{name: name, kind: s.Kind(), digest: digest}
			if s.Do != nil { // of its code, which only its place tells, the digest says nothing
				like.place = placeOf(key, name)
			}
			if rec := b.elsewhere(key, like); rec != nil {
				return b.find(key, rec)
			}
		}
	}
	return false
}

// FindWait is FindStep for a wait.
func (b *Base) FindWait(key pawl.Key, w host.Wait, takes bool) bool {
	digest := WaitDigest(w)
	if rec := b.at(key, w.Kind); rec != nil {
		same := rec.Head.Digest == digest
		if b.mayFail(rec, takes) && b.isCarried(rec, w, same) && !b.isBarred(rec, w) {
			return b.find(key, rec)
		}
		if same {
			return false
		}
	}
	if !isTold(w) {
		return false
	}
	for _, name := range namesOf(w.Name, w.Was) {
		rec := b.elsewhere(key, likeness{name: name, kind: w.Kind, digest: digest})
		if rec != nil && b.mayCarry(rec) && !b.isBarred(rec, w) {
			return b.find(key, rec)
		}
	}
	return false
}

// isCarried reports whether what the base has at a wait's own key answers it, which asks
// the same or does not. What an event is about nobody can see: one counts as long as all is
// as it was in the base.
func (b *Base) isCarried(rec *Step, w host.Wait, same bool) bool {
	switch w.Kind {
	case pawl.KindSleep:
		return rec.lasts(w)
	case pawl.KindAwait:
		return !b.anew && b.input && (same && b.mayCarry(rec) || b.isBefore(rec) && (same || !b.strict))
	}
	return same && (b.isBefore(rec) || b.mayCarry(rec)) || b.isKept(rec) && rec.isAbout(WaitData(w))
}

// isTold reports whether what a person is shown says all that a decision is about, so that
// one that was made elsewhere counts.
func isTold(w host.Wait) bool {
	return w.Kind == pawl.KindApprove || w.Kind == pawl.KindInput && string(orNull(w.Proposal)) != "null"
}

// isBarred reports whether the decision that a wait would take over is one of somebody who
// may not decide it as it is asked now, or may be.
func (b *Base) isBarred(rec *Step, w host.Wait) bool {
	d := rec.Result.Decision
	switch {
	case d == nil, b.imported:
		return len(w.NotBy) > 0
	case d.Expired:
		return false
	}
	return Barred(w.NotBy, d.Who) != ""
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

// elsewhere returns the first result of that likeness that is not taken; nil: there is
// none. Of a person and of code it is none that belongs to another item.
func (b *Base) elsewhere(key pawl.Key, like likeness) *Step {
	all := b.alike[like]
	if b.isForced(key) || like.digest == "" {
		return nil
	}
	isGone := func(rec *Step) bool { return b.taken[rec] || rec.Result.Failure != nil || b.isForced(rec.Key) }
	for len(all) > 0 && isGone(all[0]) {
		all = all[1:]
	}
	b.alike[like] = all
	for _, rec := range all {
		if !isGone(rec) && (like.kind == pawl.KindAsk || !isOtherItem(key, rec.Key)) {
			return rec
		}
	}
	return nil
}

// find has a step of the run take a result over when its turn comes.
func (b *Base) find(key pawl.Key, rec *Step) bool {
	b.taken[rec], b.found[key] = true, rec
	if rec.Key != key {
		b.ready = append(b.ready, key)
		return true
	}
	d := due{turns: rec.turnsToResult()}
	if own := b.own.Steps[key]; own != nil { // a process that died has taken some of them over
		d.turns = d.turns[min(len(own.turns), len(d.turns)-1):]
	}
	heap.Push(&b.due, d)
	return true
}

// Next returns the step of the run of which there is something to take over, what that
// is, a result or that it stands or goes on, and which step of the base has it. It
// reports false if none waits, which waits says of a key.
func (b *Base) Next(waits func(pawl.Key) bool) (t Turn, rec *Step, ok bool) {
	for len(b.ready) > 0 {
		key := b.ready[0]
		b.ready = b.ready[1:]
		if rec := b.take(key); waits(key) {
			return Turn{Key: key, Result: rec.Result}, rec, true
		}
	}
	for len(b.due) > 0 {
		d := &b.due[0]
		t, rec := d.turns[0], b.found[d.turns[0].Key]
		if d.turns = d.turns[1:]; len(d.turns) > 0 {
			heap.Fix(&b.due, 0)
		} else {
			heap.Pop(&b.due)
			b.take(t.Key)
		}
		if waits(t.Key) {
			return t, rec, true
		}
	}
	return Turn{}, nil, false
}

// take returns what was found for a key, once.
func (b *Base) take(key pawl.Key) *Step {
	rec := b.found[key]
	delete(b.found, key)
	return rec
}

// due are the turns of a step that wait to be taken over, the result last.
type due struct{ turns []Turn }

// dueQueue is a heap: the turn that came first in the base is at its front.
type dueQueue []due

func (q dueQueue) Len() int           { return len(q) }
func (q dueQueue) Less(i, j int) bool { return q[i].turns[0].Seq < q[j].turns[0].Seq }
func (q dueQueue) Swap(i, j int)      { q[i], q[j] = q[j], q[i] }
func (q *dueQueue) Push(d any)        { *q = append(*q, d.(due)) }
func (q *dueQueue) Pop() any {
	last := len(*q) - 1
	d := (*q)[last]
	*q = (*q)[:last]
	return d
}

// isForced reports whether a step is to be executed anew.
func (b *Base) isForced(key pawl.Key) bool { return b.of.At != "" && isWithin(b.of.At, key) }

// isBefore reports whether a step first had a result before the flow came to the one at
// which a fork is made. One that was retried since, or kept, is still before that.
func (b *Base) isBefore(rec *Step) bool { return rec.firstResult < b.of.Before }

// isKept reports whether a step keeps its result though it is asked for in other words.
func (b *Base) isKept(rec *Step) bool { return b.isBefore(rec) && !b.strict }

// mayCarry reports whether the result of a wait may be taken over where the same is asked.
// In a fork people are asked again, and so they are elsewhere if somebody turned the
// proposal down or nobody decided in time.
func (b *Base) mayCarry(rec *Step) bool {
	d := rec.Result.Decision
	return d == nil || b.of.At == "" && d.What != pawl.DecideReject && !d.Expired
}

// isAbout reports whether a step's result is known to be about data.
func (s *Step) isAbout(data []byte) bool {
	_, other := otherData(s.Head.Data, data)
	return len(s.Head.Data) > 0 && len(data) > 0 && !other
}

// lasts reports whether a sleep is known to have been as long as one that is asked for.
func (s *Step) lasts(w host.Wait) bool {
	slept, known := s.slept()
	return known && (slept-max(0, w.For)).Abs() <= time.Second // it was set a moment after it was asked for
}

// slept returns how long a sleep was to last, if that is known.
func (s *Step) slept() (d time.Duration, known bool) {
	switch {
	case s.sleeps != nil:
		return time.Duration(*s.sleeps) * time.Millisecond, true
	case s.Until.IsZero():
		return 0, false
	}
	return s.Until.Sub(s.started.Time), true
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
