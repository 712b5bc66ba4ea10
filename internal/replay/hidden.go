package replay

import "github.com/pawlrun/pawl"

// hide remembers that an event's body is withheld. What its step came to is then not to
// be taken over: it is not here, was made of what is not, or answers nobody knows what.
func (st *State) hide(e pawl.Event) {
	switch e.Type {
	case pawl.EventIntent:
		set(&st.unasked, e.Key, true)
	case pawl.EventCreated, pawl.EventAttempt, pawl.EventBlocker, pawl.EventDecision, pawl.EventReused, pawl.EventOverride, pawl.EventFailed:
		set(&st.hidden, e.Key, true)
	}
}

// LacksInput reports whether the run's input is withheld.
func (st *State) LacksInput() bool {
	return st.hidden[""] && string(orNull(st.Created.Input)) == "null"
}

// Lacks reports whether something of what a step came to is withheld.
func (st *State) Lacks(key pawl.Key) bool { return st.hidden[key] }

// lacksQuestion reports whether what a step asked is withheld: nothing is the same as that,
// though it has no digest to differ from.
func (st *State) lacksQuestion(rec *Step) bool {
	return st.unasked[rec.Key] && rec.Head.Digest == ""
}
