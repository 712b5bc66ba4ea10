package cli

import "github.com/spf13/cobra"

// nearest returns the name that was probably meant, or "" if none is close. The
// measure is cobra's, which has it for commands.
func nearest(name string, names []string) string {
	if name == "" {
		return ""
	}
	var tree cobra.Command
	for _, n := range names {
		tree.AddCommand(&cobra.Command{Use: n, Run: func(*cobra.Command, []string) {}})
	}
	for distance := range min(3, 1+len(name)/3) {
		tree.SuggestionsMinimumDistance = distance + 1
		if found := tree.SuggestionsFor(name); len(found) > 0 {
			return found[0]
		}
	}
	return ""
}
