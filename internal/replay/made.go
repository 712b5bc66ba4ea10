package replay

import (
	"bytes"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/journal"
)

// Made is Apply for an event that was just made from a body, which must not
// change any more. The bodies that flows make most of are not read back; the
// state is the same.
func (st *State) Made(e pawl.Event, body any) error {
	switch b := body.(type) {
	case journal.Attempt:
		// What it came to may be spelled in another way than it is stored.
		if b.Outcome == pawl.OutcomeAccepted && b.Raw == nil && b.Gates == nil && b.Error == nil && b.Result != nil && bytes.Contains(e.Body, b.Result) {
			return made(st, e, b, st.attempt)
		}
	case journal.Scope:
		return made(st, e, b, st.scope)
	}
	return st.Apply(e)
}

func made[B any](st *State, e pawl.Event, b B, f func(pawl.Event, B)) error {
	if st.Steps == nil {
		return damaged(e, "stands before created")
	}
	if what := incomplete(e, b); what != "" {
		return damaged(e, what)
	}
	st.pass(e)
	f(e, b)
	return nil
}
