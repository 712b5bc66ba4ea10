package pawl

import (
	"encoding"
	"encoding/json"
	"fmt"
	"reflect"

	"github.com/pawlrun/pawl/llm"
	"github.com/pawlrun/pawl/schema"
)

// fieldsOf returns the fields of the data that fills a prompt: one for each field of
// a struct, and otherwise one. It reports false if the data cannot be told by its
// fields: it has some, and all are hidden.
func fieldsOf(data reflect.Value) (all map[string]json.RawMessage, told bool) {
	for data.Kind() == reflect.Pointer && !data.IsNil() {
		data = data.Elem()
	}
	t := data.Type()
	if t.Kind() != reflect.Struct || hasOwnForm(t) {
		raw, err := marshalled(data)
		return map[string]json.RawMessage{"data": raw}, err == nil
	}
	all = map[string]json.RawMessage{}
	for i := range t.NumField() {
		f := t.Field(i)
		if !f.IsExported() {
			continue
		}
		raw, err := marshalled(data.Field(i))
		if err != nil {
			continue // a function, say: it has no form that could be compared
		}
		all[schema.FieldName(f)] = raw
	}
	return all, len(all) > 0 || t.NumField() == 0
}

// marshalled returns a value as JSON. It is asked for by an engine, not by flow code: a
// method of the value that panics is an error.
func marshalled(v reflect.Value) (raw json.RawMessage, err error) {
	err = recovered("MarshalJSON", func() (err error) {
		raw, err = schema.Marshal(v.Interface())
		return err
	})
	return raw, err
}

// hasOwnForm reports whether values of a type write themselves as JSON.
func hasOwnForm(t reflect.Type) bool {
	for _, form := range []reflect.Type{reflect.TypeFor[json.Marshaler](), reflect.TypeFor[encoding.TextMarshaler]()} {
		if t.Implements(form) || reflect.PointerTo(t).Implements(form) {
			return true
		}
	}
	return false
}

// maxMessages is how many messages are fields of their own. A conversation can be
// long, and each step that goes on with it has these fields.
const maxMessages = 8

// messageFields returns a field for each message that is not the system's, "user",
// then "user#2", and one for all that come behind the first few.
func messageFields(messages []llm.Message) map[string]json.RawMessage {
	all, count := map[string]json.RawMessage{}, map[llm.Role]int{}
	var rest []llm.Message
	for _, m := range messages {
		switch count[m.Role]++; {
		case m.Role == llm.RoleSystem:
		case len(all) == maxMessages:
			rest = append(rest, m)
		case count[m.Role] > 1:
			all[fmt.Sprintf("%s#%d", m.Role, count[m.Role])] = messageJSON(m)
		default:
			all[string(m.Role)] = messageJSON(m)
		}
	}
	if len(rest) > 0 {
		all["rest"] = messageJSON(rest)
	}
	return all
}

func messageJSON(of any) json.RawMessage {
	raw, err := schema.Marshal(of)
	if err != nil {
		panic(err) // strings only: it always encodes
	}
	return raw
}
