package schema

import (
	"bytes"
	"encoding"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strconv"
)

// Marshal returns v as Pawl writes values everywhere: encoding/json's form, but
// compact, without HTML escaping, and with nil slices as [] and nil maps as {}
// at any depth. v is not changed. A type with its own MarshalJSON or MarshalText
// is left to it. Errors name the type of v.
func Marshal(v any) (json.RawMessage, error) {
	switch i := v.(type) {
	case nil, bool, string:
	case int:
		return strconv.AppendInt(nil, int64(i), 10), nil
	default:
		filled, err := withoutNil(reflect.ValueOf(v), 0)
		if err != nil {
			return nil, fmt.Errorf("encode %T: %w", v, err)
		}
		v = filled.Interface()
	}
	return Encode(v)
}

// Encode is Marshal for a value without nil slices and maps, which it would write as null:
// it does not look for them.
func Encode(v any) (json.RawMessage, error) {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, fmt.Errorf("encode %T: %w", v, err)
	}
	return bytes.TrimSuffix(buf.Bytes(), []byte("\n")), nil
}

// withoutNil returns v, or a copy of it in which no slice and no map is nil.
func withoutNil(v reflect.Value, depth int) (reflect.Value, error) {
	if depth > maxDepth {
		return v, fmt.Errorf("nested deeper than %d levels, or it contains itself", maxDepth)
	}
	t := v.Type()
	if encodesItself(t) || t.Kind() != reflect.Interface && !holdsNilable(t, nil) {
		return v, nil
	}
	switch t.Kind() {
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() {
			return v, nil
		}
		if t.Kind() == reflect.Pointer && encodesItself(t.Elem()) {
			return v, nil
		}
		inner, err := withoutNil(v.Elem(), depth+1)
		if err != nil || t.Kind() == reflect.Interface {
			return inner, err
		}
		c := reflect.New(t.Elem())
		c.Elem().Set(inner)
		return c.Convert(t), nil
	case reflect.Slice, reflect.Array:
		if t.Kind() == reflect.Slice && !v.IsNil() && !holdsNilable(t.Elem(), nil) {
			return v, nil
		}
		c := reflect.New(t).Elem()
		if t.Kind() == reflect.Slice {
			c = reflect.MakeSlice(t, v.Len(), v.Len())
		}
		for i := range v.Len() {
			inner, err := withoutNil(v.Index(i), depth+1)
			if err != nil {
				return v, err
			}
			c.Index(i).Set(inner)
		}
		return c, nil
	case reflect.Map:
		c := reflect.MakeMapWithSize(t, v.Len())
		for key, item := range v.Seq2() {
			inner, err := withoutNil(item, depth+1)
			if err != nil {
				return v, err
			}
			c.SetMapIndex(key, inner)
		}
		return c, nil
	case reflect.Struct:
		return structWithoutNil(v, depth)
	}
	return v, nil
}

// structWithoutNil leaves one thing as it is: what hangs on an embedded pointer
// to a type that is not exported. Reflection cannot replace it.
func structWithoutNil(v reflect.Value, depth int) (reflect.Value, error) {
	c := reflect.New(v.Type()).Elem()
	c.Set(v)
	return c, fillStruct(c, depth)
}

// fillStruct replaces the exported fields of v in place, and with them those of
// an embedded struct whose type is not exported.
func fillStruct(v reflect.Value, depth int) error {
	for i := range v.NumField() {
		sf, field := v.Type().Field(i), v.Field(i)
		switch {
		case sf.Anonymous && !sf.IsExported() && sf.Type.Kind() == reflect.Struct:
			if err := fillStruct(field, depth+1); err != nil {
				return err
			}
		case !sf.IsExported(), leavesOutZero(sf) && field.IsZero():
		default:
			inner, err := withoutNil(field, depth+1)
			if err != nil {
				return err
			}
			field.Set(inner)
		}
	}
	return nil
}

func encodesItself(t reflect.Type) bool {
	return t.Kind() != reflect.Interface && (implements[json.Marshaler](t) || implements[encoding.TextMarshaler](t))
}

// holdsNilable reports whether a value of t can hold a slice or a map that
// encoding/json would write as null. Most values cannot, and are not copied.
func holdsNilable(t reflect.Type, on []reflect.Type) bool {
	if slices.Contains(on, t) || encodesItself(t) {
		return false
	}
	on = append(on, t)
	switch t.Kind() {
	case reflect.Slice, reflect.Map, reflect.Interface:
		return true
	case reflect.Pointer, reflect.Array:
		return holdsNilable(t.Elem(), on)
	case reflect.Struct:
		for i := range t.NumField() {
			if holdsNilable(t.Field(i).Type, on) {
				return true
			}
		}
	}
	return false
}
