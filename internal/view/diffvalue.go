package view

import (
	"encoding/json"

	"github.com/pawlrun/pawl/internal/diff"
	"github.com/pawlrun/pawl/internal/limits"
	"github.com/pawlrun/pawl/internal/mask"
	"github.com/pawlrun/pawl/schema"
)

// Difference is what differs between two values.
type Difference struct {
	Same   bool    `json:"same"`   // nothing differs
	Fields []Field `json:"fields"` // what differs
	More   int     `json:"more"`   // how many more fields differ that are not listed
}

// Field is a part of a value that is another one in B.
type Field struct {
	Op    diff.Op         `json:"op"`    // what became of it
	Path  string          `json:"path"`  // its place in b, or in a if it was removed; empty: the value itself
	Was   string          `json:"was"`   // its place in a; the same unless what is around it has moved
	Old   json.RawMessage `json:"old"`   // its value in a; null: there is none
	New   json.RawMessage `json:"new"`   // its value in b; null: there is none
	Words []diff.Hunk     `json:"words"` // of two texts what differs in words; else empty

	// Hidden says that it is sensitive: that it differs is all that may be shown.
	Hidden bool `json:"hidden"`
}

// value is a value as it is, and as it may be shown.
type value struct{ raw, shown json.RawMessage }

// compare says what differs between two values, of what differs in what must not be shown
// no more than that. Where to look is told by the values as they are, what is
// shown comes from the others alone, the names of fields included.
func compare(a, b value) Difference {
	changes, more := diff.Values(a.raw, b.raw, limits.DiffFields)
	d := Difference{Same: len(changes) == 0, Fields: []Field{}, More: more}
	was, is := newShown(a.shown), newShown(b.shown)
	hidden := map[[2]string]bool{}
	for _, ch := range changes {
		if ch.Op == diff.Changed && len(ch.Is.Parts()) == 0 {
			ch.Op = opOf(a.raw, b.raw)
		}
		f := Field{Op: ch.Op, Old: null, New: null, Words: []diff.Hunk{}}
		cut := false
		if ch.Was != nil {
			f.Was, f.Old, cut = was.at(ch.Was)
			f.Path = f.Was
		}
		if ch.Is != nil {
			isCut := false
			f.Path, f.New, isCut = is.at(ch.Is)
			cut = cut || isCut
		}
		if ch.Was == nil {
			f.Was = f.Path
		}
		f.Hidden = cut || ch.Op == diff.Changed && string(f.Old) == string(f.New)
		if f.Hidden {
			f.hide()
			at := [2]string{f.Was, f.Path}
			if hidden[at] {
				continue
			}
			hidden[at] = true
		}
		f.compareTexts()
		d.Fields = append(d.Fields, f)
	}
	return d
}

// opOf is what became of a whole value: null says that there is none.
func opOf(was, is json.RawMessage) diff.Op {
	switch {
	case string(was) == "null":
		return diff.Added
	case string(is) == "null":
		return diff.Removed
	}
	return diff.Changed
}

var null = json.RawMessage("null")

// hide leaves no more than that there was, and is, something.
func (f *Field) hide() {
	f.Op = diff.Changed
	f.Old, f.New = json.RawMessage(`"`+mask.Hidden+`"`), json.RawMessage(`"`+mask.Hidden+`"`)
}

// compareTexts fills the words of a text that has become another.
func (f *Field) compareTexts() {
	var was, is string
	if f.Op != diff.Changed || f.Hidden || f.Old[0] != '"' || f.New[0] != '"' || json.Unmarshal(f.Old, &was) != nil || json.Unmarshal(f.New, &is) != nil {
		return
	}
	f.Words = diff.Words(was, is)
}

// shownValue is a value as it may be shown, to be looked into.
type shownValue struct {
	raw  json.RawMessage
	tree schema.Tree
	read bool
}

func newShown(raw json.RawMessage) *shownValue {
	tree, err := schema.ReadTree(raw)
	return &shownValue{raw, tree, err == nil}
}

// at is what stands at a path, and the path as it may be shown. If it is hidden, as all is
// that stands around it or has another name here, the path leads no further than there.
func (s *shownValue) at(p *diff.Path) (path string, is json.RawMessage, hidden bool) {
	parts := p.Parts()
	if len(parts) == 0 {
		return "", s.raw, false
	}
	tree := s.tree
	for i, part := range parts {
		next, ok := step(tree, part)
		if !s.read || !ok {
			return diff.PathOf(parts[:i]), nil, true
		}
		tree = next
	}
	return diff.PathOf(parts), tree.JSON(), false
}

// step goes a step of a path.
func step(in schema.Tree, part *diff.Path) (schema.Tree, bool) {
	if part.Index >= 0 {
		if !in.IsArray() || part.Index >= in.Len() {
			return schema.Tree{}, false
		}
		return in.Item(part.Index), true
	}
	if in.IsObject() {
		for i := range in.Len() {
			if name, is := in.Member(i); name == part.Name {
				return is, true
			}
		}
	}
	return schema.Tree{}, false
}
