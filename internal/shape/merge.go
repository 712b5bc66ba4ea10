package shape

import (
	"maps"
	"slices"
)

// merge is what is known of a value that is one or the other.
func merge(a, b value) value {
	switch {
	case a.isZero(), a.typ != "" && !a.known && len(a.held()) == 0 && !a.hasRun() && a.typ == b.typ:
		return b
	case a.same(b):
		return a
	case b.listed && a.listed && len(a.list) <= len(b.list) && slices.EqualFunc(a.list, b.list[:len(a.list)], value.same):
		return b
	}
	v := value{run: a.run || b.run, known: a.known || b.known, holds: distinct(append(a.held(), b.held()...))}
	if a.fields != nil && b.fields != nil { // two structs: what they hold is in their fields
		v.fields, v.holds = maps.Clone(a.fields), distinct(append(slices.Clone(a.holds), b.holds...))
		for name, f := range b.fields {
			v.fields[name] = merge(v.fields[name], f)
		}
	}
	if v.known {
		v.text = "*"
	}
	if a.typ == b.typ {
		v.typ = a.typ
	}
	if a.prompt == b.prompt {
		v.prompt = a.prompt
	}
	if a.purpose == b.purpose {
		v.purpose = a.purpose
	}
	return v
}

// same reports whether two values are known to be the same, as far as a picture shows them.
func (v value) same(w value) bool {
	return v.run == w.run && v.known == w.known && v.text == w.text && v.prompt == w.prompt && v.purpose == w.purpose &&
		v.flow == w.flow && v.typ == w.typ && slices.EqualFunc(v.held(), w.held(), sameHeld)
}

func sameHeld(v, w value) bool {
	if v.fn != nil && w.fn != nil {
		return v.fn.node == w.fn.node && v.fn.env == w.fn.env
	}
	return v.fn == nil && w.fn == nil && v.branch == w.branch
}

// held are the functions and branches that a value is or has.
func (v value) held() []value {
	var all []value
	if v.fn != nil {
		all = append(all, value{fn: v.fn})
	}
	if v.branch != nil {
		all = append(all, value{branch: v.branch})
	}
	for _, name := range slices.Sorted(maps.Keys(v.fields)) {
		all = append(all, v.fields[name].held()...)
	}
	for _, x := range v.list {
		all = append(all, x.held()...)
	}
	return distinct(append(all, v.holds...))
}

func distinct(all []value) []value {
	var kept []value
	for _, v := range all {
		if !slices.ContainsFunc(kept, func(k value) bool { return sameHeld(k, v) }) {
			kept = append(kept, v)
		}
	}
	return kept
}

// hasRun reports whether a value is the run or has it.
func (v value) hasRun() bool {
	for _, f := range v.fields {
		if f.hasRun() {
			return true
		}
	}
	return v.run || slices.ContainsFunc(v.list, value.hasRun)
}

// element is what is known of an element that is not known to be a certain one.
func (v value) element() value {
	if !v.listed || len(v.list) == 0 {
		return value{holds: v.held()}
	}
	one := v.list[0]
	for _, x := range v.list[1:] {
		one = merge(one, x)
	}
	one.holds = distinct(append(slices.Clone(one.holds), v.holds...))
	return one
}

// with is a value in which another is kept, in a field or in a place without a name.
func (v value) with(field string, kept value) value {
	if field == "" {
		v.holds = distinct(append(slices.Clone(v.holds), kept.held()...))
		return v
	}
	v.fields = maps.Clone(v.fields)
	if v.fields == nil {
		v.fields = map[string]value{}
	}
	v.fields[field] = merge(v.fields[field], kept)
	return v
}
