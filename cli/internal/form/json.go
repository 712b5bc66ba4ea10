package form

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/pawlrun/pawl/schema"
)

// members reads an object without judging its members: order stays, and so does
// a name that stands there twice.
func members(raw []byte) ([]schema.Member, error) {
	doc, err := schema.Members(raw)
	if err == schema.ErrNotObject {
		return nil, fmt.Errorf("%w with the fields of the input", err)
	}
	return doc, err
}

// object writes members as an object, in their order.
func object(doc []schema.Member) json.RawMessage {
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
