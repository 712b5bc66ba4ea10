package pawl

import (
	"encoding/json"
	"reflect"
)

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

	decoded any // *decoding[T] of the type that its gates take
}

// decoding is a candidate as Go values of its type.
type decoding[T any] struct {
	value T  // what gates are given
	as    *T // the same, which no gate has seen; nil: only one gate has run
	err   error
}

// decodeOnce decodes a candidate for the first gate that asks, and gives later ones
// the same value. None may change it; but a gate that sorts a list in place is soon
// written, and must not mislead the next one. So the value is held against another
// one, which costs a fraction of decoding strictly, and is made anew if they differ.
func decodeOnce[T any](c *Candidate) (T, error) {
	d, ok := c.decoded.(*decoding[T])
	switch {
	case !ok:
		d = &decoding[T]{}
		d.value, d.err = decode[T](c.JSON)
		c.decoded = d
	case d.err != nil:
	default:
		if d.as == nil {
			d.as = new(T)
			d.err = json.Unmarshal(c.JSON, d.as)
		}
		if !reflect.DeepEqual(d.value, *d.as) {
			d.value, d.err = decode[T](c.JSON)
		}
	}
	return d.value, d.err
}

// typedGate makes a gate of a check of Go values.
func typedGate[T any](name string, ok func(T) error) Gate {
	return Gate{Name: name, Check: func(c *Candidate) error {
		v, err := decodeOnce[T](c)
		if err != nil {
			return err
		}
		return ok(v)
	}}
}

// typeGates puts the type's own check before those of a question: that the value
// fits the Go type, which is narrower than its schema (an int8, say), and passes
// its Validate method.
func typeGates[T any](gates []Gate) []Gate {
	var zero T
	_, checks := any(&zero).(interface{ Validate() error })
	if !checks && reflect.TypeFor[T]().Kind() == reflect.String {
		return gates
	}
	own := typedGate("type", func(v T) error { return validate(&v) })
	return append([]Gate{own}, gates...)
}
