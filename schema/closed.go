package schema

import (
	"cmp"
	"fmt"
	"strings"
)

// closed reports what no vendor's form expresses: a root that is not a struct, and a map,
// since every object must name its properties.
func (s *Schema) closed() error {
	if s.root.Type != "object" || s.root.Nullable || s.root.Values != nil {
		return fmt.Errorf("the root is %s, wants a struct; put the value into a field of one", s.root.what())
	}
	return noMaps(s.root, "")
}

// noMaps looks through n, which stands at the JSON path at.
func noMaps(n *Node, at string) error {
	if n.Values != nil {
		return fail(cmp.Or(n.goField, at), "%s has names that are not known before; use a slice of struct{Key, Value}", n.what())
	}
	for _, f := range n.Fields {
		if err := noMaps(f.Node, strings.TrimPrefix(at+"."+f.Name, ".")); err != nil {
			return err
		}
	}
	if n.Items != nil {
		return noMaps(n.Items, at+"[]")
	}
	return nil
}
