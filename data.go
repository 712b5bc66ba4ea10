package pawl

import (
	"encoding"
	"encoding/json"
	"fmt"
	"reflect"

	"github.com/pawlrun/pawl/llm"
	"github.com/pawlrun/pawl/schema"
)

// Field is a field of what a step is about. A recorded result belongs to what it is
// about: of a field that has changed since, it is the answer to another question.
type Field struct {
	Name  string
	Value json.RawMessage
}

// fieldsOf returns the fields of the data that fills a prompt: one for each field of
// a struct, and otherwise one. It reports false if the data cannot be told by its
// fields: it has some, and all are hidden.
func fieldsOf(data reflect.Value) (all []Field, told bool) {
	for data.Kind() == reflect.Pointer && !data.IsNil() {
		data = data.Elem()
	}
	t := data.Type()
	if t.Kind() != reflect.Struct || hasOwnForm(t) {
		raw, err := schema.Marshal(data.Interface())
		return []Field{{Name: "data", Value: raw}}, err == nil
	}
	for i := range t.NumField() {
		f := t.Field(i)
		if !f.IsExported() {
			continue
		}
		raw, err := schema.Marshal(data.Field(i).Interface())
		if err != nil {
			continue // a function, say: it has no form that could be compared
		}
		all = append(all, Field{Name: schema.FieldName(f), Value: raw})
	}
	return all, len(all) > 0 || t.NumField() == 0
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
func messageFields(messages []llm.Message) (all []Field) {
	count := map[llm.Role]int{}
	var rest []llm.Message
	for _, m := range messages {
		switch count[m.Role]++; {
		case m.Role == llm.RoleSystem:
		case len(all) == maxMessages:
			rest = append(rest, m)
		case count[m.Role] > 1:
			all = append(all, messageField(fmt.Sprintf("%s#%d", m.Role, count[m.Role]), m))
		default:
			all = append(all, messageField(string(m.Role), m))
		}
	}
	if len(rest) > 0 {
		all = append(all, messageField("rest", rest))
	}
	return all
}

func messageField(name string, of any) Field {
	raw, err := schema.Marshal(of)
	if err != nil {
		panic(err) // strings only: it always encodes
	}
	return Field{Name: name, Value: raw}
}
