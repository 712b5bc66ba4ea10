package form

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/pawlrun/pawl/schema"
)

// Edit is a value as a person edits it in a file: notes, then each field below a line
// that names it, texts as they are and all else as JSON.
//
//	Step publish of run 3f2a81c09b7d: Publish this article?
//	...
//
//	==== title: text, 1 to 20 characters
//	Tides
//
//	==== words: integer
//	120
//
// A part that is left as it was keeps its value to the byte, whatever an editor did to
// its line ends.
type Edit struct {
	shape *schema.Node
	parts []editPart
	mark  string // with which a line begins that names a field, and no line of the value
	whole bool   // the value has no fields: it is one part
	text  string
}

// editPart is a part of the value with a line that names it.
type editPart struct {
	path   string
	node   *schema.Node // nil: not known
	isText bool
	crlf   bool // the text's lines end with CR LF
	value  json.RawMessage
	body   string // as it stands in the file
}

// longText is how many characters of a text are too many for a line of JSON.
const longText = 60

// Edit returns what a person begins with: what is proposed, else the last answer that was
// turned down, else a sample. notes are lines for them, which are not read.
func (w Wanted) Edit(notes string) *Edit {
	e := &Edit{shape: w.Shape}
	raw := w.beginning()
	if members, err := schema.Members(raw); err == nil && len(members) > 0 && allPlain(members) {
		for _, m := range members {
			e.add(m.Name, fieldNode(w.Shape, m.Name), m.Value, false)
		}
	} else {
		e.whole = true
		p := newPart("", w.Shape, raw)
		if IsNone(w.Proposal) && (w.Shape == nil || w.Shape.Type != "string") { // or broken JSON, or nothing yet
			p.isText = false
		}
		e.parts = []editPart{p}
	}
	if absent := e.absent(); len(absent) > 0 {
		notes += "\nFields that may be added, each below such a line: " + strings.Join(absent, ", ") + "."
	}
	e.write(notes)
	return e
}

// beginning is the value that an edit begins with. It may be none that fits, and no JSON.
func (w Wanted) beginning() json.RawMessage {
	n := w.Shape
	switch {
	case !IsNone(w.Proposal):
		return w.Proposal
	case w.Last != "" && (n != nil && n.Type == "string" || !json.Valid([]byte(w.Last))):
		return quoted(w.Last)
	case w.Last != "":
		return json.RawMessage(w.Last)
	case n == nil || n.Type == "string":
		return quoted("")
	}
	return json.RawMessage(Sample(n, ""))
}

// add adds a value as parts: as one, or where a long text is in it, which nobody can edit
// in JSON, as one for each field or element. With apart it is the element of a list of
// which one has a long text: all of them look alike.
func (e *Edit) add(path string, n *schema.Node, raw json.RawMessage, apart bool) {
	if apart || hasLongText(raw) {
		if members, err := schema.Members(raw); err == nil && len(members) > 0 && allPlain(members) {
			for _, m := range members {
				e.add(path+"."+m.Name, fieldNode(n, m.Name), m.Value, false)
			}
			return
		}
		var items []json.RawMessage
		if json.Unmarshal(raw, &items) == nil && len(items) > 0 {
			for i, item := range items {
				e.add(fmt.Sprintf("%s[%d]", path, i), itemNode(n), item, true)
			}
			return
		}
	}
	e.parts = append(e.parts, newPart(path, n, raw))
}

func newPart(path string, n *schema.Node, raw json.RawMessage) editPart {
	p := editPart{path: path, node: n, value: raw}
	var text string
	if json.Unmarshal(raw, &text) == nil && !IsNone(raw) {
		lf := strings.ReplaceAll(text, "\r\n", "\n")
		p.crlf = lf != text && strings.Count(lf, "\n") == strings.Count(text, "\r\n")
		if p.isText = !strings.ContainsFunc(lf, isControl) && (lf == text || p.crlf); p.isText {
			p.body = lf
			return p
		}
	}
	p.body = strings.TrimSuffix(Indent(raw), "\n")
	return p
}

// isControl reports whether an editor may not show a character, or not keep it. A text
// with one is edited as JSON.
func isControl(r rune) bool { return r < ' ' && r != '\n' && r != '\t' || r >= 0x7f && r < 0xa0 }

// write writes the file.
func (e *Edit) write(notes string) {
	e.mark = "===="
	for slices.ContainsFunc(e.parts, func(p editPart) bool { return hasLine(p.body, e.mark+" ") }) {
		e.mark += "="
	}
	var b strings.Builder
	if notes = strings.TrimSpace(notes); notes != "" {
		b.WriteString(notes + "\n\n")
	}
	for i, p := range e.parts {
		if i > 0 {
			b.WriteString("\n")
		}
		b.WriteString(e.header(p) + "\n" + p.body + "\n")
	}
	e.text = b.String()
}

// header is the line that names a part.
func (e *Edit) header(p editPart) string {
	s := e.mark + " " + p.path
	if e.whole {
		s = e.mark + " below this line"
	}
	if p.node != nil {
		s += ": " + strings.Join(strings.Fields((&Field{Field: schema.Field{Node: p.node}}).Accepts()), " ")
	}
	return s
}

// absent are the fields that the value could have and has not.
func (e *Edit) absent() (names []string) {
	if e.whole || e.shape == nil {
		return nil
	}
	for _, f := range e.shape.Fields {
		begins := func(p editPart) bool {
			rest, is := strings.CutPrefix(p.path, f.Name)
			return is && (rest == "" || rest[0] == '.' || rest[0] == '[')
		}
		if !slices.ContainsFunc(e.parts, begins) {
			names = append(names, f.Name)
		}
	}
	return names
}

// Text is the file to begin with. Its notes say what is to be known of it.
func (e *Edit) Text() string { return e.text }

func hasLine(text, begins string) bool {
	return strings.HasPrefix(text, begins) || strings.Contains(text, "\n"+begins)
}

// hasLongText reports whether a value has a text in it that is hard to edit in JSON.
func hasLongText(raw json.RawMessage) bool {
	if len(raw) == 0 || raw[0] != '{' && raw[0] != '[' {
		return false
	}
	var v any
	return json.Unmarshal(raw, &v) == nil && holdsLongText(v)
}

func holdsLongText(v any) bool {
	switch v := v.(type) {
	case string:
		return len(v) > longText || strings.Contains(v, "\n")
	case []any:
		return slices.ContainsFunc(v, holdsLongText)
	case map[string]any:
		return slices.ContainsFunc(slices.Collect(maps.Values(v)), holdsLongText)
	}
	return false
}

// allPlain reports whether all names can stand in a path as they are.
func allPlain(members []schema.Member) bool {
	return !slices.ContainsFunc(members, func(m schema.Member) bool {
		return m.Name == "" || strings.ContainsFunc(m.Name, func(r rune) bool {
			return r <= ' ' || r == 0x7f || r > '~' || strings.ContainsRune(".[]:=", r)
		})
	})
}

// fieldNode is the shape of a field; nil: not known.
func fieldNode(n *schema.Node, name string) *schema.Node {
	if n == nil {
		return nil
	}
	for _, f := range n.Fields {
		if f.Name == name {
			return f.Node
		}
	}
	return n.Values
}

func itemNode(n *schema.Node) *schema.Node {
	if n == nil {
		return nil
	}
	return n.Items
}
