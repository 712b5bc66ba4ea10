package flowtest

import "strings"

// Text returns n words, each the given one.
func Text(n int, word string) string {
	return strings.TrimSpace(strings.Repeat(word+" ", n))
}
