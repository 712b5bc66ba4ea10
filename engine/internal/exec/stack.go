package exec

import (
	"runtime"
	"strings"
)

// codeStack returns the stack of the goroutine that executes flow code now, of
// whichever run: what its branches began, and what does not wait in one of ours.
// It is empty if none is found.
func codeStack() string {
	buf := make([]byte, 1<<20)
	buf = buf[:runtime.Stack(buf, true)]
	for stack := range strings.SplitSeq(string(buf), "\n\n") {
		if strings.Contains(stack, "internal/exec.(*Run).spawn") && !strings.Contains(stack, "internal/exec.(*branch).await(") {
			return stack
		}
	}
	return ""
}
