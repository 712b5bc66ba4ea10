package diff

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/pawlrun/pawl/schema"
)

// Change is what became of one field.
type Change struct {
	Op  Op    // changed, added, removed or moved
	Was *Path // where it is in the first value; nil: it was added
	Is  *Path // where it is in the second; nil: it was removed

	// Old and New are the value there; nil where there is none. A field whose members or
	// items differ is not listed, but these.
	Old, New json.RawMessage
}

// Values returns which fields differ between two JSON values, but no more than so many, and
// how many more there are. The order is that of the second value; what was removed from an
// object or list stands behind. Members are compared by their names. Items of lists are compared with those
// that are the same, or have the same id, key, name or title, or else with those that
// have most in common, in order; one that stands elsewhere unchanged has moved.
//
// What is not JSON, or has more values than may be compared, is one changed value.
func Values(a, b json.RawMessage, most int) (changes []Change, more int) {
	before, errBefore := schema.ReadTree(a)
	after, errAfter := schema.ReadTree(b)
	if errBefore != nil || errAfter != nil {
		if string(a) == string(b) {
			return nil, 0
		}
		return []Change{{Op: Changed, Was: &Path{}, Is: &Path{}, Old: a, New: b}}, 0
	}
	c := &comparer{most: most, alike: names{}, left: mostPairs}
	c.value(c.number(before), c.number(after), &Path{}, &Path{})
	return c.changes, c.more
}

// node is a value with the number that all values equal to it have.
type node struct {
	schema.Tree
	number  rune
	members map[string]*node // of an object
	items   []*node          // of a list
	words   map[string]int   // in it, some of them; nil: not counted yet
}

type comparer struct {
	changes []Change
	most    int
	more    int
	alike   names
	left    int // pairs of items that may be looked at yet
}

// number numbers a value and all in it, so that equal ones have the same number.
func (c *comparer) number(t schema.Tree) *node {
	n := &node{Tree: t}
	var is strings.Builder
	switch {
	case t.IsObject():
		is.WriteByte('{')
		n.members = make(map[string]*node, t.Len())
		for i := range t.Len() {
			name, value := t.Member(i)
			n.members[name] = c.number(value)
		}
		for _, name := range slices.Sorted(maps.Keys(n.members)) {
			fmt.Fprintf(&is, "%q%d,", name, n.members[name].number)
		}
	case t.IsArray():
		is.WriteByte('[')
		for i := range t.Len() {
			n.items = append(n.items, c.number(t.Item(i)))
			fmt.Fprintf(&is, "%d,", n.items[i].number)
		}
	default:
		is.WriteString(t.Scalar())
	}
	n.number = c.alike.of(is.String())
	return n
}

// add adds a change of a (nil: it was added) to b (nil: it was removed).
func (c *comparer) add(op Op, a, b *node, was, is *Path) {
	if len(c.changes) >= c.most {
		c.more++
		return
	}
	ch := Change{Op: op, Was: was, Is: is}
	if a != nil {
		ch.Old = a.JSON()
	}
	if b != nil {
		ch.New = b.JSON()
	}
	c.changes = append(c.changes, ch)
}

// value compares two values.
func (c *comparer) value(a, b *node, was, is *Path) {
	switch {
	case a.number == b.number:
	case a.IsObject() && b.IsObject():
		c.object(a, b, was, is)
	case a.IsArray() && b.IsArray():
		c.list(a, b, was, is)
	default:
		c.add(Changed, a, b, was, is)
	}
}

func (c *comparer) object(a, b *node, was, is *Path) {
	for i := range b.Len() {
		name, _ := b.Member(i)
		if before := a.members[name]; before != nil {
			c.value(before, b.members[name], was.member(name), is.member(name))
		} else {
			c.add(Added, nil, b.members[name], nil, is.member(name))
		}
	}
	for i := range a.Len() {
		if name, _ := a.Member(i); b.members[name] == nil {
			c.add(Removed, a.members[name], nil, was.member(name), nil)
		}
	}
}
