package diff

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Path leads from a value to a part of it. The zero Path is the value itself.
type Path struct {
	up    *Path  // nil: this is the root
	Name  string // of a member
	Index int    // of an item, where there is no name; -1: of a member
}

func (p *Path) member(name string) *Path { return &Path{up: p, Name: name, Index: -1} }
func (p *Path) item(i int) *Path         { return &Path{up: p, Index: i} }

// Parts are the steps of the path from the root on, which is not among them.
func (p *Path) Parts() []*Path {
	n := 0
	for at := p; at != nil && at.up != nil; at = at.up {
		n++
	}
	parts := make([]*Path, n)
	for at := p; n > 0; at = at.up {
		n--
		parts[n] = at
	}
	return parts
}

// most is how many bytes a path and a name in it are shown with at most.
const mostPath, mostName = 1000, 60

// String returns the path as it is written: sections[1].target_length. A name that does not
// read as a word is quoted, and cut if it is long; so is the middle of a long path.
func (p *Path) String() string { return PathOf(p.Parts()) }

// PathOf writes the beginning of a path.
func PathOf(parts []*Path) string {
	var b strings.Builder
	for _, part := range parts {
		switch {
		case part.Index >= 0:
			b.WriteString("[" + strconv.Itoa(part.Index) + "]")
		case !isWord(part.Name):
			b.WriteString("[" + strconv.Quote(cutText(part.Name, mostName)) + "]")
		default:
			if b.Len() > 0 {
				b.WriteByte('.')
			}
			b.WriteString(part.Name)
		}
	}
	s := b.String()
	if len(s) <= mostPath {
		return s
	}
	end := s[len(s)-mostPath/2:]
	for !utf8.RuneStart(end[0]) {
		end = end[1:]
	}
	return cutText(s, mostPath/2) + end
}

// cutText cuts what is longer than so many bytes.
func cutText(s string, most int) string {
	if len(s) <= most {
		return s
	}
	for !utf8.RuneStart(s[most]) {
		most--
	}
	return s[:most] + "…"
}

// isWord reports whether a name needs no quotes.
func isWord(s string) bool {
	return s != "" && len(s) <= mostName && !strings.ContainsFunc(s, func(r rune) bool {
		return r != '_' && r != '-' && r != '$' && !unicode.IsLetter(r) && !unicode.IsDigit(r)
	})
}
