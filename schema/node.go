package schema

import "encoding/json"

// Node is one place in the tree of a [Schema]. It is read-only: a tree is
// shared by everyone who holds its schema.
type Node struct {
	// Type is one of object, array, string, integer, number and boolean.
	Type string
	// Description says what the value means; it may be empty.
	Description string
	// Enum lists the only accepted strings. Nil means that any string will do.
	Enum []string
	// Format is "date-time" for times and empty otherwise.
	Format string

	// Min and Max bound a number, both inclusive, with all their digits: a bound
	// of an integer may be one that no float64 holds. Empty means no bound.
	Min, Max json.Number
	// MinLen and MaxLen bound a string in Unicode code points. Nil means no bound,
	// here and below.
	MinLen, MaxLen *int
	// MinItems and MaxItems bound an array.
	MinItems, MaxItems *int

	// Default is what an absent property becomes; nil means no default.
	Default json.RawMessage
	// Sensitive marks a value that views must not show. It covers all below it.
	Sensitive bool
	// Nullable says that null is a value here.
	Nullable bool

	// Fields are the properties of a closed object in declared order.
	Fields []Field
	// Values is the shape of every value of an open object (a Go map). It is
	// nil for a closed object.
	Values *Node
	// Items is the shape of every element of an array.
	Items *Node

	// goType and goField name the origin in error messages: the Go type of the
	// value, and the Go field with its path from the root type.
	goType, goField string
	// unsigned marks Go types that hold no negative number.
	unsigned bool
}

// Field is a property of an object.
type Field struct {
	// Name is the JSON name.
	Name string
	// Node is the shape of its value.
	Node *Node
	// Required says that the property may not be left out.
	Required bool
}

// field returns the property of that name, or nil.
func (n *Node) field(name string) *Field {
	for i := range n.Fields {
		if n.Fields[i].Name == name {
			return &n.Fields[i]
		}
	}
	return nil
}
