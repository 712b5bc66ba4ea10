package schema

import "strings"

// nearest returns the field whose name is most like name, or nil if none is
// close enough to be what was meant.
func nearest(name string, fields []Field) *Field {
	names := make([]string, len(fields))
	for i, f := range fields {
		names[i] = f.Name
	}
	if i := nearestName(name, names); i >= 0 {
		return &fields[i]
	}
	return nil
}

// Nearest returns the name that was probably meant by name, or "" if none is
// close enough. Case and the separators - and _ do not count.
func Nearest(name string, names []string) string {
	if i := nearestName(name, names); i >= 0 {
		return names[i]
	}
	return ""
}

// nearestName returns the index of the name most like name, or -1. Case and the
// separators - and _ do not count; of the rest a third may differ.
func nearestName(name string, names []string) int {
	if len(name) > maxShown {
		return -1
	}
	best, at := -1, -1
	for i, n := range names {
		a, b := fold(name), fold(n)
		d := distance(a, b)
		if d <= max(len(a), len(b))/3 && (at < 0 || d < best) {
			best, at = d, i
		}
	}
	return at
}

func fold(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '_' || r == '-' || r == ' ' {
			return -1
		}
		return r
	}, strings.ToLower(s))
}

// distance returns how many single-byte edits lead from a to b, counting two
// swapped neighbours as one.
func distance(a, b string) int {
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}

// unknown says that name is not among the known names, and which was meant.
func unknown(name string, known []string) string {
	switch i := nearestName(name, known); {
	case i >= 0:
		return "is not known; did you mean " + quote(known[i]) + "?"
	case len(known) == 0:
		return "is not known; there are no properties here"
	}
	return "is not known; known are " + list(known)
}
