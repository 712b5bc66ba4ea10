package journal

import (
	"encoding/json"
	"fmt"
	"reflect"
	"testing"

	"github.com/pawlrun/pawl/schema"
)

// TestEncodeIsMarshal: bodies, empty ones and full ones, are stored as
// schema.Marshal would write them.
func TestEncodeIsMarshal(t *testing.T) {
	for _, empty := range []any{
		Created{}, Claimed{}, Released{}, Intent{}, Intent{Request: &Request{}}, Attempt{}, Scope{}, Timer{}, Failed{}, Blocker{},
		Decision{}, Guidance{}, Directive{}, Note{}, Done{}, Canceled{}, map[string][]int{"list": nil}, json.RawMessage(`{"a":1}`),
	} {
		full := reflect.New(reflect.TypeOf(empty)).Elem()
		fill(full)
		for _, body := range []any{empty, full.Interface()} {
			got, err := encode(body)
			want, wantErr := schema.Marshal(body)
			if string(got) != string(want) || fmt.Sprint(err) != fmt.Sprint(wantErr) {
				t.Errorf("%T: %s %v, wants %s %v", body, got, err, want, wantErr)
			}
		}
	}
}

// TestEncodeKnowsEveryField: of the bodies that are written without reflection no
// field is forgotten, nor of the step in them.
func TestEncodeKnowsEveryField(t *testing.T) {
	var check func(body reflect.Value, v reflect.Value)
	check = func(body, v reflect.Value) {
		for i := range v.NumField() {
			f := v.Field(i)
			if f.Type() == reflect.TypeFor[Step]() {
				check(body, f)
			}
			if f.Type() == reflect.TypeFor[*Step]() {
				f.Set(reflect.New(f.Type().Elem()))
				check(body, f.Elem())
			}
			fill(f)
			got, err := encode(body.Interface())
			want, wantErr := schema.Encode(body.Interface())
			if string(got) != string(want) || err != nil || wantErr != nil {
				t.Errorf("%s with its %s:\n%s %v\nwants\n%s %v", body.Type(), v.Type().Field(i).Name, got, err, want, wantErr)
			}
			f.SetZero()
		}
	}
	for _, body := range []any{Attempt{}, Intent{}, Scope{}, Timer{}, Claimed{}, Released{}, Reused{}} {
		v := reflect.New(reflect.TypeOf(body)).Elem()
		check(v, v)
	}
}

// fill sets every exported field below v, lists to one empty element.
func fill(v reflect.Value) {
	switch {
	case v.Type() == reflect.TypeFor[json.RawMessage]():
		v.SetBytes([]byte(`{ "b": "<&>" }`))
		return
	case !v.CanSet():
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString("<a & b> \u2028")
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int64:
		v.SetInt(7)
	case reflect.Uint64:
		v.SetUint(7)
	case reflect.Float64:
		v.SetFloat(0.1)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem())
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(v.Index(0))
	case reflect.Struct:
		for i := range v.NumField() {
			fill(v.Field(i))
		}
	}
}
