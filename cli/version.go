package cli

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/pawlrun/pawl/journal/sqlite"
)

// modulePath is that of the module that this package belongs to.
const modulePath = "github.com/pawlrun/pawl"

// version is what a program says of itself. What the build does not tell is empty.
type version struct {
	Version  string `json:"version"`  // of Pawl; empty: not known
	Commit   string `json:"commit"`   // the program was built from; empty: not known
	Modified bool   `json:"modified"` // the files differed from the commit
	Date     string `json:"date"`     // of the commit
	Go       string `json:"go"`       // the version of the compiler that built it
	Platform string `json:"platform"` // operating system and processor
	Schema   int    `json:"schema"`   // version of the database's form
}

func (a *app) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "version",
		Short:   "Print the version",
		Example: a.example("version", "--json"),
		Args:    noArguments,
		RunE:    func(*cobra.Command, []string) error { return a.version() },
	}
}

func (a *app) version() error {
	return a.printVersion(buildVersion())
}

func buildVersion() version {
	info, _ := debug.ReadBuildInfo()
	return versionOf(info)
}

// versionOf reads what a build tells; nil tells nothing.
func versionOf(info *debug.BuildInfo) version {
	v := version{Version: "unknown", Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH, Schema: sqlite.SchemaVersion()}
	if info == nil {
		return v
	}
	for _, m := range append(info.Deps, &info.Main) {
		if m.Path == modulePath && m.Version != "" {
			v.Version = m.Version
		}
	}
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			v.Commit = s.Value
		case "vcs.time":
			v.Date = s.Value
		case "vcs.modified":
			v.Modified = s.Value == "true"
		}
	}
	return v
}

func (a *app) printVersion(v version) error {
	switch {
	case a.json:
		return a.printJSON(v)
	case a.quiet:
		fmt.Fprintln(a.out, v.Version)
		return nil
	}
	fmt.Fprintf(a.out, "%s %s\n", a.program, v.Version)
	if v.Commit != "" {
		changed := ""
		if v.Modified {
			changed = ", with changes"
		}
		fmt.Fprintf(a.out, "commit %s%s, %s\n", v.Commit, changed, v.Date)
	}
	fmt.Fprintf(a.out, "%s %s, schema %d\n", v.Go, v.Platform, v.Schema)
	return nil
}
