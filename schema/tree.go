package schema

import (
	"encoding/json"
	"fmt"
)

// Tree is a JSON value taken apart, for who compares values. It keeps the order of members
// and the digits of numbers. The zero Tree is null.
type Tree struct{ v *value }

// ReadTree takes a JSON value apart. Besides what is not JSON, a key that is given twice is
// an error, and so is what is nested too deep or has too many values.
func ReadTree(raw []byte) (Tree, error) {
	v, repeated, err := readValue(raw)
	if err != nil {
		return Tree{}, fmt.Errorf("is not JSON: %w", err)
	}
	if len(repeated) > 0 {
		return Tree{}, fmt.Errorf("is not JSON: %s", repeated[0])
	}
	return Tree{v}, nil
}

// IsObject reports whether t has members.
func (t Tree) IsObject() bool { return t.v != nil && t.v.kind == kindObject }

// IsArray reports whether t has items.
func (t Tree) IsArray() bool { return t.v != nil && t.v.kind == kindArray }

// Text returns the text that t is; false: it is none.
func (t Tree) Text() (string, bool) {
	if t.v == nil || t.v.kind != kindString {
		return "", false
	}
	return t.v.text, true
}

// Len is how many members or items t has.
func (t Tree) Len() int {
	if t.v == nil {
		return 0
	}
	return len(t.v.members) + len(t.v.items)
}

// Item returns an item of an array, which has it.
func (t Tree) Item(i int) Tree { return Tree{t.v.items[i]} }

// Member returns a member of an object, which has it, by its place.
func (t Tree) Member(i int) (name string, is Tree) {
	m := t.v.members[i]
	return m.name, Tree{m.value}
}

// Scalar returns one spelling of a value that has neither members nor items: 1.50 and 1.5
// have the same.
func (t Tree) Scalar() string {
	if t.v != nil && t.v.kind == kindNumber {
		return canonicalNumber(t.v.text)
	}
	return string(t.JSON())
}

// JSON writes t, compactly.
func (t Tree) JSON() json.RawMessage {
	if t.v == nil {
		return json.RawMessage("null")
	}
	return t.v.compact()
}
