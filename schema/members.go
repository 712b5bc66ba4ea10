package schema

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
)

// Member is a property of an object as it stands in a text.
type Member struct {
	Name  string
	Value json.RawMessage // as it is written; part of the text that was read
}

// ErrNotObject says that a text is JSON, but no object.
var ErrNotObject = errors.New("wants a JSON object")

// Members returns the properties of a JSON object in their order and judges none
// of them: a name that stands there twice comes twice. The error is ErrNotObject
// or that of [CheckSyntax].
func Members(raw []byte) ([]Member, error) {
	if err := CheckSyntax(raw); err != nil {
		return nil, err
	}
	r := reader{raw: raw}
	if r.skip() != '{' {
		return nil, ErrNotObject
	}
	r.next++
	var all []Member
	for r.more('}') {
		name := r.name()
		r.skip()
		begin := r.next
		if _, err := r.value(nil, 1); err != nil {
			return nil, notJSON(raw, err)
		}
		all = append(all, Member{name, raw[begin:r.next]})
	}
	return all, nil
}

// CheckSyntax returns nil if raw is one JSON value in valid UTF-8. The error says
// what is wrong, and for people with an editor on which line and in which column,
// counted in bytes from 1.
func CheckSyntax(raw []byte) error {
	if err := syntaxOf(raw); err != nil {
		return notJSON(raw, err)
	}
	return nil
}

func notJSON(raw []byte, err error) error {
	var at *syntaxError
	if !errors.As(err, &at) || at.offset == 0 {
		return fmt.Errorf("is not JSON: %w", err)
	}
	before := raw[:at.offset-1]
	line := bytes.Count(before, []byte("\n")) + 1
	column := len(before) - bytes.LastIndexByte(before, '\n')
	return fmt.Errorf("is not JSON: line %d, column %d: %s", line, column, at.what)
}
