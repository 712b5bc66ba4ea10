package replay

import (
	"unicode/utf8"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/limits"
	"github.com/pawlrun/pawl/journal"
)

// CutText cuts a message, complaint or note that is too long: it is for readers.
func CutText(s string) string { return cut(s, limits.TextBytes, "... (cut)") }

// cut returns s, or if that has more bytes than that its beginning and what is put behind it.
func cut(s string, most int, behind string) string {
	if len(s) <= most {
		return s
	}
	end := most
	for end > 0 && !utf8.RuneStart(s[end]) {
		end--
	}
	return s[:end] + behind
}

// FailureOf returns an error of a step as the journal keeps it; an empty key: of
// the flow itself.
func FailureOf(err *pawl.Error, step pawl.Key) journal.Failure {
	return journal.Failure{Kind: err.Kind, Message: CutText(err.Message), Hint: CutText(err.Hint), Step: step}
}
