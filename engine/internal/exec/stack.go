package exec

import (
	"regexp"
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

// passing is what of a stack is otherwise each time: the numbers of goroutines, the values of
// arguments and offsets.
var passing = regexp.MustCompile(`(?m)^goroutine \d+ | in goroutine \d+$| \+0x[0-9a-f]+$|\([^()\n*]*\)$|0x[0-9a-f]+\??`)

// stack is a stack as it is recorded. In a World that repeats runs it holds nothing that is
// otherwise each time.
func (r *Run) stack(raw []byte) string {
	if _, repeats := r.deps.World.(Waiter); repeats {
		raw = passing.ReplaceAll(raw, nil)
	}
	return string(raw)
}
