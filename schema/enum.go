package schema

import (
	"fmt"
	"reflect"
	"slices"
)

// EnumOf returns the closed set of a string type with a method Enum() []string, which
// must not depend on the value; nil for any other type. It is an error if the set is
// empty or says something twice.
func EnumOf(t reflect.Type) ([]string, error) {
	if t.Kind() != reflect.String || !implements[interface{ Enum() []string }](t) {
		return nil, nil
	}
	all := reflect.New(t).Interface().(interface{ Enum() []string }).Enum()
	if len(all) == 0 {
		return nil, fmt.Errorf("%s.Enum is empty", t)
	}
	for i, s := range all {
		if slices.Contains(all[:i], s) {
			return nil, fmt.Errorf("%s.Enum has %q twice", t, s)
		}
	}
	return slices.Clone(all), nil
}
