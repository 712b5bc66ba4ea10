package replay

import (
	"unicode/utf8"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/journal"
)

// MaxText is how many bytes a message, complaint or note may have. What is longer
// is cut: it is for readers.
const MaxText = 64 << 10

// CutText cuts a text that is longer than MaxText.
func CutText(s string) string {
	if len(s) <= MaxText {
		return s
	}
	end := MaxText
	for end > 0 && !utf8.RuneStart(s[end]) {
		end--
	}
	return s[:end] + "... (cut)"
}

// FailureOf returns an error of a step as the journal keeps it; an empty key: of
// the flow itself.
func FailureOf(err *pawl.Error, step pawl.Key) journal.Failure {
	return journal.Failure{Kind: err.Kind, Message: CutText(err.Message), Hint: CutText(err.Hint), Step: step}
}
