package cli

import (
	"strings"

	"github.com/spf13/cobra"
)

// above puts commands beneath one that does nothing but ask which: what it is about is a
// plural, "schedules".
func above(c *cobra.Command, what string, beneath ...*cobra.Command) *cobra.Command {
	c.AddCommand(beneath...)
	var names, whole []string
	for _, sub := range beneath {
		names, whole = append(names, sub.Name()), append(whole, c.Name()+" "+sub.Name())
	}
	all := "commands are " + strings.Join(names, ", ")
	c.Args = cobra.ArbitraryArgs
	c.RunE = func(_ *cobra.Command, args []string) error {
		if len(args) == 0 {
			return badInput("what about %s? %s", what, all)
		}
		return unknown("command", c.Name()+" "+args[0], whole, all)
	}
	return c
}
