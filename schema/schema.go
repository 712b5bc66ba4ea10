package schema

import (
	"encoding/json"
	"reflect"
	"sync"
)

// Schema is the shape of a value. It is immutable and safe for concurrent use.
type Schema struct {
	name     string // the Go type, or "the document", for messages
	root     *Node
	document func() json.RawMessage // rendered when it is first asked for
	standard *standard
}

// For returns the schema of T. See [ForType].
func For[T any]() (*Schema, error) { return ForType(reflect.TypeFor[T]()) }

// newSchema makes the schema of a finished tree, which has been checked.
func newSchema(root *Node, name string) *Schema {
	document := sync.OnceValue(root.document)
	return &Schema{name: name, root: root, document: document, standard: newStandard(document)}
}

// Root returns the tree of the schema, which the caller must not change.
func (s *Schema) Root() *Node { return s.root }

// Fields returns the properties of the root object in declared order, and
// nothing for another root. The caller must not change them.
func (s *Schema) Fields() []Field { return s.root.Fields }
