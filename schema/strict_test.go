package schema

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
)

func TestStrictRefuses(t *testing.T) {
	// nested returns a struct type of so many levels.
	nested := func(levels int) reflect.Type {
		typ := reflect.TypeFor[struct{ Leaf string }]()
		for range levels - 1 {
			typ = reflect.StructOf([]reflect.StructField{{Name: "Next", Type: typ}})
		}
		return typ
	}
	many := func(fields int, tag string) reflect.Type {
		var list []reflect.StructField
		for i := range fields {
			list = append(list, reflect.StructField{
				Name: fmt.Sprintf("Field%d", i), Type: reflect.TypeFor[string](), Tag: reflect.StructTag(tag),
			})
		}
		return reflect.StructOf(list)
	}
	enum := func(values, length int) string {
		var list []string
		for i := range values {
			list = append(list, fmt.Sprintf("%0*d", length, i))
		}
		return `pawl:"enum=` + strings.Join(list, "|") + `"`
	}
	for _, test := range []struct {
		typ  reflect.Type
		want string // empty: accepted
	}{
		{reflect.TypeFor[string](), "strict form of string: the root is string, wants a struct"},
		{reflect.TypeFor[[]checkedPart](), "the root is []schema.checkedPart, wants a struct"},
		{reflect.TypeFor[*checkedPart](), "wants a struct"},
		{reflect.TypeFor[map[string]int](), "wants a struct"},
		{reflect.TypeFor[checked](), "strict form of schema.checked: field Names: map[string]int has names that are not known before; use a slice of struct{Key, Value}"},
		{reflect.TypeFor[struct{ A []struct{ B map[string]int } }](), "field A[].B: map[string]int"},
		{nested(10), ""},
		{nested(11), "nested deeper than 10 levels"},
		{many(1000, ""), ""},
		{many(5001, ""), "has 5001 properties, wants at most 5000"},
		{many(1, enum(1000, 4)), ""},
		{many(2, enum(501, 4)), "has 1002 enum values, wants at most 1000"},
		{many(1, enum(251, 60)), "its 251 enum values have 15060 characters"},
		{many(1, enum(250, 400)), ""},
		{many(1, enum(250, 500)), "characters, wants at most 120000"},
	} {
		s, err := ForType(test.typ)
		if err != nil {
			t.Fatal(err)
		}
		_, err = s.Strict()
		switch {
		case test.want == "" && err != nil:
			t.Errorf("%.60s: %v", test.typ, err)
		case test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)):
			t.Errorf("%.60s: got %v, want %q", test.typ, err, test.want)
		}
	}
}

func TestStrictOfADocumentNamesThePath(t *testing.T) {
	s, err := Parse([]byte(`{"type":"object","properties":{"a":{"type":"array","items":{"type":"object","additionalProperties":{"type":"string"}}}}}`))
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.Strict()
	if want := "strict form of the document: field a[]: an object has names"; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got %v, want %q", err, want)
	}
}
