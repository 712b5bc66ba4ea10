package form

import (
	"encoding/json"
	"errors"
	"strings"
	"unicode/utf8"

	"github.com/pawlrun/pawl"
)

// Line returns a line of a file of inputs as a flow's input, checked and with
// defaults filled in. The error says in one line all that is wrong.
func Line(f pawl.Flow, line []byte) (json.RawMessage, error) {
	if !utf8.Valid(line) {
		return nil, errors.New("it is not UTF-8 text")
	}
	if _, err := members(line); err != nil {
		return nil, errors.New(strings.Replace(err.Error(), "line 1, column", "column", 1))
	}
	in := &Input{Flow: f, names: map[string]*Field{}}
	checked, err := f.CheckInput(line)
	in.complain(err)
	if len(in.bad) > 0 {
		return nil, errors.New(strings.Join(in.bad, "; "))
	}
	return checked, nil
}
