package journal

import (
	"bytes"
	"encoding/json"
	"unicode/utf8"

	"github.com/pawlrun/pawl"
)

// reader reads JSON from the front of rest.
type reader struct {
	rest []byte
	more bool // the object has had a field
	odd  bool // something is not as this package writes it
}

// take takes text that is to come next.
func (r *reader) take(text string) {
	rest, ok := bytes.CutPrefix(r.rest, []byte(text))
	r.rest, r.more, r.odd = rest, false, r.odd || !ok
}

// end takes the end of an object.
func (r *reader) end() {
	r.take("}")
	r.more = true // the one around it has had this one
}

// field takes a field's name if it comes next.
func (r *reader) field(name string) bool {
	rest := r.rest
	if r.more && len(rest) > 0 && rest[0] == ',' {
		rest = rest[1:]
	} else if r.more {
		return false
	}
	n := len(name)
	if len(rest) < n+3 || rest[0] != '"' || string(rest[1:n+1]) != name || rest[n+1] != '"' || rest[n+2] != ':' {
		return false
	}
	r.rest, r.more = rest[n+3:], true
	return true
}

// whole takes a field if it comes next, and so do the others, each of its type. None takes a
// function: the reader would be kept on the heap for it.
func whole[N ~int | ~int64](r *reader, name string, to *N) {
	if r.field(name) {
		*to = N(r.number())
	}
}

func text[S ~string](r *reader, name string, to *S) {
	if r.field(name) {
		*to = S(r.text())
	}
}

func truth(r *reader, name string, to *bool) {
	if r.field(name) {
		*to = r.truth()
	}
}

func value(r *reader, name string, to *json.RawMessage) {
	if r.field(name) {
		*to = r.value()
	}
}

func instant(r *reader, name string, to *pawl.Time) {
	if r.field(name) {
		*to = r.time()
	}
}

func list[E any](r *reader, element func() E) []E {
	all := []E{}
	for r.take("["); !r.odd && len(r.rest) > 0 && r.rest[0] != ']'; {
		if len(all) > 0 {
			r.take(",")
		}
		all = append(all, element())
	}
	r.take("]")
	r.more = true
	return all
}

// number takes a whole number that fits any type.
func (r *reader) number() (n int64) {
	i := 0
	for ; i < len(r.rest) && '0' <= r.rest[i] && r.rest[i] <= '9'; i++ {
		n = 10*n + int64(r.rest[i]-'0')
	}
	r.odd = r.odd || i == 0 || i > 9 || i > 1 && r.rest[0] == '0'
	r.rest = r.rest[i:]
	return n
}

// fraction takes any number.
func (r *reader) fraction() (f float64) {
	n := extent(r.rest)
	r.odd = r.odd || n == 0 || r.rest[0] > '9' || json.Unmarshal(r.rest[:n], &f) != nil
	r.rest = r.rest[n:]
	return f
}

func (r *reader) truth() bool {
	rest, yes := bytes.CutPrefix(r.rest, []byte("true"))
	if !yes {
		r.take("false")
		r.more = true
		return false
	}
	r.rest = rest
	return true
}

func (r *reader) text() (s string) {
	literal, plain := r.literal()
	switch {
	case r.odd:
		return ""
	case plain:
		return word(literal[1 : len(literal)-1])
	}
	r.odd = json.Unmarshal(literal, &s) != nil
	return s
}

func (r *reader) time() (t pawl.Time) {
	literal, _ := r.literal()
	r.odd = r.odd || t.UnmarshalJSON(literal) != nil
	return t
}

// literal takes a string with its quotes. It is plain if it stands for itself.
func (r *reader) literal() (literal []byte, plain bool) {
	if len(r.rest) == 0 || r.rest[0] != '"' {
		r.odd = true
		return nil, false
	}
	plain = true
	for i := 1; i < len(r.rest); i++ {
		switch c := r.rest[i]; {
		case c == '"':
			literal, r.rest = r.rest[:i+1], r.rest[i+1:]
			return literal, plain
		case c == '\\':
			plain = false
			i++ // what is escaped does not end it
		case c < ' ' || c >= utf8.RuneSelf:
			plain = false
		}
	}
	r.odd = true
	return nil, false
}

// word returns a string. Those that most bodies have take no memory.
func word(b []byte) string {
	switch string(b) {
	case string(pawl.KindDo):
		return string(pawl.KindDo)
	case string(pawl.KindAsk):
		return string(pawl.KindAsk)
	case string(pawl.KindMap):
		return string(pawl.KindMap)
	case string(pawl.OutcomeAccepted):
		return string(pawl.OutcomeAccepted)
	}
	return string(b)
}

// value takes a value of any kind, which is copied.
func (r *reader) value() json.RawMessage {
	n := extent(r.rest)
	value := r.rest[:n]
	if n == 0 || !json.Valid(value) || value[0] <= ' ' || value[n-1] <= ' ' {
		r.odd = true
		return nil
	}
	r.rest = r.rest[n:]
	return bytes.Clone(value)
}

// extent returns how long the value is with which b begins, if it is one, and
// not nested deeper than any answer.
func extent(b []byte) int {
	depth := 0
	for i := 0; i < len(b); i++ {
		switch b[i] {
		case '{', '[':
			if depth++; depth > 1000 {
				return 0
			}
		case '}', ']':
			if depth == 0 {
				return i
			}
			depth--
		case ',':
			if depth == 0 {
				return i
			}
		case '"':
			for i++; i < len(b) && b[i] != '"'; i++ {
				if b[i] == '\\' {
					i++
				}
			}
		}
	}
	return 0
}
