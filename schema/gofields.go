package schema

import (
	"reflect"
	"slices"
	"strings"
	"unicode"
)

// goField is a struct field as encoding/json sees it.
type goField struct {
	name     string // JSON name
	goName   string // Go name, with the embedded types on the way
	typ      reflect.Type
	tag      reflect.StructTag
	index    []int
	tagged   bool // the JSON name comes from the tag
	optional bool // omitempty, omitzero, or inside an embedded pointer
	quoted   bool // the ",string" option
}

// goFields returns the fields that encoding/json reads and writes for the
// struct type t, in declared order with embedded structs flattened in place.
// clashes holds the JSON names that two equally good fields claim; encoding/json
// drops them silently.
func goFields(t reflect.Type) (fields []goField, clashes []string) {
	var all []goField
	collectFields(t, goField{}, nil, &all)
	if areDistinct(all) {
		return all, nil
	}
	byName := map[string][]goField{}
	for _, f := range all {
		byName[f.name] = append(byName[f.name], f)
	}
	for _, f := range all {
		winner, ok := dominant(byName[f.name])
		switch {
		case !ok && !slices.Contains(clashes, f.name):
			clashes = append(clashes, f.name)
		case ok && slices.Equal(winner.index, f.index):
			fields = append(fields, f)
		}
	}
	return fields, clashes
}

// areDistinct reports whether no two fields have the same name, as it is of nearly all types.
func areDistinct(fields []goField) bool {
	for i, f := range fields {
		if slices.ContainsFunc(fields[:i], func(g goField) bool { return g.name == f.name }) {
			return false
		}
	}
	return true
}

// collectFields appends the fields of t, which is embedded at outer. on holds
// the struct types being collected: a type embedded in itself adds nothing.
func collectFields(t reflect.Type, outer goField, on []reflect.Type, all *[]goField) {
	if slices.Contains(on, t) {
		return
	}
	on = append(slices.Clone(on), t)
	*all = slices.Grow(*all, t.NumField())
	for i := range t.NumField() {
		sf := t.Field(i)
		tag := sf.Tag.Get("json")
		if tag == "-" {
			continue
		}
		name, options, _ := strings.Cut(tag, ",")
		f := goField{
			name:     name,
			goName:   strings.TrimPrefix(outer.goName+"."+sf.Name, "."),
			typ:      sf.Type,
			tag:      sf.Tag,
			index:    append(slices.Clone(outer.index), i),
			tagged:   isJSONName(name),
			optional: outer.optional || has(options, "omitempty") || has(options, "omitzero"),
			quoted:   has(options, "string"),
		}
		inner := sf.Type
		if sf.Anonymous && inner.Kind() == reflect.Pointer {
			inner = inner.Elem()
		}
		switch {
		case sf.Anonymous && inner.Kind() == reflect.Struct && !f.tagged:
			f.optional = outer.optional || inner != sf.Type
			collectFields(inner, f, on, all)
			continue
		case !sf.IsExported() && !(sf.Anonymous && inner.Kind() == reflect.Struct):
			continue
		case !f.tagged:
			f.name = sf.Name
		}
		*all = append(*all, f)
	}
}

// dominant returns the field that encoding/json picks among those of one name:
// the shallowest, then the tagged one. It reports false when two are left.
func dominant(same []goField) (goField, bool) {
	best := same[0]
	ties := 1
	for _, f := range same[1:] {
		switch rank(f, best) {
		case -1:
			best, ties = f, 1
		case 0:
			ties++
		}
	}
	return best, ties == 1
}

func rank(a, b goField) int {
	switch {
	case len(a.index) != len(b.index):
		if len(a.index) < len(b.index) {
			return -1
		}
		return 1
	case a.tagged == b.tagged:
		return 0
	case a.tagged:
		return -1
	}
	return 1
}

// isJSONName reports whether encoding/json takes s from a tag as a name.
func isJSONName(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool {
		return !strings.ContainsRune("!#$%&()*+-./:;<=>?@[]^_{|}~ ", r) && !unicode.IsLetter(r) && !unicode.IsDigit(r)
	})
}

// FieldName returns a field's name in JSON, or in Go if it has none there.
func FieldName(sf reflect.StructField) string {
	name, _, _ := strings.Cut(sf.Tag.Get("json"), ",")
	if name == "-" || !isJSONName(name) {
		return sf.Name
	}
	return name
}

// leavesOutZero reports whether encoding/json leaves sf out when it is zero.
func leavesOutZero(sf reflect.StructField) bool {
	_, options, _ := strings.Cut(sf.Tag.Get("json"), ",")
	return has(options, "omitzero")
}

// has reports whether an option is among those of a json tag, which have commas between them.
func has(options, option string) bool {
	for o := range strings.SplitSeq(options, ",") {
		if o == option {
			return true
		}
	}
	return false
}
