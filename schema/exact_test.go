package schema

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
)

// TestBoundsAreExact: a bound counts with all its digits, from a tag and from a
// document.
func TestBoundsAreExact(t *testing.T) {
	type bounded struct {
		Least int64   `json:"least" pawl:"min=9007199254740993,default=9007199254740993"`
		Most  uint64  `json:"most" pawl:"max=18446744073709551615"`
		Part  float64 `json:"part" pawl:"max=0.1234567890123456789"`
	}
	inferred := mustFor[bounded](t)
	parsed, err := Parse(inferred.JSON())
	if err != nil {
		t.Fatal(err)
	}
	if string(parsed.JSON()) != string(inferred.JSON()) || !strings.Contains(string(parsed.JSON()), `"minimum":9007199254740993`) {
		t.Errorf("the document changed on the way:\n%s\n%s", inferred.JSON(), parsed.JSON())
	}
	for raw, want := range map[string]string{
		`{"least":9007199254740993,"most":18446744073709551615,"part":0.1234567890123456789}`: "",
		`{"least":9007199254740992,"most":0,"part":0}`:                                        "least: is 9007199254740992, wants at least 9007199254740993",
		`{"most":18446744073709551616,"part":0}`:                                              "most: is 18446744073709551616, wants 0 to 18446744073709551615",
		`{"most":0,"part":0.12345678901234568}`:                                               "part: is 0.12345678901234568, wants at most 0.1234567890123456789",
	} {
		for _, s := range []*Schema{inferred, parsed} {
			if _, err := s.Check([]byte(raw)); err == nil && want != "" || err != nil && err.Error() != want {
				t.Errorf("%s: got %v, want %q", raw, err, want)
			}
		}
	}
}

// TestLongIntegersInAny: an integer in an interface keeps its digits, and other
// numbers are what encoding/json makes of them.
func TestLongIntegersInAny(t *testing.T) {
	type inner struct{ X any }
	type holder struct {
		inner
		A any
		M map[string]any
		L []any
		N *[1]map[string][]any
		F json.Number
		I int64
		S string
		h any // not decoded
	}
	raw := `{"X":9007199254740993,"A":[1,1.5,{"b":-9007199254740993}],"M":{"big":123456789012345678901234567890,"small":7,"deep":{"x":[18446744073709551615]}},` +
		`"L":[9007199254740992,9007199254740993,"9007199254740993",null,true],"N":[{"k":[1e3,9223372036854775807]}],"F":12,"I":9007199254740993,"S":""}`
	var got holder
	if err := Unmarshal([]byte(raw), &got); err != nil {
		t.Fatal(err)
	}
	n := func(s string) json.Number { return json.Number(s) }
	want := holder{
		inner: inner{n("9007199254740993")},
		A:     []any{1.0, 1.5, map[string]any{"b": n("-9007199254740993")}},
		M:     map[string]any{"big": n("123456789012345678901234567890"), "small": 7.0, "deep": map[string]any{"x": []any{n("18446744073709551615")}}},
		L:     []any{9007199254740992.0, n("9007199254740993"), "9007199254740993", nil, true},
		N:     &[1]map[string][]any{{"k": {1000.0, n("9223372036854775807")}}},
		F:     "12", I: 9007199254740993,
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %#v\nwant %#v", got, want)
	}
	var alone any
	if err := Unmarshal([]byte(`9007199254740993`), &alone); err != nil || alone != n("9007199254740993") {
		t.Errorf("alone: %#v, %v", alone, err)
	}
	if err := Unmarshal([]byte(`[9007199254740993,1e400]`), &alone); err == nil {
		t.Errorf("1e400 became %v", alone)
	}
	if err := Unmarshal([]byte(`[1,2.5]`), &alone); err != nil || !reflect.DeepEqual(alone, []any{1.0, 2.5}) {
		t.Errorf("short numbers: %#v, %v", alone, err)
	}
}
