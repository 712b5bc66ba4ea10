package schema

import (
	"encoding"
	"encoding/json"
	"reflect"
	"slices"
)

// Encodable returns nil if values of t have a form in JSON, as far as the type
// tells, and otherwise an error that names the field: a func, a channel, a complex
// number or a map with keys of such a type has none. What an interface will hold
// and whether a value contains itself no type tells; Marshal does.
func Encodable(t reflect.Type) error { return encodable(t, "", false, nil) }

// RoundTrips is Encodable for a value that is also read back by [Unmarshal]: an
// interface with methods cannot be, nor a type with MarshalText alone.
func RoundTrips(t reflect.Type) error { return encodable(t, "", true, nil) }

func encodable(t reflect.Type, at string, back bool, around []reflect.Type) error {
	if back && t.Kind() != reflect.Interface && t.Kind() != reflect.Pointer && t.Kind() != reflect.String &&
		implements[encoding.TextMarshaler](t) && !implements[json.Marshaler](t) && !implements[encoding.TextUnmarshaler](t) && !implements[json.Unmarshaler](t) {
		return fail(at, "%s has MarshalText and no UnmarshalText", t)
	}
	if slices.Contains(around, t) || encodesItself(t) {
		return nil
	}
	around = append(around, t)
	switch t.Kind() {
	case reflect.Func, reflect.Chan, reflect.Complex64, reflect.Complex128, reflect.UnsafePointer:
		return fail(at, "%s has no form in JSON", t)
	case reflect.Interface:
		if back && t.NumMethod() > 0 {
			return fail(at, "%s cannot be read back from JSON, since it does not say of which type it is", t)
		}
	case reflect.Pointer:
		return encodable(t.Elem(), at, back, around)
	case reflect.Slice, reflect.Array:
		return encodable(t.Elem(), at+"[]", back, around)
	case reflect.Map:
		if !isKey(t.Key()) {
			return fail(at, "%s has no form in JSON: its keys are no texts", t)
		}
		return encodable(t.Elem(), at+"[]", back, around)
	case reflect.Struct:
		fields, _ := goFields(t)
		for _, f := range fields {
			where := f.goName
			if at != "" {
				where = at + "." + f.goName
			}
			if err := encodable(f.typ, where, back, around); err != nil {
				return err
			}
		}
	}
	return nil
}

// isKey reports whether encoding/json writes and reads keys of a map of type t.
func isKey(t reflect.Type) bool {
	return t.Kind() == reflect.String || reflect.Int <= t.Kind() && t.Kind() <= reflect.Uintptr || implements[encoding.TextMarshaler](t)
}
