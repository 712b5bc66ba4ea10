package replay

import (
	"slices"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/journal"
)

// Kept is a decision whose question the flow had not come to when it was made. It is
// no result yet.
type Kept struct {
	At pawl.Time
	journal.Decision
}

// keep keeps a decision for a step, which waits for nothing else then.
func (st *State) keep(s *Step, k *Kept) {
	st.unkeep(s)
	s.Kept, s.Until = k, pawl.Time{}
	st.kept = append(st.kept, s)
}

func (st *State) unkeep(s *Step) {
	s.Kept = nil
	st.kept = slices.DeleteFunc(st.kept, func(k *Step) bool { return k == s })
}

// decideKept takes in what became of a decision that was kept for a step: the flow asked
// and it is the result, or the scope in which it would have asked has ended.
func (st *State) decideKept(s *Step, e pawl.Event, b journal.Decision) {
	at := s.Kept.At
	st.unkeep(s)
	st.list(s.Key, "", b.What == journal.Withdraw)
	if b.What == journal.Withdraw {
		return
	}
	if s.Asked != nil && s.Asked.Kind == pawl.BlockerMismatch && s.Asked.Step != nil {
		s.Head = *s.Asked.Step // from now on it is about what the flow asks now
	}
	st.takeDecision(s, e, b, at)
}

// replaceKept takes in that something else was decided in the place of what is kept for a
// step: that is not used.
func (st *State) replaceKept(s *Step) {
	st.unkeep(s)
	st.list(s.Key, "", true)
}

// isKept reports whether a decision is the one that is kept for a step.
func isKept(d pawl.Decision, key pawl.Key) bool { return d.Key == key && d.Waits && d.Delivery == "" }

// takeDecision makes a decision that was made at a time the step's result.
func (st *State) takeDecision(s *Step, e pawl.Event, b journal.Decision, at pawl.Time) {
	made := at
	if b.Delivery != "" {
		made = st.deliveredAt(e.Key, b.Delivery)
	}
	s.comeTo(Result{Seq: e.Seq, Key: e.Key, At: e.At, Value: decided(s, at, b), Decision: new(decisionOf(e.Key, b, made))})
	s.Until, s.Stale = pawl.Time{}, ""
}

// dropKept takes in that a decision that was kept for a step was not taken: the step
// goes on without it, as if it had not been made.
func (st *State) dropKept(s *Step) {
	if s.Kept == nil {
		return
	}
	st.unkeep(s)
	st.decisions = slices.DeleteFunc(slices.Clone(st.decisions), func(d pawl.Decision) bool { return isKept(d, s.Key) })
}

// Unasked returns the keys of the decisions that still wait until the flow asks, in
// the order in which they were made.
func (st *State) Unasked() []pawl.Key {
	var keys []pawl.Key
	for _, s := range st.kept {
		keys = append(keys, s.Key)
	}
	return keys
}

// Left returns the keys within a scope, which has ended, in whose way something stands, or
// for which a decision waits. It looks at these alone, since every branch of a large map
// asks for them.
func (st *State) Left(scope pawl.Key) []pawl.Key {
	var keys []pawl.Key
	for _, b := range st.blockers {
		if b.Key != scope && isWithin(scope, b.Key) {
			keys = append(keys, b.Key)
		}
	}
	for _, s := range st.kept {
		if s.Key != scope && isWithin(scope, s.Key) {
			keys = append(keys, s.Key)
		}
	}
	return keys
}

// decisionRecords are the decisions as records list them.
func (st *State) decisionRecords() []pawl.Decision {
	all := append([]pawl.Decision{}, st.decisions...)
	for i := range all {
		if all[i].Waits && st.Ended() {
			all[i].Waits, all[i].Unused = false, true
		}
	}
	return all
}
