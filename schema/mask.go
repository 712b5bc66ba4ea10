package schema

import "encoding/json"

// Hidden stands where a sensitive value was.
const Hidden = "***"

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
		v.hideSensitive(s.root, (*value).hide)
	}
	return v.compact()
}

// Secrets returns the texts that Mask hides in raw, which are none in what is not
// JSON. A text is returned as often as it is hidden.
func (s *Schema) Secrets(raw []byte) []string {
	v, _, err := readValue(raw)
	if err != nil {
		return nil
	}
	var texts []string
	v.hideSensitive(s.root, func(hidden *value) { texts = append(texts, hidden.texts()...) })
	return texts
}

// SecretNumbers returns the numbers that Mask hides in raw, as they are written there.
func (s *Schema) SecretNumbers(raw []byte) (all []string) {
	v, _, err := readValue(raw)
	if err != nil {
		return nil
	}
	v.hideSensitive(s.root, func(hidden *value) { all = append(all, hidden.numbers()...) })
	return all
}

func (v *value) hide() { *v = value{kind: kindString, text: Hidden} }

// hideSensitive calls hide with each value that views must not show, the outermost
// alone.
func (v *value) hideSensitive(n *Node, hide func(*value)) {
	switch {
	case n.Sensitive:
		hide(v)
	case !n.holdsSensitive() || v.kind == kindNull:
	case v.kind != kindOf(n.Type):
		hide(v)
	case n.Type == "array":
		for _, item := range v.items {
			item.hideSensitive(n.Items, hide)
		}
	case n.Values != nil:
		for _, m := range v.members {
			m.value.hideSensitive(n.Values, hide)
		}
	default:
		for _, m := range v.members {
			f := n.field(m.name)
			if f == nil {
				f = nearest(m.name, n.Fields)
			}
			if f != nil {
				m.value.hideSensitive(f.Node, hide)
			}
		}
	}
}
