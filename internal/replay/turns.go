package replay

import (
	"slices"

	"github.com/pawlrun/pawl"
)

// turn adds a turn at which the step stands or may go on.
func (s *Step) turn(e pawl.Event, stands bool) {
	s.turns = append(s.turns, Turn{Seq: e.Seq, Key: e.Key, Stands: stands})
}

// LastTurn returns the number of the event at which the step last stood or might go on; 0:
// it never stood.
func (s *Step) LastTurn() pawl.Seq {
	if len(s.turns) == 0 {
		return 0
	}
	return s.turns[len(s.turns)-1].Seq
}

// result returns the turn of the step's result, which has one.
func (s *Step) result() Turn { return Turn{Seq: s.Result.Seq, Key: s.Key, Result: s.Result} }

// turnsToResult returns the turns of a step up to its result, which it has.
func (s *Step) turnsToResult() (all []Turn) {
	for _, t := range s.turns {
		if t.Seq < s.Result.Seq {
			all = append(all, t)
		}
	}
	return append(all, s.result())
}

// Turns returns what is recorded for flow code, in the order of the events. Results
// that are void are not among it.
func (st *State) Turns() []Turn {
	all := make([]Turn, 0, len(st.order))
	for _, s := range st.order {
		for _, t := range s.turns {
			if s.Result == nil || s.Result.Seq != t.Seq {
				all = append(all, t)
			}
		}
		if s.Result != nil {
			all = append(all, s.result())
		}
	}
	slices.SortFunc(all, func(a, b Turn) int { return int(a.Seq - b.Seq) })
	return all
}

// TurnAt returns the turn of an event that was the last one, of a key, if it has one.
func (st *State) TurnAt(key pawl.Key, seq pawl.Seq) (Turn, bool) {
	s := st.Steps[key]
	switch {
	case s == nil:
	case s.Result != nil && s.Result.Seq == seq:
		return s.result(), true
	case s.LastTurn() == seq:
		return s.turns[len(s.turns)-1], true
	}
	return Turn{}, false
}
