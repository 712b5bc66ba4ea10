package host

import "encoding/json"

// Gate is a named check that a result must pass before it is accepted. Check is
// a pure function of the value; its error is the complaint that the model and
// the reader see.
type Gate struct {
	Name  string
	Check func(*Candidate) error
}

// Candidate is a value that gates judge, one after another. Whoever runs the gates
// makes one for each value that is judged, from its JSON; it is not for concurrent
// use.
type Candidate struct {
	JSON json.RawMessage // gates must not change it

	Decoded any // what gates keep of it for those that follow; nil: none has run
}
