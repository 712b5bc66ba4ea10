package schema

import (
	"encoding/json"
	"errors"
	"math"
	"strings"
	"testing"
	"time"
)

func TestCanonical(t *testing.T) {
	for _, test := range []struct{ in, want string }{
		{` { "b" : 1 , "a" : [ true , null , { "d":"x","c":"<&>" } ] } `, `{"a":[true,null,{"c":"<&>","d":"x"}],"b":1}`},
		{`{"Z":1,"a":2,"é":3,"":4}`, `{"":4,"Z":1,"a":2,"é":3}`},
		{`[12345678901234567890,-9007199254740993,100000000000000000000000000000]`, `[12345678901234567890,-9007199254740993,100000000000000000000000000000]`},
		{`[1.50,1.0,1e3,0.10e-5,-0,-0.0,0e5,1E400,1.5e21,1e20,1e21,123.456,0.000001]`, `[1.5,1,1000,0.000001,0,0,0,1e+400,1.5e+21,100000000000000000000,1e+21,123.456,0.000001]`},
		{`[0.1234567890123456789012345,1e-99999999999999999999999]`, `[0.1234567890123456789012345,1e-99999999999999999999999]`},
		{`"\u0041\/\n\u2028"`, `"A/\n\u2028"`},
	} {
		got, err := Canonical([]byte(test.in))
		if err != nil {
			t.Errorf("%s: %v", test.in, err)
			continue
		}
		if string(got) != test.want {
			t.Errorf("%s:\n got %s\nwant %s", test.in, got, test.want)
		}
	}
	for in, want := range map[string]string{
		`{"a":[{"b":1,"b":1}]}`: "canonical JSON: a[0].b: is given twice",
		`1 2`:                   "canonical JSON: invalid character '2' after top-level value at byte 3",
		``:                      "canonical JSON: nothing there",
		"\"\xff\"":              "canonical JSON: invalid UTF-8 at byte 2",
	} {
		if _, err := Canonical([]byte(in)); err == nil || err.Error() != want {
			t.Errorf("%s: got %v, want %q", in, err, want)
		}
	}
}

// A float that Go wrote is canonical as it stands.
func TestCanonicalAgreesWithGo(t *testing.T) {
	for _, f := range []float64{0.5, 1.0 / 3, 1e-6, 1e-7, 123456789.125, 1e20, 1e21, 1.5e300, math.MaxFloat64, math.SmallestNonzeroFloat64, -2.5e-9, 9.999999e-7} {
		raw, err := Marshal(f)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := Canonical(raw); err != nil || string(got) != string(raw) {
			t.Errorf("%s became %s, %v", raw, got, err)
		}
	}
}

func TestDecimalsCompareExactly(t *testing.T) {
	ordered := []string{"-1e999999999999999999999", "-10", "-9.5", "-1e-9", "0", "1e-999999999999999999", "0.09", "0.1", "0.11", "1", "1.00000000000000000000001", "9007199254740992", "9007199254740993", "1e20"}
	for i, a := range ordered {
		for j, b := range ordered {
			if got, want := readDecimal(a).compare(readDecimal(b)), map[bool]int{i < j: -1, i > j: 1}[true]; got != want {
				t.Errorf("compare(%s, %s) = %d, want %d", a, b, got, want)
			}
		}
	}
}

type ptrNode struct{ Next *ptrNode }

func TestMarshal(t *testing.T) {
	type leaf struct {
		Tags []string       `json:"tags"`
		M    map[string]int `json:"m"`
		b    []int
	}
	type embedded struct{ Inside []int }
	type all struct {
		embedded
		Leaf   leaf             `json:"leaf"`
		Ptr    *leaf            `json:"ptr"`
		Nil    *leaf            `json:"nil"`
		List   []leaf           `json:"list"`
		Deep   [][]string       `json:"deep"`
		Map    map[string][]int `json:"map"`
		Any    any              `json:"any"`
		Omit   []int            `json:"omit,omitempty"`
		Zero   []int            `json:"zero,omitzero"`
		ZeroS  leaf             `json:"zeros,omitzero"`
		Raw    json.RawMessage  `json:"raw"`
		When   time.Time        `json:"when"`
		Arr    [1][]int         `json:"arr"`
		hidden []int
	}
	in := all{
		Ptr: &leaf{Tags: []string{"<&>"}}, List: []leaf{{}}, Deep: [][]string{nil, {"x"}},
		Map: map[string][]int{"a": nil}, Any: []any{[]int(nil), map[string]any(nil)}, Raw: json.RawMessage(`{ "a" : null }`),
	}
	_, _ = in.hidden, in.Leaf.b
	got, err := Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"Inside":[],"leaf":{"tags":[],"m":{}},"ptr":{"tags":["<&>"],"m":{}},"nil":null,"list":[{"tags":[],"m":{}}],"deep":[[],["x"]],"map":{"a":[]},"any":[[],{}],"raw":{"a":null},"when":"0001-01-01T00:00:00Z","arr":[[]]}`
	if string(got) != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if in.Deep[0] != nil || in.Map["a"] != nil || in.List[0].Tags != nil || in.Ptr.M != nil || in.Inside != nil {
		t.Error("the value itself was changed")
	}
	for _, test := range []struct {
		in   any
		want string
	}{
		{nil, "null"}, {[]string(nil), "[]"}, {[]byte(nil), `""`}, {"<b>", `"<b>"`}, {uint64(math.MaxUint64), "18446744073709551615"},
		{(*int)(nil), "null"}, {new([]int), "[]"}, {map[string]any(nil), "{}"}, {ptrNode{&ptrNode{}}, `{"Next":{"Next":null}}`},
	} {
		if got, err := Marshal(test.in); err != nil || string(got) != test.want {
			t.Errorf("Marshal(%#v) = %s, %v, want %s", test.in, got, err, test.want)
		}
	}
	loop := map[string]any{}
	loop["self"] = loop
	for _, bad := range []any{math.NaN(), func() {}, loop} {
		if _, err := Marshal(bad); err == nil || !strings.Contains(err.Error(), "encode ") {
			t.Errorf("Marshal(%T): got %v", bad, err)
		}
	}
}

func TestUnmarshal(t *testing.T) {
	type part struct {
		Name   string `json:"name"`
		Length int    `json:"target_length"`
	}
	type all struct {
		Parts []part          `json:"parts"`
		Small int8            `json:"small"`
		Big   uint64          `json:"big"`
		F     float32         `json:"f"`
		On    *bool           `json:"on"`
		When  time.Time       `json:"when"`
		Arr   [2]int          `json:"arr"`
		Raw   json.RawMessage `json:"raw"`
		Any   any             `json:"any"`
		M     map[string]part `json:"m"`
		Quote int             `json:"quote,string"`
		Bytes []byte          `json:"bytes"`
	}
	var got all
	good := `{"parts":[{"name":"x","target_length":7}],"small":-128,"big":18446744073709551615,"f":1e3,"on":null,"when":"2026-01-02T03:04:05Z","arr":[1,2],"raw":{"a":[1]},"any":{"b":1},"m":{"k":{"name":"y"}},"quote":"12","bytes":"aGk="}`
	if err := Unmarshal([]byte(good), &got); err != nil {
		t.Fatal(err)
	}
	if got.Parts[0].Length != 7 || got.Big != math.MaxUint64 || got.Quote != 12 || string(got.Raw) != `{"a":[1]}` || string(got.Bytes) != "hi" {
		t.Errorf("got %+v", got)
	}
	for _, test := range []struct{ in, want string }{
		{`{"parts":[{"target_length":"7"}]}`, `parts[0].target_length: wants an integer, got a string`},
		{`{"parts":[{"target_length":7.5},{"name":false}]}`, `parts[0].target_length: wants an integer, got 7.5; parts[1].name: wants a string, got false`},
		{`{"parts":{}}`, `parts: wants an array, got an object`},
		{`{"Parts":[]}`, `Parts: is not known; did you mean "parts"?`},
		{`{"small":128}`, `small: wants an integer that fits int8, got 128`},
		{`{"big":-1}`, `big: wants an integer from 0, got -1`},
		{`{"big":18446744073709551616}`, `big: wants an integer from 0 that fits uint64, got 18446744073709551616`},
		{`{"f":1e99}`, `f: wants a number that fits float32, got 1e99`},
		{`{"on":"yes"}`, `on: wants true or false, got a string`},
		{`{"when":"soon"}`, `when: wants a date and time such as 2026-01-02T15:04:05Z, got a string`},
		{`{"arr":[1]}`, `arr: wants exactly 2 items, got 1`},
		{`{"m":{"k":{"nam":1}}}`, `m.k.nam: is not known; did you mean "name"?`},
		{`{"small":1,"small":1}`, `small: is given twice`},
		{`{} 1`, `is not JSON: invalid character '1' after top-level value at byte 4`},
		{`[]`, `wants an object, got an array`},
	} {
		v := all{Small: 5}
		err := Unmarshal([]byte(test.in), &v)
		var problems *CheckError
		if !errors.As(err, &problems) || err.Error() != test.want {
			t.Errorf("%s:\n got %v\nwant %s", test.in, err, test.want)
		}
		if v.Small != 5 {
			t.Errorf("%s: the value was changed", test.in)
		}
	}
	if err := Unmarshal([]byte(`{}`), all{}); err == nil {
		t.Error("a value instead of a pointer: no error")
	}
	var loop struct{ A func() }
	if err := Unmarshal([]byte(`{"A":1}`), &loop); err == nil {
		t.Error("a func: no error")
	}
}
