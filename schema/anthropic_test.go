package schema

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
)

func TestAnthropic(t *testing.T) {
	type inner struct {
		Score int     `json:"score" pawl:"min=1,max=5" jsonschema:"how good"`
		Share float64 `json:"share" pawl:"max=1"`
	}
	type outer struct {
		Why   string   `json:"why" pawl:"len=1.."`
		Kind  string   `json:"kind,omitempty" pawl:"enum=a|b"`
		Tags  []string `json:"tags" pawl:"items=2..5"`
		Some  []inner  `json:"some" pawl:"items=0..9"`
		Note  *string  `json:"note"`
		Apart string   `json:"apart" pawl:"default=x"`
	}
	s, err := For[outer]()
	if err != nil {
		t.Fatal(err)
	}
	got, err := s.Anthropic()
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"type":"object","properties":{` +
		`"why":{"type":"string","description":"not empty"},` +
		`"kind":{"anyOf":[{"type":"string","enum":["a","b"]},{"type":"null"}]},` +
		`"tags":{"type":"array","minItems":1,"items":{"type":"string"},"description":"2 to 5 items"},` +
		`"some":{"type":"array","items":{"type":"object","properties":{` +
		`"score":{"type":"integer","description":"how good (1 to 5)"},"share":{"type":"number","description":"at most 1"}},"required":["score","share"],"additionalProperties":false},"description":"0 to 9 items"},` +
		`"note":{"type":["string","null"]},` +
		`"apart":{"type":["string","null"]}` +
		`},"required":["why","kind","tags","some","note","apart"],"additionalProperties":false}`
	if string(got) != want {
		t.Errorf("got  %s\nwants %s", got, want)
	}
	if _, err := s.Check([]byte(`{"why":"w","kind":null,"tags":["a","b"],"some":[{"score":2,"share":0.5}],"note":null,"apart":null}`)); err != nil {
		t.Errorf("an answer in this form: %v", err)
	}
}

func TestAnthropicLimits(t *testing.T) {
	// fields returns a struct with so many of each.
	fields := func(nullable, optional int) reflect.Type {
		var list []reflect.StructField
		for i := range nullable {
			list = append(list, reflect.StructField{Name: fmt.Sprintf("Null%d", i), Type: reflect.TypeFor[*string]()})
		}
		for i := range optional {
			list = append(list, reflect.StructField{Name: fmt.Sprintf("Opt%d", i), Type: reflect.TypeFor[string](), Tag: `json:",omitempty"`})
		}
		return reflect.StructOf(list)
	}
	for _, test := range []struct {
		typ  reflect.Type
		want string // part of an error, or of the form
	}{
		{fields(16, 0), `"Null15":{"type":["string","null"]}`},
		{fields(0, 16), `"Opt15":{"type":["string","null"]}`},
		{fields(8, 8), `"Opt7"],"additionalProperties"`},
		{fields(8, 9), `"Null7"],"additionalProperties"`},
		{fields(16, 24), `"Opt23":{"type":"string"}`},
		{fields(17, 0), "field Null16: it is the 17th that may be null, and at most 16 may"},
		{fields(1, 25), "field Opt24: it is the 25th that may be left out, and at most 24 may"},
		{reflect.TypeFor[string](), "the form of string for Anthropic: the root is string, wants a struct"},
		{reflect.TypeFor[*checkedPart](), "wants a struct"},
		{reflect.TypeFor[checked](), "field Names: map[string]int has names that are not known before; use a slice of struct{Key, Value}"},
		{reflect.TypeFor[struct{ A []struct{ B map[string]int } }](), "field A[].B: map[string]int"},
	} {
		s, err := ForType(test.typ)
		if err != nil {
			t.Fatal(err)
		}
		got, err := s.Anthropic()
		if said := string(got) + fmt.Sprint(err); !strings.Contains(said, test.want) {
			t.Errorf("%.60s: got %s, wants %q", test.typ, said, test.want)
		}
	}
}
