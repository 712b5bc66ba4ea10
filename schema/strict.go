package schema

import (
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"
)

// The limits of OpenAI's strict structured outputs.
const (
	strictProperties = 5_000
	strictLevels     = 10
	strictCharacters = 120_000 // of property names and enum values
	strictEnums      = 1_000   // enum values in all
	strictLongEnum   = 250     // values above which one enum may hold
	strictEnumChars  = 15_000  // so many characters
)

// Strict returns the schema in the form that OpenAI's strict structured outputs
// accept: every object closed and every property required, those that may be
// left out nullable instead; no defaults; the length of strings in words in the
// description, since the vendor does not list minLength and maxLength. An answer
// in this form passes [Schema.Check] of the full one.
//
// What the form cannot express is an error that names the Go type and field and
// what to write instead: a root that is not an object, a map, a limit passed.
func (s *Schema) Strict() (json.RawMessage, error) {
	if err := s.CheckStrict(); err != nil {
		return nil, err
	}
	return openAIForm.write(s.root), nil
}

// CheckStrict returns the error of Strict.
func (s *Schema) CheckStrict() error {
	if err := s.closed(); err != nil {
		return fmt.Errorf("strict form of %s: %w", s.name, err)
	}
	count := strictCount{}
	if err := count.node(s.root, "", 1); err != nil {
		return fmt.Errorf("strict form of %s: %w", s.name, err)
	}
	if err := count.limits(); err != nil {
		return fmt.Errorf("strict form of %s: %w", s.name, err)
	}
	return nil
}

// strictCount adds up what the vendor limits.
type strictCount struct {
	properties, characters, enums int
}

// node counts n, which stands at the JSON path at, on the given level.
func (c *strictCount) node(n *Node, at string, level int) error {
	where := n.goField
	if where == "" {
		where = at
	}
	if (n.Type == "object" || n.Type == "array") && level > strictLevels {
		// Whether arrays count as a level is not documented; here they do, since
		// an error at the start is better than one on the first call.
		return fail(where, "nested deeper than %d levels; flatten the type", strictLevels)
	}
	length := 0
	for _, e := range n.Enum {
		length += utf8.RuneCountInString(e)
	}
	if len(n.Enum) > strictLongEnum && length > strictEnumChars {
		return fail(where, "its %d enum values have %d characters, and more than %d values may have %d; shorten them", len(n.Enum), length, strictLongEnum, strictEnumChars)
	}
	c.enums += len(n.Enum)
	c.characters += length
	for _, f := range n.Fields {
		c.properties++
		c.characters += utf8.RuneCountInString(f.Name)
		if err := c.node(f.Node, strings.TrimPrefix(at+"."+f.Name, "."), level+1); err != nil {
			return err
		}
	}
	if n.Items != nil {
		return c.node(n.Items, at+"[]", level+1)
	}
	return nil
}

func (c *strictCount) limits() error {
	const fix = "split the type over several steps"
	switch {
	case c.properties > strictProperties:
		return fmt.Errorf("has %d properties, wants at most %d; %s", c.properties, strictProperties, fix)
	case c.enums > strictEnums:
		return fmt.Errorf("has %d enum values, wants at most %d; %s", c.enums, strictEnums, fix)
	case c.characters > strictCharacters:
		return fmt.Errorf("its names and enum values have %d characters, wants at most %d; %s", c.characters, strictCharacters, fix)
	}
	return nil
}
