package schema

import (
	"encoding"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Unmarshal decodes raw into what v points to and is strict where encoding/json
// is not: names match exactly, unknown and repeated ones are errors, and so are
// trailing data and a fixed array of another length. The error is a *[CheckError]
// whose problems name the path and what is wanted there in words. v is changed
// only when there is none.
//
// A number in an interface is a float64, as in encoding/json, but an integer that
// a float64 would change, such as 9007199254740993, is a json.Number.
//
// Unmarshal knows types alone. Bounds, defaults and what may not be missing are
// the work of [Schema.Check].
func Unmarshal(raw []byte, v any) error {
	tree, repeated, err := readValue(raw)
	if err != nil {
		return &CheckError{[]Problem{{Message: "is not JSON: " + err.Error()}}}
	}
	target := reflect.ValueOf(v)
	if target.Kind() != reflect.Pointer || target.IsNil() {
		return fmt.Errorf("decode JSON into %T: wants a pointer that is not nil", v)
	}
	f := fitter{checker{problems: repeated}}
	f.value(target.Type().Elem(), tree, nil)
	if len(f.problems) > 0 {
		return &CheckError{f.problems}
	}
	decode := json.Unmarshal
	if holdsInterface(target.Type().Elem(), nil) && tree.hasLongInteger() {
		decode = unmarshalExactly
	}
	// What is left can come only from types that decode themselves.
	if err := decode(raw, v); err != nil {
		return decodeError(err)
	}
	return nil
}

// fitter walks a value along a Go type, as encoding/json will, and collects
// what will not fit. encoding/json itself stops at the first, leaves out array
// indexes, and passes over names that differ in case.
type fitter struct{ checker }

func (f *fitter) wants(at *path, what string, v *value) {
	f.add(at, "wants "+what+", got "+v.name())
}

func (f *fitter) value(t reflect.Type, v *value, at *path) {
	for t.Kind() == reflect.Pointer && !implements[json.Unmarshaler](t) {
		t = t.Elem()
	}
	if f.more || v.kind == kindNull || t.Kind() == reflect.Interface || t == reflect.TypeFor[json.Number]() {
		return
	}
	if implements[json.Unmarshaler](t) || implements[encoding.TextUnmarshaler](t) {
		f.self(t, v, at)
		return
	}
	switch t.Kind() {
	case reflect.Bool:
		f.scalar("true or false", kindBool, v, at)
	case reflect.String:
		f.scalar("a string", kindString, v, at)
	case reflect.Slice, reflect.Array:
		f.array(t, v, at)
	case reflect.Map:
		if f.scalar("an object", kindObject, v, at) {
			for _, m := range v.members {
				f.value(t.Elem(), m.value, at.member(m.name))
			}
		}
	case reflect.Struct:
		if f.scalar("an object", kindObject, v, at) {
			f.object(t, v, at)
		}
	default:
		f.number(t, v, at)
	}
}

// self tries types that decode themselves on a value of their own: only they
// know what they want.
func (f *fitter) self(t reflect.Type, v *value, at *path) {
	if !implements[json.Unmarshaler](t) && !f.scalar("a string", kindString, v, at) {
		return
	}
	err := json.Unmarshal(v.compact(), reflect.New(t).Interface())
	isTime := t == reflect.TypeFor[time.Time]()
	var inner *CheckError
	switch {
	case err == nil && isTime && !isDateTime(v.text):
		f.wants(at, (&Node{Format: dateTime}).wants(), v)
	case err == nil:
	case errors.As(err, &inner):
		for _, p := range inner.Problems {
			f.add(at, p.String())
		}
	case isTime:
		f.wants(at, (&Node{Format: dateTime}).wants(), v)
	default:
		f.add(at, fmt.Sprintf("wants %s, got %s: %v", t, v.name(), err))
	}
}

// scalar reports whether v is of kind k and complains if not.
func (f *fitter) scalar(what string, k kind, v *value, at *path) bool {
	if v.kind != k {
		f.wants(at, what, v)
		return false
	}
	return true
}

func (f *fitter) array(t reflect.Type, v *value, at *path) {
	if t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Uint8 {
		f.scalar("a string of base64", kindString, v, at)
		return
	}
	if !f.scalar("an array", kindArray, v, at) {
		return
	}
	if t.Kind() == reflect.Array && t.Len() != len(v.items) {
		f.add(at, "wants exactly "+count(t.Len(), "item")+", got "+strconv.Itoa(len(v.items)))
		return
	}
	for i, item := range v.items {
		f.value(t.Elem(), item, at.item(i))
	}
}

func (f *fitter) object(t reflect.Type, v *value, at *path) {
	fields, _ := goFields(t)
	names := make([]string, len(fields))
	for i, field := range fields {
		names[i] = field.name
	}
	for _, m := range v.members {
		i := slices.Index(names, m.name)
		switch {
		case i < 0:
			f.add(at.member(m.name), unknown(m.name, names))
		case !fields[i].quoted:
			f.value(fields[i].typ, m.value, at.member(m.name))
		}
		if f.more {
			return
		}
	}
}

func (f *fitter) number(t reflect.Type, v *value, at *path) {
	var err error
	what := "an integer"
	switch t.Kind() {
	case reflect.Float32, reflect.Float64:
		what = "a number"
		_, err = strconv.ParseFloat(v.text, t.Bits())
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		_, err = strconv.ParseInt(v.text, 10, t.Bits())
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		what = "an integer from 0"
		_, err = strconv.ParseUint(v.text, 10, t.Bits())
	default:
		f.add(at, "cannot be decoded into "+t.String())
		return
	}
	switch {
	case v.kind != kindNumber:
		f.wants(at, what, v)
	case errors.Is(err, strconv.ErrRange):
		f.add(at, "wants "+what+" that fits "+t.Kind().String()+", got "+cut(v.text))
	case err != nil:
		f.add(at, "wants "+what+", got "+cut(v.text))
	}
}

// decodeError puts an error of encoding/json into words.
func decodeError(err error) error {
	var wrong *json.UnmarshalTypeError
	if errors.As(err, &wrong) {
		return &CheckError{[]Problem{{wrong.Field, "wants " + wrong.Type.String() + ", got " + wrong.Value}}}
	}
	return &CheckError{[]Problem{{Message: strings.TrimPrefix(err.Error(), "json: ")}}}
}
