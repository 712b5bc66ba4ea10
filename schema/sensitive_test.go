package schema

import (
	"reflect"
	"testing"
)

func TestSensitiveType(t *testing.T) {
	type marked struct {
		Key string `pawl:"len=1..20, sensitive"`
	}
	type around struct {
		Self *around
		Any  any
		List map[string][2]*marked
	}
	for _, c := range []struct {
		typ  reflect.Type
		want bool
	}{
		{reflect.TypeFor[marked](), true},
		{reflect.TypeFor[[]*marked](), true},
		{reflect.TypeFor[around](), true},
		{reflect.TypeFor[struct{ marked }](), true},
		{reflect.TypeFor[string](), false},
		{reflect.TypeFor[any](), false},
		{reflect.TypeFor[struct {
			Self []error
			A    string `pawl:"default='not,sensitive,at all'"`
		}](), false},
		{reflect.TypeFor[struct { // a tag that no schema would take
			A func() `pawl:"unheard,sensitive"`
		}](), true},
		{reflect.TypeFor[struct { // one that cannot be read
			A string `pawl:"default='x"`
		}](), true},
	} {
		if got := Sensitive(c.typ); got != c.want {
			t.Errorf("%v: %v", c.typ, got)
		}
	}
}
