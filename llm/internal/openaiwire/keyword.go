package openaiwire

import (
	"bytes"
	"encoding/json"
	"slices"
)

// bounds are the keywords that a schema can do without: what they ask for is checked
// here in any case. Who refuses one of a kind refuses its kind.
var bounds = [][]string{
	{"minItems", "maxItems", "uniqueItems"},
	{"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"},
	{"minLength", "maxLength"},
	{"pattern"},
	{"format"},
}

// member is a name and its value in a JSON object.
type member struct {
	name  string
	value json.RawMessage
}

// keywordsIn returns the keywords of a schema and of all in it.
func keywordsIn(schema json.RawMessage) map[string]bool {
	found := map[string]bool{}
	rewrite(schema, func(keyword string) bool {
		found[keyword] = true
		return true
	})
	return found
}

// dropKeywords returns a schema without the keywords, in it and in all in it. The order of
// what stays stays: it is the order in which a model writes. Properties may have a
// keyword's name.
func dropKeywords(schema json.RawMessage, keywords []string) json.RawMessage {
	if len(keywords) == 0 {
		return schema
	}
	return rewrite(schema, func(keyword string) bool { return !slices.Contains(keywords, keyword) })
}

// rewrite returns a schema with the keywords that are to be kept.
func rewrite(schema json.RawMessage, keep func(keyword string) bool) json.RawMessage {
	members, ok := readMembers(schema)
	if !ok {
		return schema // true, false
	}
	var kept []member
	for _, m := range members {
		if !keep(m.name) {
			continue
		}
		switch m.name {
		case "properties", "$defs", "definitions":
			if of, ok := readMembers(m.value); ok {
				for i := range of {
					of[i].value = rewrite(of[i].value, keep)
				}
				m.value = writeMembers(of)
			}
		case "items", "additionalProperties", "not":
			m.value = rewrite(m.value, keep)
		case "anyOf", "allOf", "oneOf", "prefixItems":
			var list []json.RawMessage
			if json.Unmarshal(m.value, &list) == nil {
				for i := range list {
					list[i] = rewrite(list[i], keep)
				}
				m.value = slices.Concat([]byte("["), bytes.Join(rawBytes(list), []byte(",")), []byte("]"))
			}
		}
		kept = append(kept, m)
	}
	return writeMembers(kept)
}

func rawBytes(list []json.RawMessage) [][]byte {
	out := make([][]byte, len(list))
	for i, raw := range list {
		out[i] = raw
	}
	return out
}

// readMembers reads an object in its order. ok is false if raw is none.
func readMembers(raw json.RawMessage) (members []member, ok bool) {
	d := json.NewDecoder(bytes.NewReader(raw))
	if open, err := d.Token(); err != nil || open != json.Delim('{') {
		return nil, false
	}
	for d.More() {
		name, err := d.Token()
		var value json.RawMessage
		if err != nil || d.Decode(&value) != nil {
			return nil, false
		}
		members = append(members, member{name.(string), value})
	}
	return members, true
}

func writeMembers(members []member) json.RawMessage {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, m := range members {
		if i > 0 {
			b.WriteByte(',')
		}
		name, _ := json.Marshal(m.name) // a string always has a form
		b.Write(name)
		b.WriteByte(':')
		b.Write(m.value)
	}
	b.WriteByte('}')
	return b.Bytes()
}
