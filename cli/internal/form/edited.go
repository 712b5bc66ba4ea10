package form

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/pawlrun/pawl/schema"
)

// Edited is what a person made of an edit.
type Edited struct {
	Value json.RawMessage // nil: nothing was changed
	parts []readPart
}

// readPart is a part as it stands in the file.
type readPart struct {
	path string
	line int // of its name
	body string
}

// Read returns what was made of the file. The error says in which line something is
// wrong. Whether the value fits is not looked at: see [Edited.Line].
func (e *Edit) Read(text string) (*Edited, error) {
	text = strings.TrimPrefix(text, "\ufeff")
	if strings.Count(text, "\n") == strings.Count(text, "\r\n") { // the editor made it so
		text = strings.ReplaceAll(text, "\r\n", "\n")
	}
	if strings.TrimSpace(text) == "" {
		return nil, refuse("--edit: the file is empty; nothing was done")
	}
	read, err := e.cut(text)
	if err != nil {
		return nil, err
	}
	ed := &Edited{parts: read}
	root, changed := &built{}, len(read) != len(e.parts)
	for i, r := range read {
		value, kept, err := e.value(r)
		if err != nil {
			return nil, err
		}
		changed = changed || !kept || r.path != e.parts[i].path
		if err := root.put(r, value); err != nil {
			return nil, err
		}
	}
	if changed {
		ed.Value = root.json()
	}
	return ed, nil
}

// cut cuts the file at the lines that name parts.
func (e *Edit) cut(text string) ([]readPart, error) {
	var read []readPart
	n := 0
	for line := range strings.Lines(text) {
		n++
		rest, is := strings.CutPrefix(line, e.mark+" ")
		switch {
		case is && e.whole && len(read) == 0:
			read = append(read, readPart{line: n})
		case is && !e.whole:
			path := strings.TrimSpace(rest)
			if end := strings.IndexAny(path, ": \t"); end >= 0 {
				path = path[:end]
			}
			if i := slices.IndexFunc(read, func(r readPart) bool { return r.path == path }); i >= 0 {
				return nil, refuse("--edit: line %d: %s stands there twice; it has its value from line %d on", n, path, read[i].line)
			}
			read = append(read, readPart{path: path, line: n})
		case len(read) > 0:
			read[len(read)-1].body += line
		}
	}
	if len(read) == 0 {
		return nil, refuse("--edit: no line begins with %q any more: those lines say where a value begins; nothing was done", e.mark+" ")
	}
	for i := range read { // a line break ends it, and an empty line stands before the next
		body := strings.TrimSuffix(read[i].body, "\n")
		if i < len(read)-1 {
			body = strings.TrimSuffix(body, "\n")
		}
		read[i].body = body
	}
	return read, nil
}

// value is what a part says. kept reports whether it was left as it was.
func (e *Edit) value(r readPart) (value json.RawMessage, kept bool, err error) {
	p := editPart{path: r.path}
	i := slices.IndexFunc(e.parts, func(p editPart) bool { return p.path == r.path })
	if i >= 0 {
		p = e.parts[i]
		if r.body == p.body || strings.ReplaceAll(r.body, "\r\n", "\n") == p.body {
			return p.value, true, nil
		}
	} else if p.node, err = e.nodeAt(r); err != nil {
		return nil, false, err
	} else {
		p.isText = p.node != nil && p.node.Type == "string" && p.node.Enum == nil
	}
	if p.isText {
		text := r.body
		if !strings.HasSuffix(p.body, "\n") { // else empty lines at its end are part of it
			text = strings.TrimRight(text, "\r\n")
		}
		if p.crlf {
			text = strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\n", "\r\n")
		}
		return quoted(text), false, nil
	}
	body := strings.TrimSpace(r.body)
	opens := strings.HasPrefix(body, "{") || strings.HasPrefix(body, "[")
	wants := p.node != nil && (p.node.Type == "object" || p.node.Type == "array")
	if err := schema.CheckSyntax([]byte(strings.Repeat("\n", r.line) + r.body)); err != nil && (opens || wants) {
		return nil, false, refuse("--edit: %s%v", prefixed(r.path), err)
	}
	value, err = Value(p.node, body, fmt.Sprintf("--edit: line %d", r.line))
	return value, false, err
}

func prefixed(path string) string {
	if path == "" {
		return ""
	}
	return path + " "
}

// nodeAt is the shape of a part that a person added; nil: not known. What there cannot
// be is an error.
func (e *Edit) nodeAt(r readPart) (*schema.Node, error) {
	parts, err := pathParts(r.path)
	if err != nil || len(parts) == 0 {
		return nil, refuse("--edit: line %d begins as one does that names a field, with %q, and names none", r.line, e.mark+" ")
	}
	n, at := e.shape, ""
	for _, p := range parts {
		if n == nil {
			return nil, nil
		}
		if p.name == "" {
			n, at = n.Items, fmt.Sprintf("%s[%d]", at, p.index)
			continue
		}
		next := fieldNode(n, p.name)
		if next == nil && n.Type == "object" {
			_, err := fieldShape(n, nil, p.name, at)
			return nil, refuse("--edit: line %d: %v", r.line, err)
		}
		n, at = next, strings.TrimPrefix(at+"."+p.name, ".")
	}
	return n, nil
}

// Line is the line of the file from which on the value at a path stands, 0 if that is not
// known. A path is one of the schema, as in "sections[1].words".
func (ed *Edited) Line(path string) int {
	best := readPart{}
	for _, r := range ed.parts {
		rest, begins := strings.CutPrefix(path, r.path)
		if begins && (rest == "" || r.path == "" || rest[0] == '.' || rest[0] == '[') && len(r.path) >= len(best.path) {
			best = r
		}
	}
	return best.line
}

// LineOf is the line of the part that a complaint begins with, or has behind a colon:
// "not accepted: title: is too long". It is 0 if the complaint names none.
func (ed *Edited) LineOf(complaint string) int {
	for _, words := range strings.Split(complaint, ": ") {
		words = strings.TrimSpace(words)
		if words != "" && !strings.Contains(words, " ") && slices.ContainsFunc(ed.parts, func(r readPart) bool {
			return r.path != "" && (words == r.path || strings.HasPrefix(words, r.path+".") || strings.HasPrefix(words, r.path+"["))
		}) {
			return ed.Line(words)
		}
	}
	return 0
}

// built is a value being put together from its parts.
type built struct {
	line    int // of the part that is its value; 0: it has parts
	value   json.RawMessage
	members []builtMember
}

// builtMember is a field, or an element of a list: then in the order of the file,
// whatever its number.
type builtMember struct {
	part
	*built
}

// put puts a part in its place.
func (b *built) put(r readPart, value json.RawMessage) error {
	parts, _ := pathParts(r.path) // which was one of ours, or was looked at
	for _, p := range parts {
		if b.line > 0 {
			return refuse("--edit: line %d: %s is part of what has its value from line %d on", r.line, r.path, b.line)
		}
		i := slices.IndexFunc(b.members, func(m builtMember) bool { return m.part == p })
		if i < 0 {
			i, b.members = len(b.members), append(b.members, builtMember{p, &built{}})
		}
		b = b.members[i].built
	}
	if len(b.members) > 0 {
		return refuse("--edit: line %d: parts of %s have their values before it", r.line, r.path)
	}
	b.line, b.value = r.line, value
	return nil
}

func (b *built) json() json.RawMessage {
	if b.line > 0 {
		return b.value
	}
	var s strings.Builder
	open, end := "{", "}"
	if len(b.members) > 0 && b.members[0].name == "" {
		open, end = "[", "]"
	}
	s.WriteString(open)
	for i, m := range b.members {
		if i > 0 {
			s.WriteString(",")
		}
		if open == "{" {
			s.Write(quoted(m.name))
			s.WriteString(":")
		}
		s.Write(m.built.json())
	}
	s.WriteString(end)
	return json.RawMessage(s.String())
}
