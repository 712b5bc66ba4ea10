package view

import "strings"

const module = "github.com/pawlrun/pawl"

// Calls returns the calls on a goroutine's stack as Go prints it, the innermost
// first, each as function and place. Those of Go's runtime and of the engine are
// left out.
func Calls(stack string) []string {
	var all []string
	lines := strings.Split(stack, "\n")
	for i := 0; i+1 < len(lines); i++ {
		call, place := lines[i], lines[i+1]
		if strings.HasPrefix(call, "\t") || !strings.HasPrefix(place, "\t") {
			continue
		}
		if strings.HasPrefix(call, "created by ") {
			break
		}
		name := call[:max(0, strings.LastIndex(call, "("))]
		place, _, _ = strings.Cut(strings.TrimSpace(place), " +0x")
		if !inside(name) {
			all = append(all, name+" "+place)
		}
	}
	return all
}

// inside reports whether a function is of Go's runtime or of the engine.
func inside(name string) bool {
	for _, prefix := range []string{"runtime.", "runtime/", module + ".", module + "/engine/"} {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return name == "panic"
}
