package local

import (
	"runtime/debug"
	"sync"
)

// MainModule is the path of the program's main module, which runs are recorded with where
// Options.Program is empty; empty: it was built without.
func MainModule() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	return info.Main.Path
}

// MainVersion is the version of the program's main module, which runs are recorded with:
// or else the beginning of the revision that it was built from, with "+dirty" if files
// differed; empty: the build tells neither.
func MainVersion() string { return mainVersion() }

// mainVersion reads what the build tells once: that takes as long as beginning a run.
var mainVersion = sync.OnceValue(func() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	return versionOf(info)
})

func versionOf(info *debug.BuildInfo) string {
	if v := info.Main.Version; v != "" && v != "(devel)" {
		return v
	}
	var revision, dirty string
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision":
			revision = s.Value[:min(len(s.Value), 12)]
		case s.Key == "vcs.modified" && s.Value == "true":
			dirty = "+dirty"
		}
	}
	if revision == "" {
		return ""
	}
	return revision + dirty
}
