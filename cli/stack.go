package cli

import "strings"

// frames returns the calls on a goroutine's stack, the innermost first, as
// function and place. Those of Go's runtime and of the engine are left out.
func frames(stack string) []string {
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
		name, _, _ := cutLast(call, "(")
		place, _, _ = strings.Cut(strings.TrimSpace(place), " +0x")
		if !ours(name) {
			all = append(all, name+" "+place)
		}
	}
	return all
}

// ours reports whether a function is of Go's runtime or of the engine.
func ours(name string) bool {
	for _, prefix := range []string{"runtime.", "runtime/", module + ".", module + "/engine/"} {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return name == "panic"
}

// flowCode returns where flow code stands, by the stacks of all goroutines;
// empty if none is found.
func flowCode(stacks string) string {
	for stack := range strings.SplitSeq(stacks, "\n\n") {
		branch := strings.Contains(stack, module+"/engine/local.(*activation).spawn") && !strings.Contains(stack, "local.(*branch).park(")
		if calls := frames(stack); branch && len(calls) > 0 {
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
