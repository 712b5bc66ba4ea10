package offline

import (
	"bytes"
	"encoding/json"
	"strconv"

	"github.com/pawlrun/pawl/schema"
)

// place is where a value stands and what is known from that.
type place struct {
	name   string // of the field, in the form of words; of the list for an item
	desc   string
	seed   seed
	index  int          // within the nearest list
	count  int          // of that list; 0 outside of lists
	judged bool         // a verdict stands beside it: a boolean or a score
	names  *namer       // of the nearest list
	shared *schema.Node // the number in that list's items that adds up
	shares []float64    // its values
}

// in is the place of a field within an object that stands at.
func (at place) in(name string, judged bool) place {
	at.name, at.desc, at.seed, at.judged = words(name), "", at.seed.with(name), judged
	return at
}

// writer makes JSON that satisfies a schema.
type writer struct {
	p      *prompt
	prose  *prose
	reject bool
	main   *schema.Node // the text that the lengths of the request are about
	texts  []string     // names of all strings
	out    bytes.Buffer
}

func jsonText(p *prompt, root *schema.Node, reject bool) string {
	w := &writer{p: p, prose: newProse(p, p.seed), reject: reject}
	w.findMain(root)
	w.value(root, place{name: "answer", seed: p.seed, names: newNamer(p, p.seed)})
	return w.out.String()
}

func (w *writer) value(n *schema.Node, at place) {
	if n.Description != "" {
		at.desc = n.Description
	}
	switch n.Type {
	case "object":
		w.object(n, at)
	case "array":
		w.array(n, at)
	case "string":
		w.quote(w.text(n, at))
	case "integer", "number":
		w.number(n, at)
	case "boolean":
		w.out.WriteString(strconv.FormatBool(!w.reject))
	default:
		w.out.WriteString("null")
	}
}

func (w *writer) object(n *schema.Node, at place) {
	fields := n.Fields
	if n.Values != nil {
		fields = []schema.Field{{Name: "first", Node: n.Values}, {Name: "second", Node: n.Values}}
	}
	judged := false
	for _, f := range fields {
		judged = judged || f.Node.Type == "boolean" || isScore(words(f.Name), f.Node.Description)
	}
	w.out.WriteByte('{')
	for i, f := range fields {
		if i > 0 {
			w.out.WriteByte(',')
		}
		w.quote(f.Name)
		w.out.WriteByte(':')
		w.value(f.Node, at.in(f.Name, judged))
	}
	w.out.WriteByte('}')
}

// quote writes a JSON string without the browser-safe escapes.
func (w *writer) quote(s string) {
	enc := json.NewEncoder(&w.out)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(s) // a string into a buffer cannot fail
	w.out.Truncate(w.out.Len() - 1)
}

// findMain picks the string that the lengths of the request are about: the one
// whose name or description promises a long text, or the only one there is.
func (w *writer) findMain(root *schema.Node) {
	var only *schema.Node
	long, count := 0, 0
	var walk func(n *schema.Node, name, desc string, listed bool)
	walk = func(n *schema.Node, name, desc string, listed bool) {
		w.prose.seed = w.prose.seed.with(name) // other fields, other sentences
		if n.Description != "" {
			desc = n.Description
		}
		switch {
		case n.Type == "array":
			walk(n.Items, name, desc, true)
		case n.Type == "string" && n.Enum == nil && n.Format == "":
			w.texts = append(w.texts, name)
			if isShort(name, desc, n) {
				return
			}
			if score := longText(name, desc); score > long {
				w.main, long = n, score
			}
			if count++; !listed {
				only = n
			}
		}
		for _, f := range n.Fields {
			walk(f.Node, words(f.Name), "", listed)
		}
	}
	walk(root, "answer", "", false)
	if w.main == nil && count == 1 {
		w.main = only
	}
}
