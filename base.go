package pawl

import "encoding/json"

// Base is a run whose results another run takes over, so that only what has changed is
// executed and paid. What is taken over is copied: nothing becomes of the new run when
// the base is removed, and the base is never written to.
//
// Without At the new run is a rerun. A step takes over what the base has at the same key,
// or else at another key of the same name, if it asks the same: with that digest, people's
// decisions included. A failure that the flow took as a value is asked again, and so is a
// person who turned something down, or did not decide in time. A result is checked by its
// type and its gates once more, and one that does not pass is asked anew.
//
// Code of which the base does not know how it ended, or that it still executes, may have
// been done: it is executed in the new run, under another idempotency key. A plan says so.
type Base struct {
	Run RunID

	// At makes the new run a fork, from before the step with this key: what the base had
	// come to before it first asked for that step is taken over by its key, whatever has
	// changed but what a step is about, people's decisions and failures that the flow took
	// as values included. The step itself is executed anew, and so is a scope with all in
	// it. What comes behind takes over results as in a rerun, and people are asked again. It
	// may be a whole item, as in "sections[1]".
	At Key

	// Result is what the step At comes to, in place of asking or doing it: it is checked as
	// one that a person supplies. Start refuses one that does not pass, with ErrInput, where
	// the flow comes to the step with what is taken over; else the step fails when the flow
	// asks, the result is kept, and another one may be supplied. Null: it is executed anew.
	// Of an approval it is refused.
	Result json.RawMessage
}
