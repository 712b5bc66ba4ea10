package schema

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// WithItems returns the schema with a list in it bounded to between from and to items,
// both included. path leads to the list by JSON names, with dots between them:
// "plan.sections". Bounds that the list has already hold too.
func (s *Schema) WithItems(path string, from, to int) (*Schema, error) {
	if from < 0 || to < from {
		return nil, fmt.Errorf("wants 0 or more items, and no fewer at most than at least; has %d to %d", from, to)
	}
	root, err := s.root.withItems(strings.Split(path, "."), from, to)
	if err != nil {
		return nil, fmt.Errorf("%s of %s: %w", path, s.name, err)
	}
	return newSchema(root, s.name), nil
}

// withItems returns a copy of the tree as far as it changes.
func (n *Node) withItems(path []string, from, to int) (*Node, error) {
	changed := *n
	if len(path) == 0 {
		if n.Type != "array" {
			return nil, fmt.Errorf("is %s, wants a list", n.what())
		}
		if n.MinItems != nil {
			from = max(from, *n.MinItems)
		}
		if n.MaxItems != nil {
			to = min(to, *n.MaxItems)
		}
		if from > to {
			return nil, errors.New("no number of items keeps to this and to the bounds of its type")
		}
		changed.MinItems, changed.MaxItems = &from, &to
		return &changed, nil
	}
	changed.Fields = slices.Clone(n.Fields)
	f := changed.field(path[0])
	if f == nil {
		return nil, fmt.Errorf("there is no field %q", path[0])
	}
	var err error
	f.Node, err = f.Node.withItems(path[1:], from, to)
	return &changed, err
}
