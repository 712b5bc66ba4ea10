package schema

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/pawlrun/pawl/internal/limits"
)

// maxNodes bounds what the references of one document may unfold to.
const maxNodes = limits.SchemaNodes

// Parse reads a JSON Schema document of the portable subset: what
// [Schema.JSON] and [Schema.Strict] write, references to "#/$defs/x" that do not
// lead back to themselves, const for one string, and null unions as a list of
// types or as anyOf. Properties keep their order. An object with properties is
// closed, also when the document does not say so. Titles, examples and comments
// are passed over; every other keyword is an error that names it and its place,
// since a keyword that nobody checks would be a promise that nobody keeps.
func Parse(doc []byte) (*Schema, error) {
	v, repeated, err := readValue(doc)
	if err != nil {
		return nil, fmt.Errorf("schema document: is not JSON: %w", err)
	}
	if len(repeated) > 0 {
		return nil, fmt.Errorf("schema document: %s", repeated[0])
	}
	p := parser{root: v}
	root, err := p.node(v, "")
	if err != nil {
		return nil, fmt.Errorf("schema document: %w", err)
	}
	s := newSchema(root, "the document")
	if _, err := s.standard.compiled(); err != nil {
		return nil, fmt.Errorf("schema document: %w", err)
	}
	return s, nil
}

type parser struct {
	root  *value
	open  []string // the references being followed
	nodes int
}

// node reads the schema v of the value at the path at.
func (p *parser) node(v *value, at string) (*Node, error) {
	if p.nodes++; p.nodes > maxNodes {
		return nil, fail(at, "the document unfolds to more than %d schemas", maxNodes)
	}
	if v.kind != kindObject {
		return nil, fail(at, "the schema is %s, wants an object", v.describe(false))
	}
	n, known, err := p.shape(v, at)
	if err != nil {
		return nil, err
	}
	known = append(known, "description", "default", "writeOnly", "title", "examples",
		"$schema", "$id", "$comment", "$defs", "definitions")
	for _, m := range v.members {
		if !slices.Contains(known, m.name) {
			return nil, fail(at, "keyword %s is not supported here; supported are %s", quote(m.name), list(known))
		}
	}
	if err := n.annotate(v); err != nil {
		return nil, fail(at, "%w", err)
	}
	return n, nil
}

// annotate reads the keywords that stand beside a shape of any kind.
func (n *Node) annotate(v *value) error {
	if d := v.member("description"); d != nil {
		if d.kind != kindString {
			return fmt.Errorf("description is %s, wants a string", d.describe(false))
		}
		n.Description = d.text
	}
	if w := v.member("writeOnly"); w != nil {
		if w.kind != kindBool {
			return fmt.Errorf("writeOnly is %s, wants true or false", w.describe(false))
		}
		n.Sensitive = w.truth
	}
	if err := n.consistent(); err != nil {
		return err
	}
	if d := v.member("default"); d != nil {
		if err := n.setDefault(d.compact()); err != nil {
			return fmt.Errorf("default: %w", err)
		}
	}
	return nil
}

// shape reads what a value must satisfy. It returns the keywords it knows what
// to do with.
func (p *parser) shape(v *value, at string) (*Node, []string, error) {
	if ref := v.member("$ref"); ref != nil {
		n, err := p.reference(ref, at)
		return n, []string{"$ref"}, err
	}
	if union := v.member("anyOf"); union != nil {
		n, err := p.union(union, at)
		return n, []string{"anyOf"}, err
	}
	n := &Node{}
	if err := n.readType(v); err != nil {
		return nil, nil, fail(at, "%w", err)
	}
	known := []string{"type"}
	var err error
	switch n.Type {
	case "string":
		known = append(known, "enum", "const", "format", "minLength", "maxLength")
		err = errors.Join(n.readEnum(v), n.readFormat(v), readInt(v, "minLength", &n.MinLen), readInt(v, "maxLength", &n.MaxLen))
	case "integer", "number":
		known = append(known, "minimum", "maximum")
		err = errors.Join(readBound(v, "minimum", &n.Min), readBound(v, "maximum", &n.Max))
	case "array":
		known = append(known, "items", "minItems", "maxItems")
		err = errors.Join(readInt(v, "minItems", &n.MinItems), readInt(v, "maxItems", &n.MaxItems))
	case "object":
		known = append(known, "properties", "required", "additionalProperties")
	}
	if err != nil {
		return nil, nil, fail(at, "%w", err)
	}
	switch n.Type {
	case "array":
		items := v.member("items")
		if items == nil {
			return nil, nil, fail(at, "an array without items; say what its elements are")
		}
		n.Items, err = p.node(items, at+"[]")
	case "object":
		err = p.object(n, v, at)
	}
	return n, known, err
}

// reference reads {"$ref": "#/$defs/x"}.
func (p *parser) reference(ref *value, at string) (*Node, error) {
	if slices.Contains(p.open, ref.text) || ref.text == "#" {
		return nil, fail(at, "$ref %s leads back to itself; a value needs an end", quote(ref.text))
	}
	for _, place := range []string{"$defs", "definitions"} {
		name, ok := strings.CutPrefix(ref.text, "#/"+place+"/")
		defs := p.root.member(place)
		if ref.kind != kindString || !ok || defs == nil {
			continue
		}
		if target := defs.member(strings.NewReplacer("~1", "/", "~0", "~").Replace(name)); target != nil {
			p.open = append(p.open, ref.text)
			defer func() { p.open = p.open[:len(p.open)-1] }()
			return p.node(target, at)
		}
	}
	return nil, fail(at, "$ref is %s, wants the name of a definition, such as #/$defs/x", ref.describe(false))
}

// union reads {"anyOf": [X, {"type": "null"}]}, in either order.
func (p *parser) union(union *value, at string) (*Node, error) {
	isNull := func(v *value) bool {
		t := v.member("type")
		return t != nil && len(v.members) == 1 && t.kind == kindString && t.text == "null"
	}
	if union.kind == kindArray && len(union.items) == 2 {
		for i, item := range union.items {
			if isNull(item) {
				n, err := p.node(union.items[1-i], at)
				if err != nil {
					return nil, err
				}
				n.Nullable = true
				return n, nil
			}
		}
	}
	return nil, fail(at, "anyOf is supported for one schema and null only")
}

func (p *parser) object(n *Node, v *value, at string) error {
	properties, more, required := v.member("properties"), v.member("additionalProperties"), v.member("required")
	if properties == nil {
		properties = &value{kind: kindObject}
	}
	if properties.kind != kindObject {
		return fail(at, "properties is %s, wants an object", properties.describe(false))
	}
	for _, m := range properties.members {
		f, err := p.node(m.value, strings.TrimPrefix(at+"."+m.name, "."))
		if err != nil {
			return err
		}
		n.Fields = append(n.Fields, Field{Name: m.name, Node: f})
	}
	if required != nil {
		names, err := required.strings("required")
		if err != nil {
			return fail(at, "%w", err)
		}
		for _, name := range names {
			f := n.field(name)
			if f == nil {
				return fail(at, "required: property %s %s", quote(name), unknown(name, n.names()))
			}
			f.Required = true
		}
	}
	var err error
	switch {
	case more != nil && more.kind == kindBool && !more.truth, more == nil && len(n.Fields) > 0:
	case more != nil && more.kind == kindObject && len(n.Fields) == 0:
		n.Values, err = p.node(more, at+"[]")
	default:
		err = fail(at, "an open object; set additionalProperties to false, or to the schema of its values and leave properties out")
	}
	return err
}

// readType sets Type and Nullable.
func (n *Node) readType(v *value) error {
	types := []string{"string"} // enum and const alone are strings
	if t := v.member("type"); t != nil && t.kind == kindString {
		types = []string{t.text}
	} else if t != nil {
		var err error
		if types, err = t.strings("type"); err != nil {
			return err
		}
	} else if v.member("enum") == nil && v.member("const") == nil {
		return errors.New("no type")
	}
	rest := slices.DeleteFunc(slices.Clone(types), func(t string) bool { return t == "null" })
	n.Nullable = len(rest) < len(types)
	known := []string{"object", "array", "string", "integer", "number", "boolean"}
	if len(rest) != 1 || !slices.Contains(known, rest[0]) {
		return fmt.Errorf("type is %s, wants one of %s, alone or with null", quote(list(types)), list(known))
	}
	n.Type = rest[0]
	return nil
}

func (n *Node) readEnum(v *value) error {
	enum := v.member("enum")
	if constant := v.member("const"); constant != nil {
		if enum != nil {
			return errors.New("enum and const together; leave one out")
		}
		enum = &value{kind: kindArray, items: []*value{constant}}
	}
	if enum == nil {
		return nil
	}
	// A null among the values only repeats what the type says.
	accepted := &value{kind: enum.kind, items: slices.DeleteFunc(slices.Clone(enum.items), func(v *value) bool {
		return v.kind == kindNull && n.Nullable
	})}
	var err error
	n.Enum, err = accepted.strings("enum")
	if err == nil && len(n.Enum) == 0 {
		err = errors.New("enum is empty")
	}
	return err
}

func (n *Node) readFormat(v *value) error {
	f := v.member("format")
	if f == nil {
		return nil
	}
	if f.kind != kindString || f.text != dateTime {
		return fmt.Errorf("format is %s, wants %q", f.describe(false), dateTime)
	}
	n.Format = f.text
	return nil
}

// strings returns an array of different strings.
func (v *value) strings(keyword string) ([]string, error) {
	if v.kind != kindArray {
		return nil, fmt.Errorf("%s is %s, wants an array of strings", keyword, v.describe(false))
	}
	seen := make(map[string]bool, len(v.items))
	texts := make([]string, 0, len(v.items))
	for _, item := range v.items {
		if item.kind != kindString {
			return nil, fmt.Errorf("%s holds %s, wants strings alone", keyword, item.describe(false))
		}
		if seen[item.text] {
			return nil, fmt.Errorf("%s holds %s twice", keyword, quote(item.text))
		}
		seen[item.text] = true
		texts = append(texts, item.text)
	}
	return texts, nil
}

func readInt(v *value, keyword string, to **int) error {
	m := v.member(keyword)
	if m == nil {
		return nil
	}
	if m.kind == kindNumber {
		if d := readDecimal(m.text); d.isInteger() && d.sign() >= 0 && d.point < 10 {
			i, err := strconv.Atoi(d.plain())
			*to = &i
			return err
		}
	}
	return fmt.Errorf("%s is %s, wants a number of things", keyword, m.describe(false))
}

func readBound(v *value, keyword string, to *json.Number) error {
	m := v.member(keyword)
	if m == nil {
		return nil
	}
	if m.kind == kindNumber && isFinite(m.text) {
		*to = json.Number(canonicalNumber(m.text))
		return nil
	}
	return fmt.Errorf("%s is %s, wants a number", keyword, m.describe(false))
}
