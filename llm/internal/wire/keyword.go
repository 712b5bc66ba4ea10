package wire

import (
	"bytes"
	"encoding/json"
	"slices"

	"github.com/pawlrun/pawl/schema"
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

// keywordsIn returns the keywords of a schema and of all in it.
func keywordsIn(doc json.RawMessage) map[string]bool {
	found := map[string]bool{}
	rewrite(doc, func(keyword string) bool {
		found[keyword] = true
		return true
	})
	return found
}

// dropKeywords returns a schema without the keywords, in it and in all in it. The order of
// what stays stays: it is the order in which a model writes. Properties may have a
// keyword's name.
func dropKeywords(doc json.RawMessage, keywords []string) json.RawMessage {
	if len(keywords) == 0 {
		return doc
	}
	return rewrite(doc, func(keyword string) bool { return !slices.Contains(keywords, keyword) })
}

// rewrite returns a schema with the keywords that are to be kept. It knows where schemas
// stand in the strict form.
func rewrite(doc json.RawMessage, keep func(keyword string) bool) json.RawMessage {
	members, err := schema.Members(doc)
	if err != nil {
		return doc // true, false
	}
	var kept []schema.Member
	for _, m := range members {
		if !keep(m.Name) {
			continue
		}
		switch m.Name {
		case "properties", "$defs":
			if of, err := schema.Members(m.Value); err == nil {
				for i := range of {
					of[i].Value = rewrite(of[i].Value, keep)
				}
				m.Value = writeMembers(of)
			}
		case "items":
			m.Value = rewrite(m.Value, keep)
		case "anyOf":
			var list []json.RawMessage
			if json.Unmarshal(m.Value, &list) == nil {
				for i := range list {
					list[i] = rewrite(list[i], keep)
				}
				m.Value = slices.Concat([]byte("["), bytes.Join(rawBytes(list), []byte(",")), []byte("]"))
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

func writeMembers(members []schema.Member) json.RawMessage {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, m := range members {
		if i > 0 {
			b.WriteByte(',')
		}
		name, _ := json.Marshal(m.Name) // a string always has a form
		b.Write(name)
		b.WriteByte(':')
		b.Write(m.Value)
	}
	b.WriteByte('}')
	return b.Bytes()
}
