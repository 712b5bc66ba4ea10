package schema

import (
	"encoding"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"
)

// dateTime is the one format we know.
const dateTime = "date-time"

// ForType returns the schema of t, from its kind and from the json, jsonschema
// and pawl tags of its fields. A type without a fixed shape in JSON (any,
// json.RawMessage, []byte, func, a type with its own MarshalJSON, a type that
// contains itself) and a tag that makes no sense are errors that name the Go
// type and the field.
func ForType(t reflect.Type) (*Schema, error) {
	if t == nil {
		return nil, errors.New("schema: no type (a nil interface has none)")
	}
	root, err := (&inference{}).node(t, "")
	if err != nil {
		return nil, fmt.Errorf("schema of %s: %w", t, err)
	}
	return newSchema(root, t.String()), nil
}

// inference walks a Go type.
type inference struct {
	open []reflect.Type // the named types around the present one
}

// node returns the shape of t, which is the Go field at, or the root if empty.
func (in *inference) node(t reflect.Type, at string) (*Node, error) {
	n := &Node{goField: at, goType: t.String()}
	for t.Kind() == reflect.Pointer {
		n.Nullable = true
		t = t.Elem()
	}
	if t.Name() != "" {
		if slices.Contains(in.open, t) {
			return nil, fail(at, "%s contains itself; a value needs an end, so keep the items in one flat list that refers by name", t)
		}
		in.open = append(in.open, t)
		defer func() { in.open = in.open[:len(in.open)-1] }()
	}
	if done, err := in.special(n, t); done || err != nil {
		return n, err
	}
	var err error
	switch t.Kind() {
	case reflect.Bool:
		n.Type = "boolean"
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		n.Type = "integer"
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		n.Type, n.Min, n.unsigned = "integer", "0", true
	case reflect.Float32, reflect.Float64:
		n.Type = "number"
	case reflect.String:
		n.Type = "string"
		n.Enum, err = EnumOf(t)
		if err != nil {
			return nil, fail(at, "%w", err)
		}
	case reflect.Slice, reflect.Array:
		n.Type = "array"
		if t.Kind() == reflect.Array {
			length := t.Len()
			n.MinItems, n.MaxItems = &length, &length
		}
		n.Items, err = in.node(t.Elem(), at+"[]")
	case reflect.Map:
		if t.Key().Kind() != reflect.String || implements[encoding.TextMarshaler](t.Key()) {
			return nil, fail(at, "%s has keys that are not plain strings; use map[string]T or a slice of structs", t)
		}
		n.Type = "object"
		n.Values, err = in.node(t.Elem(), at+"[]")
	case reflect.Struct:
		n.Type = "object"
		n.Fields, err = in.fields(t, at)
	case reflect.Interface:
		return nil, fail(at, "%s has no fixed shape; use a concrete type", t)
	default:
		return nil, fail(at, "%s has no form in JSON; leave the field out with `json:\"-\"`", t)
	}
	return n, err
}

// special handles the types whose form in JSON does not follow from their kind.
func (in *inference) special(n *Node, t reflect.Type) (done bool, err error) {
	switch {
	case t == reflect.TypeFor[time.Time]():
		n.Type, n.Format = "string", dateTime
		return true, nil
	case t == reflect.TypeFor[json.RawMessage]():
		return false, fail(n.goField, "%s has no fixed shape; use a concrete type", t)
	case t == reflect.TypeFor[json.Number]():
		return false, fail(n.goField, "%s is a number written as Go text; use int64 or float64", t)
	case t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Uint8:
		return false, fail(n.goField, "%s would be base64 text; use string", t)
	case implements[json.Marshaler](t), implements[json.Unmarshaler](t):
		return false, fail(n.goField, "%s writes its own JSON, so its shape is not known; use a plain type", t)
	case implements[encoding.TextMarshaler](t) != implements[encoding.TextUnmarshaler](t):
		return false, fail(n.goField, "%s has one of MarshalText and UnmarshalText; it needs both or none", t)
	case implements[encoding.TextMarshaler](t):
		n.Type = "string"
		return true, nil
	}
	return false, nil
}

// implements reports whether t or *t has the methods of I.
func implements[I any](t reflect.Type) bool {
	if t.PkgPath() == "" && t.Kind() != reflect.Struct && t.Kind() != reflect.Pointer && t.Kind() != reflect.Interface {
		return false // of a type without a name of its own, or a basic one: it has no methods
	}
	i := reflect.TypeFor[I]()
	return t.Implements(i) || reflect.PointerTo(t).Implements(i)
}

func (in *inference) fields(t reflect.Type, at string) ([]Field, error) {
	goFields, clashes := goFields(t)
	if len(clashes) > 0 {
		return nil, fail(at, "%s has two fields with the JSON name %q", t, clashes[0])
	}
	fields := make([]Field, 0, len(goFields))
	for _, f := range goFields {
		where := strings.TrimPrefix(at+"."+f.goName, ".")
		if f.quoted {
			return nil, fail(where, "the json option \"string\" hides the type; use a string or leave it out")
		}
		n, err := in.node(f.typ, where)
		if err != nil {
			return nil, err
		}
		n.Description, err = description(f.tag)
		if err != nil {
			return nil, fail(where, "%w", err)
		}
		if err := n.apply(f.tag.Get("pawl")); err != nil {
			return nil, fail(where, "pawl tag: %w", err)
		}
		fields = append(fields, Field{Name: f.name, Node: n, Required: !f.optional && n.Default == nil})
	}
	return fields, nil
}

// isForeign reports whether a tag begins as one that was meant for another library: with
// WORD= or WORD,word=. At the start of a program each field of each flow is looked at.
func isForeign(text string) bool {
	rest := strings.TrimLeft(text, letters)
	if option, is := strings.CutPrefix(rest, ","); is {
		next := strings.TrimLeft(option, lower)
		return rest != text && next != option && strings.HasPrefix(next, "=")
	}
	return rest != text && strings.HasPrefix(rest, "=")
}

const (
	lower   = "abcdefghijklmnopqrstuvwxyz"
	letters = lower + "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
)

// description returns the jsonschema tag. One that begins with WORD= was meant
// for another library, whose words would end up in a prompt.
func description(tag reflect.StructTag) (string, error) {
	text, given := tag.Lookup("jsonschema")
	switch {
	case given && strings.TrimSpace(text) == "":
		return "", errors.New("jsonschema tag is empty; it holds the description")
	case isForeign(text):
		return "", fmt.Errorf("jsonschema tag %q: it holds the description alone; bounds go into the pawl tag", text)
	}
	return text, nil
}

// fail returns an error that names the Go field, unless it is the root.
func fail(at, format string, args ...any) error {
	err := fmt.Errorf(format, args...)
	if at == "" || at == "[]" {
		return err
	}
	return fmt.Errorf("field %s: %w", at, err)
}
