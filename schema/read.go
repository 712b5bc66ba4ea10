package schema

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// readValue parses raw. The error says what is wrong and at which byte. A
// repeated key is not an error here: the first one stands and the rest are
// returned as problems, so that a caller can report them beside others.
func readValue(raw []byte) (*value, []Problem, error) {
	if err := syntaxOf(raw); err != nil {
		return nil, nil, err
	}
	r := reader{raw: raw}
	v, err := r.value(nil, 0)
	return v, r.repeated, err
}

// syntaxError is why a text is not one JSON value in valid UTF-8.
type syntaxError struct {
	what   string
	offset int // of the byte that is wrong, from 1; 0: there is none
}

func (e *syntaxError) Error() string {
	if e.offset == 0 {
		return e.what
	}
	return fmt.Sprintf("%s at byte %d", e.what, e.offset)
}

// syntaxOf returns nil if raw is one JSON value in valid UTF-8, and otherwise a
// *syntaxError.
func syntaxOf(raw []byte) error {
	switch {
	case json.Valid(raw) && utf8.Valid(raw):
		return nil
	case len(bytes.TrimSpace(raw)) == 0:
		return &syntaxError{what: "nothing there"}
	case !utf8.Valid(raw):
		at := 0
		for {
			r, size := utf8.DecodeRune(raw[at:])
			if r == utf8.RuneError && size == 1 {
				return &syntaxError{"invalid UTF-8", at + 1}
			}
			at += size
		}
	}
	var whole json.RawMessage
	err := json.Unmarshal(raw, &whole)
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		return &syntaxError{syntax.Error(), int(syntax.Offset)}
	}
	return err
}

// reader takes valid JSON apart. It is written by hand because every value of a
// run passes here several times; encoding/json's tokens take ten times as long.
type reader struct {
	raw      []byte
	next     int // the byte to be read
	values   int // that were read
	repeated []Problem
}

// skip passes over white space and returns the byte behind it.
func (r *reader) skip() byte {
	for {
		switch c := r.raw[r.next]; c {
		case ' ', '\t', '\r', '\n':
			r.next++
		default:
			return c
		}
	}
}

// more passes over the comma before an element and reports whether there is one
// before the closing bracket, which it passes over too.
func (r *reader) more(closing byte) bool {
	c := r.skip()
	if c == ',' {
		r.next++
		c = r.skip()
	}
	if c == closing {
		r.next++
	}
	return c != closing
}

func (r *reader) value(at *path, depth int) (*value, error) {
	if r.values++; r.values > maxValues {
		return nil, &syntaxError{what: fmt.Sprintf("has more than %d values", maxValues)}
	}
	switch c := r.skip(); c {
	case 'n':
		r.next += len("null")
		return &value{kind: kindNull}, nil
	case 't':
		r.next += len("true")
		return &value{kind: kindBool, truth: true}, nil
	case 'f':
		r.next += len("false")
		return &value{kind: kindBool}, nil
	case '"':
		return &value{kind: kindString, text: r.string()}, nil
	case '[', '{':
		r.next++
		if depth == maxDepth {
			return nil, &syntaxError{fmt.Sprintf("nested deeper than %d levels", maxDepth), r.next}
		}
		if c == '[' {
			return r.array(at, depth+1)
		}
		return r.object(at, depth+1)
	}
	return &value{kind: kindNumber, text: r.number()}, nil
}

func (r *reader) number() string {
	begin := r.next
	for ; r.next < len(r.raw); r.next++ {
		switch c := r.raw[r.next]; {
		case c >= '0' && c <= '9', c == '-', c == '+', c == '.', c == 'e', c == 'E':
			continue
		}
		break
	}
	return string(r.raw[begin:r.next])
}

func (r *reader) string() string {
	begin, escaped := r.next, false
	for r.next++; r.raw[r.next] != '"'; r.next++ {
		if r.raw[r.next] == '\\' {
			escaped = true
			r.next++
		}
	}
	r.next++
	quoted := r.raw[begin:r.next]
	if !escaped {
		return string(quoted[1 : len(quoted)-1])
	}
	return unescaped(quoted)
}

// unescaped returns what a valid string with escapes stands for.
func unescaped(quoted []byte) string {
	var b strings.Builder
	b.Grow(len(quoted))
	rest := quoted[1 : len(quoted)-1]
	for {
		i := bytes.IndexByte(rest, '\\')
		if i < 0 {
			b.Write(rest)
			return b.String()
		}
		b.Write(rest[:i])
		switch c := rest[i+1]; c {
		case 'n':
			b.WriteByte('\n')
		case 't':
			b.WriteByte('\t')
		case 'r':
			b.WriteByte('\r')
		case '"', '\\', '/':
			b.WriteByte(c)
		default: // rare, and with rules of its own
			var s string
			_ = json.Unmarshal(quoted, &s) // it is valid
			return s
		}
		rest = rest[i+2:]
	}
}

func (r *reader) array(at *path, depth int) (*value, error) {
	v := &value{kind: kindArray}
	for r.more(']') {
		item, err := r.value(at.item(len(v.items)), depth)
		if err != nil {
			return nil, err
		}
		v.items = append(v.items, item)
	}
	return v, nil
}

func (r *reader) object(at *path, depth int) (*value, error) {
	v := &value{kind: kindObject}
	var seen map[string]bool // made for objects with many members
	for r.more('}') {
		name := r.name()
		below := at.member(name)
		item, err := r.value(below, depth)
		if err != nil {
			return nil, err
		}
		if v.holds(name, seen) {
			if len(r.repeated) < maxProblems {
				r.repeated = append(r.repeated, Problem{below.String(), "is given twice"})
			}
			continue
		}
		v.members = append(v.members, member{name, item})
		seen = v.index(seen)
	}
	return v, nil
}

// name reads the name of a member and passes over the colon behind it.
func (r *reader) name() string {
	name := r.string()
	r.skip()
	r.next++
	return name
}

// fewMembers are looked through one by one.
const fewMembers = 16

func (v *value) holds(name string, seen map[string]bool) bool {
	if len(v.members) < fewMembers {
		return v.member(name) != nil
	}
	return seen[name]
}

// index adds the last member to seen once there are many.
func (v *value) index(seen map[string]bool) map[string]bool {
	switch n := len(v.members); {
	case n < fewMembers:
		return nil
	case n == fewMembers:
		seen = map[string]bool{}
		for _, m := range v.members {
			seen[m.name] = true
		}
	default:
		seen[v.members[n-1].name] = true
	}
	return seen
}
