package cli

import (
	"fmt"
	"strings"

	"github.com/pawlrun/pawl/cli/internal/term"
	"github.com/pawlrun/pawl/internal/view"
)

// took says how long a run was executed; empty: not known.
func took(t view.Times) string {
	switch {
	case t == view.Times{}:
		return ""
	case t.Resumed:
		return fmt.Sprintf("executed for %s over %s", term.Brief(t.Executed), term.Brief(t.Over))
	}
	return "took " + term.Brief(t.Over)
}

// cutOff says which attempts were left in flight by a run's last process; empty:
// none.
func cutOff(c view.Cut) string {
	was := func(n int, what, perhaps string) string {
		if n == 1 {
			return term.Count(int64(n), what) + " was cut and " + perhaps
		}
		return term.Count(int64(n), what) + " were cut and " + perhaps
	}
	var s []string
	if c.Calls > 0 {
		s = append(s, was(c.Calls, "model call", "may have been billed"))
	}
	if c.Steps > 0 {
		s = append(s, was(c.Steps, "step", "may have had its effect"))
	}
	return strings.Join(s, "; ")
}
