package llm_test

import (
	"testing"

	"github.com/pawlrun/pawl/llm"
)

// A kind is said once, also of a message that begins with it.
func TestErrorSaysItsKindOnce(t *testing.T) {
	for message, want := range map[string]string{
		"no":           "refused: no",
		"":             "refused",
		"refused":      "refused",
		"Refused: no.": "Refused: no.",
		"refused it":   "refused: refused it",
		"refusedly":    "refused: refusedly",
	} {
		if got := (&llm.Error{Kind: llm.Refused, Message: message}).Error(); got != want {
			t.Errorf("%q is %q, want %q", message, got, want)
		}
	}
}
