package cli

import (
	"slices"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// Whatever flag takes the name of a file or of a directory takes any bytes, and no other does.
func TestPathFlags(t *testing.T) {
	var names []string
	var look func(c *cobra.Command)
	look = func(c *cobra.Command) {
		c.Flags().VisitAll(func(f *pflag.Flag) {
			if isPath(f) {
				names = append(names, f.Name)
			}
		})
		for _, sub := range c.Commands() {
			look(sub)
		}
	}
	root := referenceApp().root()
	root.Flags().AddFlagSet(root.PersistentFlags())
	look(root)
	slices.Sort(names)
	names = slices.Compact(names)
	want := []string{"data", "file", "hook-secrets", "input", "notify-secrets", "output", "prompts", "replace", "runs", "save-state", "topic-file", "write-prompts"}
	if !slices.Equal(names, want) {
		t.Errorf("names of files are taken by\n%q, want\n%q", names, want)
	}
}
