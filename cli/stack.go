package cli

import (
	"strings"

	"github.com/pawlrun/pawl/internal/view"
)

// flowCode returns where flow code stands, by the stacks of all goroutines;
// empty if none is found.
func flowCode(stacks string) string {
	for stack := range strings.SplitSeq(stacks, "\n\n") {
		branch := strings.Contains(stack, module+"/engine/local.(*activation).spawn") && !strings.Contains(stack, "local.(*branch).park(")
		if calls := view.Calls(stack); branch && len(calls) > 0 {
			for _, call := range calls {
				if !standard(call) {
					return call
				}
			}
			return calls[0]
		}
	}
	return ""
}

// standard reports whether a call is one of Go's own library.
func standard(call string) bool {
	first, _, nested := strings.Cut(call[:strings.Index(call, " ")], "/")
	if nested {
		return !strings.Contains(first, ".")
	}
	return !strings.HasPrefix(first, "main.")
}
