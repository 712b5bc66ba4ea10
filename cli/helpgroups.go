package cli

import (
	"slices"

	"github.com/spf13/cobra"
)

// helpGroups are the groups in which help lists the commands. What is in none of
// them stands in the last.
var helpGroups = []struct {
	id, title string
	commands  []string // in no order
}{
	{"run", "Run:", []string{"run", "rerun", "fork", "resume", "batch", "worker", "serve", "mcp", "schedule"}},
	{"look", "Look:", []string{"runs", "show", "diff", "result", "watch", "logs", "inbox", "costs", "prices", "flows", "describe"}},
	{"decide", "Decide:", []string{"approve", "reject", "answer", "supply", "retry", "skip", "continue", "raise", "hook"}},
	{"steer", "Steer:", []string{"pause", "guide", "cancel", "limit"}},
	{"keep", "Keep:", []string{"rm", "backup", "export", "import", "verify"}},
	{"write", "Write flows:", []string{"new", "test"}},
	{restGroup, "This program:", nil},
}

// restGroup is the group of commands that are in no other.
const restGroup = "program"

// group puts the commands of the tree's root into their groups.
func (a *app) group(root *cobra.Command) {
	for _, g := range helpGroups {
		root.AddGroup(&cobra.Group{ID: g.id, Title: g.title})
	}
	for _, c := range root.Commands() {
		c.GroupID = restGroup
		for _, g := range helpGroups {
			if slices.Contains(g.commands, c.Name()) {
				c.GroupID = g.id
			}
		}
	}
}
