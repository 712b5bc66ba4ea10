package schema

import (
	"bytes"
	"encoding/json"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// isLongInteger reports whether a JSON number is an integer that a float64 would
// write back as another one.
func isLongInteger(literal string) bool {
	if len(literal) < len("9007199254740993") || strings.ContainsAny(literal, ".eE") {
		return false
	}
	f, _ := strconv.ParseFloat(literal, 64)
	return readDecimal(strconv.FormatFloat(f, 'g', -1, 64)).compare(readDecimal(literal)) != 0
}

// hasLongInteger reports whether there is such an integer anywhere in v.
func (v *value) hasLongInteger() bool {
	return v.kind == kindNumber && isLongInteger(v.text) ||
		slices.ContainsFunc(v.items, (*value).hasLongInteger) ||
		slices.ContainsFunc(v.members, func(m member) bool { return m.value.hasLongInteger() })
}

// holdsInterface reports whether a value of t can hold an interface that
// encoding/json fills.
func holdsInterface(t reflect.Type, on []reflect.Type) bool {
	if slices.Contains(on, t) || implements[json.Unmarshaler](t) {
		return false
	}
	on = append(on, t)
	switch t.Kind() {
	case reflect.Interface:
		return true
	case reflect.Pointer, reflect.Slice, reflect.Array, reflect.Map:
		return holdsInterface(t.Elem(), on)
	case reflect.Struct:
		for i := range t.NumField() {
			if holdsInterface(t.Field(i).Type, on) {
				return true
			}
		}
	}
	return false
}

// unmarshalExactly is json.Unmarshal that keeps long integers in interfaces.
func unmarshalExactly(raw []byte, v any) error {
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	if err := dec.Decode(v); err != nil {
		return err
	}
	return shortNumbers(reflect.ValueOf(v).Elem())
}

// shortNumbers turns the numbers in the interfaces of v, which a decoder with
// UseNumber has filled, into float64, but for long integers.
func shortNumbers(v reflect.Value) error {
	switch v.Kind() {
	case reflect.Interface:
		short, err := shortNumber(v.Interface())
		if err == nil && short != nil {
			v.Set(reflect.ValueOf(short))
		}
		return err
	case reflect.Pointer:
		if v.IsNil() || implements[json.Unmarshaler](v.Type()) {
			return nil
		}
		return shortNumbers(v.Elem())
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			if err := shortNumbers(v.Index(i)); err != nil {
				return err
			}
		}
	case reflect.Map:
		for key, item := range v.Seq2() {
			c := reflect.New(item.Type()).Elem()
			c.Set(item)
			if err := shortNumbers(c); err != nil {
				return err
			}
			v.SetMapIndex(key, c)
		}
	case reflect.Struct:
		if implements[json.Unmarshaler](v.Type()) {
			return nil
		}
		for i := range v.NumField() {
			if sf := v.Type().Field(i); !sf.IsExported() && !(sf.Anonymous && sf.Type.Kind() == reflect.Struct) {
				continue
			}
			if err := shortNumbers(v.Field(i)); err != nil {
				return err
			}
		}
	}
	return nil
}

// shortNumber does so for what an interface holds.
func shortNumber(v any) (any, error) {
	var err error
	switch v := v.(type) {
	case json.Number:
		if isLongInteger(v.String()) {
			return v, nil
		}
		return v.Float64()
	case []any:
		for i := range v {
			if v[i], err = shortNumber(v[i]); err != nil {
				return nil, err
			}
		}
	case map[string]any:
		for key := range v {
			if v[key], err = shortNumber(v[key]); err != nil {
				return nil, err
			}
		}
	}
	return v, nil
}
