package form

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/pawlrun/pawl/schema"
)

// Member is one property of an object.
type Member struct {
	Name  string
	Value json.RawMessage
}

// Members reads an object without judging its members: order stays, and so does
// a name that stands there twice.
func Members(raw []byte) ([]Member, error) {
	if err := jsonError(raw); err != nil {
		return nil, err
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	if open, err := dec.Token(); err != nil || open != json.Delim('{') {
		return nil, errors.New("wants a JSON object with the fields of the input")
	}
	var doc []Member
	for dec.More() {
		name, err := dec.Token()
		if err != nil {
			return nil, err
		}
		var value json.RawMessage
		if err := dec.Decode(&value); err != nil {
			return nil, err
		}
		doc = append(doc, Member{name.(string), value}) // a name, by the grammar
	}
	return doc, nil
}

// jsonError says where raw ceases to be JSON.
func jsonError(raw []byte) error {
	var v json.RawMessage
	err := json.Unmarshal(raw, &v)
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		before := raw[:max(0, min(int(syntax.Offset)-1, len(raw)))]
		line := bytes.Count(before, []byte("\n")) + 1
		column := len(before) - bytes.LastIndexByte(before, '\n')
		return fmt.Errorf("is not JSON: line %d, column %d: %w", line, column, err)
	}
	return err
}

// object writes members as an object, in their order.
func object(doc []Member) json.RawMessage {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, m := range doc {
		if i > 0 {
			b.WriteByte(',')
		}
		b.Write(quoted(m.Name))
		b.WriteByte(':')
		b.Write(m.Value)
	}
	b.WriteByte('}')
	return b.Bytes()
}

// Indent writes JSON over several lines that end with a line break. What is not
// JSON becomes a text of it.
func Indent(raw json.RawMessage) string {
	var b bytes.Buffer
	if err := json.Indent(&b, raw, "", "  "); err != nil {
		return string(quoted(string(raw))) + "\n"
	}
	return b.String() + "\n"
}

// Compact writes JSON in one line. What is not JSON becomes a text of it.
func Compact(raw json.RawMessage) string {
	var b bytes.Buffer
	if err := json.Compact(&b, raw); err != nil {
		return string(quoted(string(raw)))
	}
	return b.String()
}

func quoted(s string) json.RawMessage {
	raw, _ := schema.Marshal(s) // a string always encodes
	return raw
}
