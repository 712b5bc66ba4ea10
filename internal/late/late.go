// Package late makes things when they are first used that a program would otherwise make at
// its start, where most commands need none of them.
package late

import (
	"regexp"
	"sync"
)

// Regexp returns what compiles a regular expression when it is first called, and returns it.
// The expression is a literal: a test compiles those of all packages, since a wrong one
// panics only when it is used.
func Regexp(expr string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expr) })
}
