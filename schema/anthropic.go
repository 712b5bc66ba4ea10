package schema

import (
	"cmp"
	"encoding/json"
	"fmt"
	"strings"
)

// The limits of Anthropic's structured outputs.
const (
	anthropicUnions   = 16 // places that are a union of types
	anthropicOptional = 24 // properties that may be left out
)

// Anthropic returns the schema in the form that Anthropic's structured outputs accept:
// every object closed; no defaults; all bounds in words in the description, since their
// keywords are refused, save that a list has an item. Every property is required, and those that may be left out are
// nullable instead, since the vendor writes required properties first and their order
// would change. Where that makes more unions than it takes, they may be left out. An
// answer in this form passes [Schema.Check] of the full one, except for bounds.
//
// What the form cannot express is an error that names the Go type and field and what to
// write instead: a root that is not an object, a map, a limit passed.
func (s *Schema) Anthropic() (json.RawMessage, error) {
	raw, err := s.anthropic()
	if err != nil {
		return nil, fmt.Errorf("the form of %s for Anthropic: %w", s.name, err)
	}
	return raw, nil
}

func (s *Schema) anthropic() (json.RawMessage, error) {
	if err := s.closed(); err != nil {
		return nil, err
	}
	var count unionCount
	count.node(s.root, "")
	const fix = "require more of them, or split the type over several steps"
	switch {
	case count.unions <= anthropicUnions:
		return anthropicForm.write(s.root), nil
	case len(count.nullable) > anthropicUnions:
		return nil, fail(count.nullable[anthropicUnions], "it is the %dth that may be null, and at most %d may; %s", anthropicUnions+1, anthropicUnions, fix)
	case len(count.optional) > anthropicOptional:
		return nil, fail(count.optional[anthropicOptional], "it is the %dth that may be left out, and at most %d may; %s", anthropicOptional+1, anthropicOptional, fix)
	}
	return anthropicLongForm.write(s.root), nil
}

// unionCount lists the places that may be null and the properties that may be left out,
// and counts those that are either.
type unionCount struct {
	nullable, optional []string
	unions             int
}

func (c *unionCount) node(n *Node, at string) {
	where := cmp.Or(n.goField, at)
	if n.Nullable {
		c.nullable = append(c.nullable, where)
		c.unions++
	}
	for _, f := range n.Fields {
		path := strings.TrimPrefix(at+"."+f.Name, ".")
		if !f.Required {
			c.optional = append(c.optional, cmp.Or(f.Node.goField, path))
		}
		if !f.Required && !f.Node.Nullable {
			c.unions++
		}
		c.node(f.Node, path)
	}
	if n.Items != nil {
		c.node(n.Items, at+"[]")
	}
}
