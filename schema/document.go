package schema

import (
	"encoding/json"
	"strconv"
)

// JSON returns the schema as a JSON Schema document with properties in declared
// order. The bytes depend on the schema alone and are digested: they change only
// with a line in the changelog. The caller must not change them.
//
// A nullable value is a union with null, a sensitive one is writeOnly.
func (s *Schema) JSON() json.RawMessage { return s.document() }

// document renders the full form of n.
func (n *Node) document() json.RawMessage {
	return fullForm.write(n)
}

// documentWriter renders nodes as JSON Schema in a form. It is written by hand because
// maps, and the library's Schema with them, sort keys or leave their order to the
// reader.
type documentWriter struct {
	*writer
	form *form
}

// node renders n. nullable is apart from n: forms of vendors make null of what may be
// left out.
func (d *documentWriter) node(n *Node, nullable bool) {
	d.raw("{")
	// The type comes first in every object, so what follows begins with a comma.
	switch {
	case nullable && n.Enum != nil:
		// A union of types beside enum would still refuse null.
		d.raw(`"anyOf":[{`)
		d.shape(n, false)
		d.raw(`},{"type":"null"}]`)
	default:
		d.shape(n, nullable)
	}
	if text := d.form.description(n); text != "" {
		d.raw(`,"description":`)
		d.string(text)
	}
	if d.form.full {
		if n.Default != nil {
			d.raw(`,"default":`)
			d.buf.Write(n.Default)
		}
		if n.Sensitive {
			d.raw(`,"writeOnly":true`)
		}
	}
	d.raw("}")
}

// shape renders what a value must satisfy.
func (d *documentWriter) shape(n *Node, nullable bool) {
	d.raw(`"type":`)
	if nullable {
		d.raw(`["` + n.Type + `","null"]`)
	} else {
		d.raw(`"` + n.Type + `"`)
	}
	if n.Enum != nil {
		d.raw(`,"enum":`)
		d.strings(n.Enum)
	}
	if n.Format != "" {
		d.raw(`,"format":`)
		d.string(n.Format)
	}
	if d.form.numbers {
		d.number("minimum", n.Min)
		d.number("maximum", n.Max)
	}
	if d.form.lengths {
		d.int("minLength", n.MinLen)
		d.int("maxLength", n.MaxLen)
	}
	switch {
	case d.form.items:
		d.int("minItems", n.MinItems)
		d.int("maxItems", n.MaxItems)
	case d.form.oneItem && n.MinItems != nil && *n.MinItems > 0:
		d.raw(`,"minItems":1`)
	}
	switch {
	case n.Type == "array":
		d.raw(`,"items":`)
		d.node(n.Items, n.Items.Nullable)
	case n.Values != nil:
		d.raw(`,"additionalProperties":`)
		d.node(n.Values, n.Values.Nullable)
	case n.Type == "object":
		d.properties(n)
	}
}

func (d *documentWriter) properties(n *Node) {
	required := []string{}
	d.raw(`,"properties":{`)
	for i, f := range n.Fields {
		if i > 0 {
			d.raw(",")
		}
		d.string(f.Name)
		d.raw(":")
		d.node(f.Node, f.Node.Nullable || d.form.nulls && !f.Required)
		if f.Required || d.form.nulls {
			required = append(required, f.Name)
		}
	}
	d.raw(`},"required":`)
	d.strings(required)
	d.raw(`,"additionalProperties":false`)
	if d.form.ordering {
		d.raw(`,"propertyOrdering":`)
		d.strings(required)
	}
}

func (d *documentWriter) strings(list []string) {
	d.raw("[")
	for i, s := range list {
		if i > 0 {
			d.raw(",")
		}
		d.string(s)
	}
	d.raw("]")
}

func (d *documentWriter) number(keyword string, bound json.Number) {
	if bound != "" {
		d.raw(`,"` + keyword + `":` + bound.String())
	}
}

func (d *documentWriter) int(keyword string, i *int) {
	if i != nil {
		d.raw(`,"` + keyword + `":` + strconv.Itoa(*i))
	}
}
