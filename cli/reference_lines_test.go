package cli

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/pawlrun/pawl/flows"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// commandLine is a command line in a page: in a code span, or in a line of a block, perhaps
// behind a prompt or a variable, or started with go run.
var commandLine = regexp.MustCompile("(?m)(?:`|^\\$ |^|\\| |[A-Z_]+=\\S+ |exec \\S+ /)(?:go run \\./cmd/)?pawl ([a-z][^`\n|;&#>]*)")

// TestPagesShowCommandsThatExist: each command line in a page of this repository has a
// command and flags that there are.
func TestPagesShowCommandsThatExist(t *testing.T) {
	a := newApp(world{program: "pawl", getenv: func(string) string { return "" }}, Program{Name: "pawl", Providers: Providers(),
		Flows: flows.All()})
	root := a.root()
	known := map[string][]string{} // flags by command
	for _, c := range root.Commands() {
		known[c.Name()] = flagsOf(c)
	}
	flag, n := regexp.MustCompile(`(?:^| )--([a-z][a-z-]*)`), 0
	err := fs.WalkDir(os.DirFS(".."), ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			if err == nil && (d.Name() == "testdata" || path != "." && strings.HasPrefix(path, ".")) {
				return fs.SkipDir
			}
			return err
		}
		if !strings.HasSuffix(path, ".md") || path == "CHANGELOG.md" { // which tells of what there was, too
			return nil
		}
		text, err := os.ReadFile(filepath.Join("..", path))
		for _, m := range commandLine.FindAllStringSubmatch(string(text), -1) {
			n++
			name := strings.TrimSuffix(strings.Fields(m[1])[0], ",")
			flags, there := known[name]
			if !there && name != "help" {
				t.Errorf("%s shows %q, and there is no such command", path, "pawl "+m[1])
			}
			for _, f := range flag.FindAllStringSubmatch(m[1], -1) {
				if there && !slices.Contains(flags, f[1]) {
					t.Errorf("%s shows %q, and %s has no flag --%s", path, "pawl "+m[1], name, f[1])
				}
			}
		}
		return err
	})
	if err != nil || n < 150 {
		t.Errorf("%d command lines were found, %v", n, err)
	}
}

// flagsOf are the names of all flags of a command and those below it.
func flagsOf(c *cobra.Command) []string {
	c.InheritedFlags() // which adds them
	names := []string{"help"}
	c.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
	for _, sub := range c.Commands() {
		names = append(names, flagsOf(sub)...)
	}
	return names
}
