package schema

import (
	"encoding/json"
	"slices"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/pawlrun/pawl/internal/late"
	"github.com/pawlrun/pawl/internal/limits"
)

// maxProblems is how many problems one check reports. Past that a longer list
// helps nobody, and a hostile value could make it as long as itself.
const maxProblems = limits.Problems

// Check parses raw, fills defaults, and validates the result, which it returns
// as compact JSON with integers exact and properties in the order given; absent
// ones that were filled follow at the end. Three things are put in order on the way: an absent
// property with a default gets it, null for a property that may be left out and
// is not nullable counts as absent (the strict form has models say so), and an
// integer written as 1.0 becomes 1. Checking a result again changes nothing.
//
// The error is a *[CheckError] with every problem, up to fifty. Any bytes are
// safe to pass.
func (s *Schema) Check(raw []byte) (json.RawMessage, error) {
	filled, err := s.Precheck(raw)
	if err != nil {
		return nil, err
	}
	if err := s.standard.validate(filled); err != nil {
		message := "does not satisfy the JSON Schema"
		if !s.root.holdsSensitive() { // the library's text repeats values
			message += ": " + err.Error()
		}
		return nil, &CheckError{[]Problem{{Message: message}}}
	}
	return filled, nil
}

// Precheck is Check without the standard validator, whose making takes a program's start
// longer than all else. It is for a value that is not used before Check has seen it too,
// as an example in the code.
func (s *Schema) Precheck(raw []byte) (json.RawMessage, error) { return s.root.check(raw) }

// check is Precheck by a node.
func (n *Node) check(raw []byte) (json.RawMessage, error) {
	v, repeated, err := readValue(raw)
	if err != nil {
		return nil, &CheckError{[]Problem{{Message: "is not JSON: " + err.Error()}}}
	}
	c := checker{problems: repeated}
	c.value(n, v, nil, false)
	if c.more {
		c.problems = append(c.problems, Problem{Message: "has more problems; only the first " + strconv.Itoa(maxProblems) + " are listed"})
	}
	if len(c.problems) > 0 {
		return nil, &CheckError{c.problems}
	}
	return v.compact(), nil
}

// checker walks a value along its shape and collects all problems. The library
// stops at the first and names places in the schema, not in the value; a model
// that repairs one thing at a time is paid for each time.
type checker struct {
	problems []Problem
	more     bool
}

func (c *checker) add(at *path, message string) {
	if len(c.problems) >= maxProblems {
		c.more = true
		return
	}
	c.problems = append(c.problems, Problem{at.String(), message})
}

// value checks v against n and fills it in place. secret is set below a
// sensitive field: messages are journaled and shown, so they must not repeat it.
func (c *checker) value(n *Node, v *value, at *path, secret bool) {
	if c.more || v.kind == kindNull && n.Nullable {
		return
	}
	secret = secret || n.Sensitive
	complain := func(wants string) { c.add(at, "is "+v.describe(secret)+", wants "+wants) }
	if v.kind != kindOf(n.Type) {
		complain(n.wants())
		return
	}
	switch n.Type {
	case "object":
		if n.Values != nil {
			for _, m := range v.members {
				c.value(n.Values, m.value, at.member(m.name), secret)
			}
			return
		}
		c.object(n, v, at, secret)
	case "array":
		c.array(n, v, at, secret)
	case "string":
		switch {
		case n.Enum != nil && !slices.Contains(n.Enum, v.text):
			complain(n.wants())
		case n.Format == dateTime && !isDateTime(v.text):
			complain(n.wants())
		case !n.fitsLength(v.text):
			c.add(at, "has "+count(utf8.RuneCountInString(v.text), "character")+", wants "+betweenInts(n.MinLen, n.MaxLen))
		}
	case "integer", "number":
		if wants := n.number(v); wants != "" {
			complain(wants)
		}
	}
}

func (c *checker) array(n *Node, v *value, at *path, secret bool) {
	if !within(len(v.items), n.MinItems, n.MaxItems) {
		c.add(at, "has "+count(len(v.items), "item")+", wants "+betweenInts(n.MinItems, n.MaxItems))
	}
	for i, item := range v.items {
		c.value(n.Items, item, at.item(i), secret)
	}
}

func (c *checker) object(n *Node, v *value, at *path, secret bool) {
	given := make(map[string]bool, len(v.members))
	v.members = slices.DeleteFunc(v.members, func(m member) bool {
		if c.more {
			return false
		}
		f := n.field(m.name)
		if f == nil {
			c.add(at.member(m.name), unknown(m.name, n.names()))
			return false
		}
		if m.value.kind == kindNull && !f.Required && !f.Node.Nullable {
			if f.Node.Default == nil {
				return true
			}
			*m.value = *f.Node.defaultValue()
		}
		given[m.name] = true
		c.value(f.Node, m.value, at.member(m.name), secret)
		return false
	})
	for _, f := range n.Fields {
		switch {
		case given[f.Name]:
		case f.Node.Default != nil:
			v.members = append(v.members, member{f.Name, f.Node.defaultValue()})
		case f.Required:
			c.add(at.member(f.Name), "is missing")
		}
	}
}

// number says what n wants instead of the number v, or nothing. It brings an
// integer into the form that encoding/json decodes.
func (n *Node) number(v *value) string {
	d := readDecimal(v.text)
	if !isFinite(v.text) {
		return "a number that fits 64 bits"
	}
	if n.Type == "integer" {
		if !d.isInteger() {
			return n.wants()
		}
		v.text = d.plain()
	}
	if n.Min != "" && d.compare(readDecimal(n.Min.String())) < 0 || n.Max != "" && d.compare(readDecimal(n.Max.String())) > 0 {
		return between(n.Min.String(), n.Max.String())
	}
	return ""
}

// defaultValue returns a fresh copy of the default.
func (n *Node) defaultValue() *value {
	v, _, err := readValue(n.Default)
	if err != nil {
		panic("schema: default " + string(n.Default) + ": " + err.Error()) // setDefault wrote it
	}
	return v
}

func (n *Node) fitsLength(s string) bool {
	return within(utf8.RuneCountInString(s), n.MinLen, n.MaxLen)
}

func (n *Node) names() []string {
	names := make([]string, len(n.Fields))
	for i, f := range n.Fields {
		names[i] = f.Name
	}
	return names
}

func within(i int, low, high *int) bool {
	return (low == nil || i >= *low) && (high == nil || i <= *high)
}

// isDateTime reports whether s is a time as RFC 3339 has it, which time.Time can
// read and write again. time.Parse takes more: hours of one digit, decimal commas
// and offsets of a day and above, which it cannot write.
func isDateTime(s string) bool {
	if !rfc3339().MatchString(s) {
		return false
	}
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		return false
	}
	_, err = t.MarshalText()
	return err == nil
}

var rfc3339 = late.Regexp(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$`)

// kindOf returns the JSON type of values of a JSON Schema type.
func kindOf(typ string) kind {
	switch typ {
	case "object":
		return kindObject
	case "array":
		return kindArray
	case "string":
		return kindString
	case "boolean":
		return kindBool
	}
	return kindNumber
}
