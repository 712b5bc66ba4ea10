package schema

import "github.com/pawlrun/pawl/internal/limits"

// maxDepth is how deep arrays and objects may nest. encoding/json stops at
// 10,000; nobody means a tenth of that, and walking it costs stack.
const maxDepth = limits.Depth

// maxValues is how many values a document may have: each takes some hundred bytes while
// it is checked, however short it is written.
const maxValues = limits.Values

// kind is the JSON type of a value.
type kind byte

const (
	kindNull kind = iota
	kindBool
	kindNumber
	kindString
	kindArray
	kindObject
)

// value is a parsed JSON value. It keeps what map[string]any loses: the order
// of members and the exact digits of numbers.
type value struct {
	kind    kind
	truth   bool
	text    string // the string, or the number as written
	items   []*value
	members []member
}

type member struct {
	name  string
	value *value
}

// member returns the member of that name, or nil.
func (v *value) member(name string) *value {
	for _, m := range v.members {
		if m.name == name {
			return m.value
		}
	}
	return nil
}
