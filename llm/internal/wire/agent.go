package wire

import (
	"cmp"
	"runtime/debug"
)

// agent is what requests say of who sends them: the module and its version.
var agent = agentOf(debug.ReadBuildInfo())

const module = "github.com/pawlrun/pawl"

func agentOf(info *debug.BuildInfo, ok bool) string {
	version := ""
	if ok {
		for _, m := range append(info.Deps, &info.Main) {
			if m.Path == module && m.Version != "(devel)" {
				version = m.Version
			}
		}
	}
	return "pawl/" + cmp.Or(version, "devel") + " (" + module + ")"
}
