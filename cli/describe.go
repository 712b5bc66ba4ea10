package cli

import (
	"github.com/spf13/cobra"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/cli/internal/page"
)

func (a *app) describeCommand() *cobra.Command {
	var dir string
	c := &cobra.Command{
		Use:   "describe FLOW",
		Short: "Describe a flow: its input, output and prompts",
		Long: "Describe a flow that need never have run: its input, its output and its prompts.\n" +
			"With --write-prompts the prompts are written to files, to be changed and given\n" +
			"to `run --prompts`.",
		Args: func(_ *cobra.Command, args []string) error {
			switch {
			case len(args) == 0:
				return badInput("which flow? %s", a.flowList())
			case len(args) > 1:
				return badInput("unexpected argument %q; wants one flow", args[1])
			}
			return nil
		},
	}
	if len(a.flows) > 0 {
		name := a.flows[0].Name()
		c.Example = a.example("describe", name) + "\n" + a.example("describe", name, "--write-prompts", "prompts")
	}
	c.Flags().StringVar(&dir, "write-prompts", "", "write each prompt to `DIR`/FLOW/NAME.md instead")
	c.RunE = func(_ *cobra.Command, args []string) error {
		f := a.flow(args[0])
		switch {
		case f == nil:
			return a.unknownFlow(args[0])
		case dir != "":
			return a.writePrompts(f.Describe(), dir)
		}
		return a.describe(f)
	}
	return c
}

func (a *app) describe(f pawl.Flow) error {
	if a.json {
		return a.printJSON(a.view().Describe(f))
	}
	(&page.Page{Out: a.out, Width: a.width()}).Flow(f.Describe(), a.runExample(f))
	return nil
}
