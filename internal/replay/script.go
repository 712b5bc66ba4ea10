package replay

import (
	"encoding/json"
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
}

// Script hands results to flow code, recorded and new ones alike, in the order
// of their events. A result whose turn comes while no branch waits for its
// key is set aside, to be taken as soon as that key is asked.
type Script struct {
	queue []Result
	aside map[pawl.Key]Result
}

// Add puts results behind all others.
func (s *Script) Add(r ...Result) { s.queue = append(s.queue, r...) }

// Next takes results off the queue until one is due: waits says whether a
// branch waits for a key. It reports false when the queue is empty.
func (s *Script) Next(waits func(pawl.Key) bool) (Result, bool) {
	for len(s.queue) > 0 {
		r := s.queue[0]
		s.queue = s.queue[1:]
		if waits(r.Key) {
			return r, true
		}
		if s.aside == nil {
			s.aside = map[pawl.Key]Result{}
		}
		s.aside[r.Key] = r
	}
	return Result{}, false
}

// Drop forgets the results of a key: they are void, or are to come in another place.
func (s *Script) Drop(key pawl.Key) {
	s.queue = slices.DeleteFunc(s.queue, func(r Result) bool { return r.Key == key })
	delete(s.aside, key)
}

// Due reports whether the next result is that of a key.
func (s *Script) Due(key pawl.Key) bool { return len(s.queue) > 0 && s.queue[0].Key == key }

// Take returns the result that was set aside for a key, once.
func (s *Script) Take(key pawl.Key) (Result, bool) {
	r, ok := s.aside[key]
	delete(s.aside, key)
	return r, ok
}

// Unused returns the keys of what is set aside, in the order of their events.
func (s *Script) Unused() []pawl.Key {
	rest := make([]Result, 0, len(s.aside))
	for _, r := range s.aside {
		rest = append(rest, r)
	}
	slices.SortFunc(rest, func(a, b Result) int { return int(a.Seq - b.Seq) })
	var keys []pawl.Key
	for _, r := range rest {
		keys = append(keys, r.Key)
	}
	return keys
}
