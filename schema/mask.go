package schema

import "encoding/json"

// masked stands where a sensitive value was.
const masked = "***"

// Mask returns raw as compact JSON with every sensitive value, at any depth,
// replaced by "***". It is for views and never fails: what is not JSON comes
// back as "***" whole. In doubt it hides: a value of the wrong type is masked
// where a sensitive one could be inside, and so is an unknown property with the
// misspelled name of a sensitive one.
func (s *Schema) Mask(raw []byte) json.RawMessage {
	v, _, err := readValue(raw)
	if err != nil {
		v = &value{}
		v.hide()
	} else {
		v.mask(s.root)
	}
	return v.compact()
}

func (v *value) hide() { *v = value{kind: kindString, text: masked} }

func (v *value) mask(n *Node) {
	switch {
	case n.Sensitive:
		v.hide()
	case !n.holdsSensitive() || v.kind == kindNull:
	case v.kind != kindOf(n.Type):
		v.hide()
	case n.Type == "array":
		for _, item := range v.items {
			item.mask(n.Items)
		}
	case n.Values != nil:
		for _, m := range v.members {
			m.value.mask(n.Values)
		}
	default:
		for _, m := range v.members {
			f := n.field(m.name)
			if f == nil {
				f = nearest(m.name, n.Fields)
			}
			if f != nil {
				m.value.mask(f.Node)
			}
		}
	}
}
