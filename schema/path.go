package schema

import (
	"strconv"
	"strings"
	"unicode"
)

// path leads from the root to a place in a value. A nil path is the root. It is
// a list from the leaf up, so that walking builds no strings until a problem
// needs one.
type path struct {
	up    *path
	name  string
	index int // of an array element; -1 for a member
}

func (p *path) member(name string) *path { return &path{up: p, name: name, index: -1} }
func (p *path) item(i int) *path         { return &path{up: p, index: i} }

// String returns the path as in "sections[1].target_length". A name that does
// not read as a word is quoted, and cut when long: names may come from outside.
func (p *path) String() string {
	if p == nil {
		return ""
	}
	up := p.up.String()
	if p.index >= 0 {
		return up + "[" + strconv.Itoa(p.index) + "]"
	}
	if !isWord(p.name) {
		return up + "[" + quote(p.name) + "]"
	}
	if up == "" {
		return p.name
	}
	return up + "." + p.name
}

// isWord reports whether s needs no quotes inside a path.
func isWord(s string) bool {
	return s != "" && len(s) <= maxShown && !strings.ContainsFunc(s, func(r rune) bool {
		return r != '_' && r != '-' && r != '$' && !unicode.IsLetter(r) && !unicode.IsDigit(r)
	})
}
