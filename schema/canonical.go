package schema

import (
	"fmt"
	"slices"
	"strings"
)

// Canonical returns the one form of a JSON value that is digested: keys sorted
// by their bytes, compact, no HTML escaping. An integer keeps its digits as
// written, beyond 2^53 too; other numbers are brought to one spelling without
// losing a digit, so that 1.50 and 1.5 agree. A key given twice, invalid UTF-8,
// trailing data and nesting beyond 1,000 levels are errors.
func Canonical(raw []byte) ([]byte, error) {
	v, repeated, err := readValue(raw)
	if err != nil {
		return nil, fmt.Errorf("canonical JSON: %w", err)
	}
	if len(repeated) > 0 {
		return nil, fmt.Errorf("canonical JSON: %s", repeated[0])
	}
	v.sort()
	return v.compact(), nil
}

// sort brings v into canonical order and spelling.
func (v *value) sort() {
	if v.kind == kindNumber {
		v.text = canonicalNumber(v.text)
	}
	for _, item := range v.items {
		item.sort()
	}
	slices.SortFunc(v.members, func(a, b member) int { return strings.Compare(a.name, b.name) })
	for _, m := range v.members {
		m.value.sort()
	}
}
