package schema

import "strings"

// Problem is one thing that is wrong with a value.
type Problem struct {
	// Path leads to the place, as in "sections[1].target_length". It is empty
	// for the value itself.
	Path string
	// Message says what is there and what is wanted.
	Message string
}

// String returns the problem as "path: message".
func (p Problem) String() string {
	if p.Path == "" {
		return p.Message
	}
	return p.Path + ": " + p.Message
}

// Under returns the path of a place in a value that is a member of another one: of
// "sections[1]" under "input" it is "input.sections[1]".
func Under(member, path string) string {
	if path == "" || path[0] == '[' {
		return member + path
	}
	return member + "." + path
}

// CheckError is what [Schema.Check] returns: all that is wrong with a value, in
// the order of the value. Its text is fit for a person and for a model.
type CheckError struct {
	Problems []Problem
}

// Error returns all problems in one line.
func (e *CheckError) Error() string {
	lines := make([]string, len(e.Problems))
	for i, p := range e.Problems {
		lines[i] = p.String()
	}
	return strings.Join(lines, "; ")
}
