package offline

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"

	"github.com/pawlrun/pawl/schema"
)

// hint is what is known about a value from where it stands.
type hint struct {
	name   string // of the field, in the form of words; of the list for an item
	desc   string
	seed   seed
	index  int  // within the nearest list
	count  int  // of that list; 0 outside of lists
	judged bool // a verdict stands beside it: a boolean or a score
	names  *namer
}

// writer makes JSON that satisfies a schema.
type writer struct {
	p      *prompt
	prose  *prose
	reject bool
	main   *schema.Node // the text that the lengths in the prompt are about
	texts  []string     // names of all other strings
	splits map[*schema.Node][]float64
	out    bytes.Buffer
}

func jsonText(p *prompt, root *schema.Node, reject bool) string {
	w := &writer{p: p, prose: newProse(p, p.seed), reject: reject, splits: map[*schema.Node][]float64{}}
	w.findMain(root)
	w.value(root, hint{name: "answer", seed: p.seed, names: newNamer(p, p.seed)})
	return w.out.String()
}

func (w *writer) value(n *schema.Node, h hint) {
	if n.Description != "" {
		h.desc = n.Description
	}
	switch n.Type {
	case "object":
		w.object(n, h)
	case "array":
		w.array(n, h)
	case "string":
		w.quote(w.text(n, h))
	case "integer", "number":
		w.number(n, h)
	case "boolean":
		w.out.WriteString(strconv.FormatBool(!w.reject))
	default:
		w.out.WriteString("null")
	}
}

func (w *writer) object(n *schema.Node, h hint) {
	w.out.WriteByte('{')
	if n.Values != nil {
		for i, key := range []string{"first", "second"} {
			if i > 0 {
				w.out.WriteByte(',')
			}
			w.quote(key)
			w.out.WriteByte(':')
			w.value(n.Values, hint{name: h.name, seed: h.seed.with(key), index: i, count: 2, names: h.names})
		}
	}
	judged := false
	for _, f := range n.Fields {
		judged = judged || f.Node.Type == "boolean" || isScore(words(f.Name), f.Node.Description)
	}
	for i, f := range n.Fields {
		if i > 0 {
			w.out.WriteByte(',')
		}
		w.quote(f.Name)
		w.out.WriteByte(':')
		w.value(f.Node, hint{
			name: words(f.Name), seed: h.seed.with(f.Name), index: h.index, count: h.count, judged: judged, names: h.names,
		})
	}
	w.out.WriteByte('}')
}

func (w *writer) array(n *schema.Node, h hint) {
	count := w.count(n, h)
	names := newNamer(w.p, h.seed)
	w.out.WriteByte('[')
	for i := range count {
		if i > 0 {
			w.out.WriteByte(',')
		}
		w.value(n.Items, hint{
			name: h.name, desc: h.desc, seed: h.seed.with(strconv.Itoa(i)), index: i, count: count, names: names,
		})
	}
	w.out.WriteByte(']')
}

// quote writes a JSON string as the browser-safe escapes would only blur it.
func (w *writer) quote(s string) {
	enc := json.NewEncoder(&w.out)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(s) // a string into a buffer cannot fail
	w.out.Truncate(w.out.Len() - 1)
}

// findMain picks the string that the lengths in the prompt are about: the one
// whose name or description promises a long text, or the only one there is.
func (w *writer) findMain(root *schema.Node) {
	type found struct {
		node   *schema.Node
		name   string
		score  int
		listed bool
	}
	h := uint64(w.prose.seed)
	var all []found
	var walk func(n *schema.Node, name, desc string, listed bool)
	walk = func(n *schema.Node, name, desc string, listed bool) {
		h = hash(h, name)
		if n.Description != "" {
			desc = n.Description
		}
		switch n.Type {
		case "object":
			for _, f := range n.Fields {
				walk(f.Node, words(f.Name), "", listed)
			}
		case "array":
			walk(n.Items, name, desc, true)
		case "string":
			if n.Enum != nil || n.Format != "" || isShort(name, desc, n) {
				return
			}
			all = append(all, found{n, name, bodyScore(name, desc), listed})
		}
	}
	walk(root, "answer", "", false)
	w.prose.seed = seed(h) // other fields, other sentences
	best := -1
	for i, f := range all {
		if f.score > 0 && (best < 0 || f.score > all[best].score) {
			best = i
		}
	}
	if best < 0 && len(all) == 1 && !all[0].listed {
		best = 0
	}
	for i, f := range all {
		if i == best {
			w.main = f.node
			continue
		}
		w.texts = append(w.texts, f.name)
	}
}

// bodyScore says how much a field looks like a long text.
func bodyScore(name, desc string) int {
	score := 0
	if hasWord(name, bodies) {
		score += 3
	}
	d := strings.ToLower(desc)
	for _, s := range []string{"words", "markdown", "full text", "whole text", "complete text", "paragraph"} {
		if strings.Contains(d, s) {
			score += 2
		}
	}
	return score
}

var bodies = setOf("content text body draft version essay story letter message markdown report document post " +
	"page reply response answer final summary script speech")
