package prompt

import (
	"fmt"
	"reflect"
	"strings"
)

// use is what a template uses of a struct in its data that it reaches by name.
// A nil use is of a value that nobody keeps count of.
type use struct {
	t      reflect.Type
	up     *use
	whole  bool            // it is printed or given to a function
	named  bool            // it is named, perhaps only to ask whether it is there
	fields map[string]*use // those that are named
}

// all notes that the whole value is used.
func (u *use) all() {
	if u != nil {
		u.whole = true
	}
}

// field notes that a field is named and returns its use; nil if there is no
// more to count.
func (u *use) field(f reflect.StructField) *use {
	if u == nil || u.whole {
		return nil
	}
	c := u.fields[f.Name]
	if c == nil {
		if u.fields == nil {
			u.fields = map[string]*use{}
		}
		c = &use{t: f.Type, up: u}
		// A type within itself would be counted without end.
		for outer := u; outer != nil; outer = outer.up {
			c.whole = c.whole || deref(outer.t) == deref(f.Type)
		}
		u.fields[f.Name] = c
	}
	c.named = true
	return c
}

// unused returns the path of the first thing in the data that is never used, or
// "" if all is.
func (u *use) unused() string {
	if u.whole {
		return ""
	}
	if deref(u.t).Kind() == reflect.Struct {
		return u.missing("")
	}
	if u.named {
		return ""
	}
	return "."
}

// excuse takes a field, given as a path of names with dots, as used. It is an error if
// there is none, or if it is used.
func (u *use) excuse(path string) error {
	top := u
	for _, name := range strings.Split(path, ".") {
		if u.whole {
			return fmt.Errorf("%s is used", path)
		}
		t := deref(u.t)
		if t.Kind() != reflect.Struct {
			return fmt.Errorf("%v has no field %s", top.t, path)
		}
		f, ok := t.FieldByName(name)
		if !ok || !f.IsExported() {
			return fmt.Errorf("%v has no field %s%s", t, name, meant(t, name))
		}
		for i := range f.Index { // an embedded struct's field lies deeper
			in := t.FieldByIndex(f.Index[:i+1])
			known := u.fields[in.Name] != nil
			if u = u.field(in); u == nil {
				return fmt.Errorf("%s is used", path)
			}
			u.named = known && u.named
		}
	}
	if u.named {
		return fmt.Errorf("%s is used", path)
	}
	u.all()
	return nil
}

func (u *use) missing(prefix string) string {
	t := deref(u.t)
	for i := range t.NumField() {
		f := t.Field(i)
		embedded := f.Anonymous && f.Type.Kind() == reflect.Struct
		path, c := prefix+"."+f.Name, u.fields[f.Name]
		if embedded {
			path = prefix // its fields are named as if they were this struct's
		}
		switch {
		case !f.IsExported() && !embedded, c != nil && (c.whole || len(c.fields) == 0):
			continue
		case c == nil && !embedded:
			return path
		case c == nil:
			c = &use{t: f.Type}
		}
		if m := c.missing(path); m != "" {
			return m
		}
	}
	return ""
}

func deref(t reflect.Type) reflect.Type {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t
}
