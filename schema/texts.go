package schema

import (
	"encoding/json"
	"fmt"
)

// MapTexts returns raw as compact JSON with every string in it, at any depth,
// replaced by what f makes of it. Names of members are no such strings; numbers
// keep their digits. The error says why raw is not JSON.
func MapTexts(raw []byte, f func(string) string) (json.RawMessage, error) {
	v, _, err := readValue(raw)
	if err != nil {
		return nil, fmt.Errorf("is not JSON: %w", err)
	}
	v.eachText(func(t *string) { *t = f(*t) })
	return v.compact(), nil
}

// Texts returns every string in raw, at any depth, that is not the name of a
// member. What is not JSON has none.
func Texts(raw []byte) []string {
	v, _, err := readValue(raw)
	if err != nil {
		return nil
	}
	return v.texts()
}

// Numbers returns every number in raw, at any depth, as it is written. What is not JSON
// has none.
func Numbers(raw []byte) []string {
	v, _, err := readValue(raw)
	if err != nil {
		return nil
	}
	return v.numbers()
}

func (v *value) numbers() (all []string) {
	if v.kind == kindNumber {
		all = append(all, v.text)
	}
	for _, item := range v.items {
		all = append(all, item.numbers()...)
	}
	for _, m := range v.members {
		all = append(all, m.value.numbers()...)
	}
	return all
}

func (v *value) texts() (all []string) {
	v.eachText(func(t *string) { all = append(all, *t) })
	return all
}

// eachText calls f with every string in v, which it may change.
func (v *value) eachText(f func(*string)) {
	if v.kind == kindString {
		f(&v.text)
	}
	for _, item := range v.items {
		item.eachText(f)
	}
	for _, m := range v.members {
		m.value.eachText(f)
	}
}
