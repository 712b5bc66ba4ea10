package replay

import (
	"encoding/json"
	"maps"
	"slices"

	"github.com/pawlrun/pawl"
)

// Result is what a step came to: a value, or the failure that the flow took as
// a value.
type Result struct {
	Seq     pawl.Seq
	Key     pawl.Key
	At      pawl.Time
	Value   json.RawMessage
	Failure *pawl.Error // nil: Value counts

	Decision *pawl.Decision // that gave it, be it taken over; nil: nobody's
}

// Turn is what an event of a step means for the branch that asks for it: its result
// has come, or the branch stands or may go on, see Scope.
type Turn struct {
	Seq    pawl.Seq
	Key    pawl.Key
	Result *Result // nil: it has not come
	Stands bool    // without a result: the step stands; otherwise it may go on
}

// Script hands results to flow code, recorded and new ones alike, in the order
// of their events, and with them the turns at which steps stand and go on. A result
// whose turn comes while no branch waits for its key is set aside, to be taken as soon
// as that key is asked; of the other turns the last one counts then.
type Script struct {
	queue    []Turn
	aside    map[pawl.Key]Result
	standing map[pawl.Key]bool // that nobody waited for when they came to stand
}

// Add puts turns behind all others.
func (s *Script) Add(t ...Turn) { s.queue = append(s.queue, t...) }

// Next takes turns off the queue until one is due: waits says whether a
// branch waits for a key. It reports false when the queue is empty.
func (s *Script) Next(waits func(pawl.Key) bool) (Turn, bool) {
	for len(s.queue) > 0 {
		t := s.queue[0]
		s.queue = s.queue[1:]
		delete(s.standing, t.Key)
		switch {
		case waits(t.Key):
			return t, true
		case t.Result != nil:
			set(&s.aside, t.Key, *t.Result)
		case t.Stands:
			set(&s.standing, t.Key, true)
		}
	}
	return Turn{}, false
}

// Drop forgets the results of a key: they are void, or are to come in another place. That
// the step could go on at them stays.
func (s *Script) Drop(key pawl.Key) {
	for i := range s.queue {
		if t := &s.queue[i]; t.Key == key {
			t.Result = nil
		}
	}
	delete(s.aside, key)
}

// Due reports whether the next turn is the result of a key.
func (s *Script) Due(key pawl.Key) bool {
	return len(s.queue) > 0 && s.queue[0].Key == key && s.queue[0].Result != nil
}

// Stands reports whether a key stands since before a branch waited for it.
func (s *Script) Stands(key pawl.Key) bool { return s.standing[key] }

// IsPast reports whether the turns up to an event have come.
func (s *Script) IsPast(seq pawl.Seq) bool { return len(s.queue) == 0 || s.queue[0].Seq > seq }

// Take returns the result that was set aside for a key, once.
func (s *Script) Take(key pawl.Key) (Result, bool) {
	r, ok := s.aside[key]
	delete(s.aside, key)
	return r, ok
}

// Unused returns the keys of what is set aside, in the order of their events.
func (s *Script) Unused() []pawl.Key {
	var keys []pawl.Key
	for _, r := range slices.SortedFunc(maps.Values(s.aside), func(a, b Result) int { return int(a.Seq - b.Seq) }) {
		keys = append(keys, r.Key)
	}
	return keys
}
