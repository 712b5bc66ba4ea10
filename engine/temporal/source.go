package temporal

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"runtime/debug"
	"slices"
)

// deciding are the settings of a compiler that may decide on what a program does, whatever
// machine it is for.
var deciding = []string{"-tags", "-ldflags", "DefaultGODEBUG", "GOEXPERIMENT", "GOFIPS140"}

// source is the digest of what a program was compiled from, for any machine; empty: the program
// does not say so. It says so if it was installed as a version of its module, or compiled from a
// commit without changes, and if all other modules are versions, too.
func source(info *debug.BuildInfo) string {
	if info == nil {
		return ""
	}
	said := map[string]string{}
	for _, s := range info.Settings {
		said[s.Key] = s.Value
	}
	if installed := info.Main.Sum != ""; !installed && (said["vcs.revision"] == "" || said["vcs.modified"] != "false") {
		return ""
	}
	of := []any{info.Path, info.Main.Path, info.Main.Version, info.Main.Sum, said["vcs.revision"], info.GoVersion}
	for _, name := range deciding {
		of = append(of, name, said[name])
	}
	for _, m := range info.Deps {
		if m.Replace != nil {
			m = m.Replace
		}
		if m.Version == "" || m.Version == "(devel)" { // a directory, of which nobody knows the state
			return ""
		}
		of = append(of, m.Path, m.Version, m.Sum)
	}
	raw, err := json.Marshal(of)
	if err != nil || slices.Contains([]string{info.Path, info.GoVersion}, "") {
		return ""
	}
	return fmt.Sprintf("%x", sha256.Sum256(raw))
}
