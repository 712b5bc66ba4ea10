package schema

import (
	"reflect"
	"slices"
)

// Sensitive reports whether a value of this schema has something to mask.
func (s *Schema) Sensitive() bool { return s.root.holdsSensitive() }

// holdsSensitive reports whether n or anything below it is sensitive.
func (n *Node) holdsSensitive() bool {
	if n.Sensitive || n.Items != nil && n.Items.holdsSensitive() || n.Values != nil && n.Values.holdsSensitive() {
		return true
	}
	for _, f := range n.Fields {
		if f.Node.holdsSensitive() {
			return true
		}
	}
	return false
}

// Sensitive reports whether a struct in t, at any depth, has a field with the word
// sensitive in its pawl tag. It is for types that need not have a schema: it looks
// at all fields, and takes a tag that cannot be read for sensitive.
func Sensitive(t reflect.Type) bool { return holdsSensitive(t, nil) }

// holdsSensitive is Sensitive within the types around.
func holdsSensitive(t reflect.Type, around []reflect.Type) bool {
	if slices.Contains(around, t) {
		return false
	}
	around = append(around, t)
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Array, reflect.Map:
		return holdsSensitive(t.Elem(), around)
	case reflect.Struct:
		for f := range t.Fields() {
			words, err := splitTag(f.Tag.Get("pawl"))
			if err != nil || slices.ContainsFunc(words, word.isSensitive) || holdsSensitive(f.Type, around) {
				return true
			}
		}
	}
	return false
}
