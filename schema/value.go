package schema

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"unicode/utf8"
)

// maxDepth is how deep arrays and objects may nest. encoding/json stops at
// 10,000; nobody means a tenth of that, and walking it costs stack.
const maxDepth = 1000

// kind is the JSON type of a value.
type kind byte

const (
	kindNull kind = iota
	kindBool
	kindNumber
	kindString
	kindArray
	kindObject
)

// value is a parsed JSON value. It keeps what map[string]any loses: the order
// of members and the exact digits of numbers.
type value struct {
	kind    kind
	truth   bool
	text    string // the string, or the number as written
	items   []*value
	members []member
}

type member struct {
	name  string
	value *value
}

// member returns the member of that name, or nil.
func (v *value) member(name string) *value {
	for _, m := range v.members {
		if m.name == name {
			return m.value
		}
	}
	return nil
}

// readValue parses raw. The error says what is wrong and at which byte. A
// repeated key is not an error here: the first one stands and the rest are
// returned as problems, so that a caller can report them beside others.
func readValue(raw []byte) (*value, []Problem, error) {
	if err := checkSyntax(raw); err != nil {
		return nil, nil, err
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	r := reader{dec: dec}
	v, err := r.value(nil, 0)
	return v, r.repeated, err
}

// checkSyntax reports whether raw is one JSON value in valid UTF-8, whatever
// its depth. The token reader below would accept broken UTF-8 silently.
func checkSyntax(raw []byte) error {
	if len(bytes.TrimSpace(raw)) == 0 {
		return errors.New("nothing there")
	}
	if !utf8.Valid(raw) {
		at := 0
		for at < len(raw) {
			r, size := utf8.DecodeRune(raw[at:])
			if r == utf8.RuneError && size == 1 {
				break
			}
			at += size
		}
		return fmt.Errorf("invalid UTF-8 at byte %d", at+1)
	}
	var whole json.RawMessage
	err := json.Unmarshal(raw, &whole)
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		return fmt.Errorf("%s at byte %d", syntax, syntax.Offset)
	}
	return err
}

type reader struct {
	dec      *json.Decoder
	repeated []Problem
}

func (r *reader) value(at *path, depth int) (*value, error) {
	token, err := r.dec.Token()
	if err != nil {
		return nil, err
	}
	switch token := token.(type) {
	case bool:
		return &value{kind: kindBool, truth: token}, nil
	case json.Number:
		return &value{kind: kindNumber, text: token.String()}, nil
	case string:
		return &value{kind: kindString, text: token}, nil
	case json.Delim:
		if depth == maxDepth {
			return nil, fmt.Errorf("nested deeper than %d levels at byte %d", maxDepth, r.dec.InputOffset())
		}
		if token == '[' {
			return r.array(at, depth+1)
		}
		return r.object(at, depth+1)
	}
	return &value{kind: kindNull}, nil
}

func (r *reader) array(at *path, depth int) (*value, error) {
	v := &value{kind: kindArray}
	for r.dec.More() {
		item, err := r.value(at.item(len(v.items)), depth)
		if err != nil {
			return nil, err
		}
		v.items = append(v.items, item)
	}
	_, err := r.dec.Token()
	return v, err
}

func (r *reader) object(at *path, depth int) (*value, error) {
	v := &value{kind: kindObject}
	seen := map[string]bool{}
	for r.dec.More() {
		token, err := r.dec.Token()
		if err != nil {
			return nil, err
		}
		name := token.(string) // checkSyntax saw that keys are strings
		below := at.member(name)
		item, err := r.value(below, depth)
		if err != nil {
			return nil, err
		}
		if seen[name] {
			if len(r.repeated) < maxProblems {
				r.repeated = append(r.repeated, Problem{below.String(), "is given twice"})
			}
			continue
		}
		seen[name] = true
		v.members = append(v.members, member{name, item})
	}
	_, err := r.dec.Token()
	return v, err
}
