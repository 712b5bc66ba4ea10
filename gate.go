package pawl

import (
	"encoding/json"
	"reflect"

	"github.com/pawlrun/pawl/host"
)

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
func decodeOnce[T any](c *host.Candidate) (T, error) {
	d, ok := c.Decoded.(*decoding[T])
	switch {
	case !ok:
		d = &decoding[T]{}
		d.value, d.err = decode[T](c.JSON)
		c.Decoded = d
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
func typedGate[T any](name string, ok func(T) error) host.Gate {
	return host.Gate{Name: name, Check: func(c *host.Candidate) error {
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
func typeGates[T any](gates []host.Gate) []host.Gate {
	var zero T
	_, checks := any(&zero).(interface{ Validate() error })
	if !checks && reflect.TypeFor[T]().Kind() == reflect.String {
		return gates
	}
	own := typedGate("type", func(v T) error { return validate(&v) })
	return append([]host.Gate{own}, gates...)
}
