package tree

import (
	"testing"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/cli/internal/page"
	"github.com/pawlrun/pawl/cli/internal/term"
)

// Every state has a word, a sign and, where there is colour, a style of the
// terminal's own.
func TestStates(t *testing.T) {
	for _, s := range []pawl.StepStatus{pawl.StepRunning, pawl.StepRetrying, pawl.StepWaiting, pawl.StepDone, pawl.StepReused, pawl.StepFailed, pawl.StepPending} {
		if got := term.Ink(true).Paint(page.StepStyle(s), "x"); got == "x" || term.Cells(got) != 1 {
			t.Errorf("%s is painted %q", s, got)
		}
		if got := term.Ink(false).Paint(page.StepStyle(s), "x"); got != "x" {
			t.Errorf("%s without colour is %q", s, got)
		}
		if term.Cells(sign(s)) != 1 {
			t.Errorf("%s has the sign %q", s, sign(s))
		}
	}
}
