package replay

import (
	"encoding/json"
	"slices"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/journal"
)

// Step is what the journal knows of one step.
type Step struct {
	History
	Key    pawl.Key
	First  pawl.Seq // its first event, once it has begun
	Begun  bool     // the flow has asked for it in this run; otherwise there is only what was set for it
	Head   journal.Step
	Closed bool // a scope whose branches have all ended
	N      int  // of a scope: its branches
	ByID   bool // of a map: they are named by what their items are
	Yields bool // of a map: those that stand give their places up
	Open   *journal.Intent
	Until  pawl.Time        // when the timer of a sleep runs out, or a deadline passes; zero: never
	Asked  *journal.Blocker // what a person was asked last
	Passed bool             // a person let it go on past its breakpoint
	From   *journal.Took    // of which step of the run's base it has its result; nil: it has none of it
	Kept   *Kept            // a decision that the flow has not asked for since; nil: there is none
	Result *Result          // what it came to
	Anew   int              // how often it was begun anew about something else, or although it had a result
	Stale  string           // its request has changed since its result was recorded: the digest that it had when that was last said; empty: it has not
	Unused bool

	firstLimit int // of tokens, of its first request that had one; 0: none had

	asked       pawl.Seq      // the event at which it was last asked for anew
	firstResult pawl.Seq      // the event of its first result, be it void by now; 0: it has had none
	taken       *journal.Took // as From, and kept if the result is void
	sleeps      *int64        // milliseconds that a sleep which is taken over was to last; nil: not known

	skip    *pawl.Decision // that its failure is to be its result, which comes with the next event; nil: nobody's
	turns   []Turn         // at which it stood or might go on
	began   pawl.Time      // of the open intent
	started pawl.Time
	ended   pawl.Time
	endings []pawl.Time      // of the attempts; zero: unknown
	carried map[int][]string // guidance of attempts, by their number
}

// step returns the step with that key, which begins with the event if it has not yet: it
// takes its place behind all others then, also if something was set for it before.
func (st *State) step(e pawl.Event, head *journal.Step) *Step {
	s := st.named(e.Key)
	if !s.Begun {
		s.Begun, s.First, s.asked, s.started = true, e.Seq, e.Seq, e.At
		if last := len(st.order) - 1; st.order[last] != s {
			st.order = append(slices.DeleteFunc(st.order, func(o *Step) bool { return o == s }), s)
		}
	}
	if head != nil {
		s.Head = *head
	}
	return s
}

// named returns the step with that key, which has not begun if there was none.
func (st *State) named(key pawl.Key) *Step {
	s := st.Steps[key]
	if s == nil {
		s = &Step{Key: key}
		st.Steps[key] = s
		st.order = append(st.order, s)
	}
	return s
}

// comeTo makes a result that is the run's own that of the step.
func (s *Step) comeTo(r Result) {
	s.Result, s.From, s.skip, s.ended = &r, nil, nil, r.At
	if s.firstResult == 0 {
		s.firstResult = r.Seq
	}
}

// asks begins a new round of a step whose attempts were about something else than
// what it asks now.
func (st *State) asks(e pawl.Event, now journal.Step) {
	if s := st.Steps[e.Key]; s != nil && s.IsOther(now.Data) {
		s.anew(e)
	}
}

// IsOther reports whether the attempts of a step's round were about something else
// than data: they are not to be gone on with.
func (s *Step) IsOther(data json.RawMessage) bool {
	_, other := otherData(s.Head.Data, data)
	return other && len(s.Attempts) > s.Round
}

// anew begins a new round, which has nothing of the ones before.
func (s *Step) anew(e pawl.Event) {
	s.Result, s.From, s.Stale, s.asked = nil, nil, "", e.Seq
	s.Round, s.Answered = len(s.Attempts), len(s.Attempts)
	s.Anew++
}

// Before returns the number of the event from which on what is recorded does not come
// before a step: at that the flow last asked for it anew. If it never has, all comes before.
func (st *State) Before(s *Step) pawl.Seq {
	if !s.Begun {
		return st.Seq + 1
	}
	return s.asked
}

// Started is when the flow asked for the step first; zero: it has not.
func (s *Step) Started() pawl.Time { return s.started }
