package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/pawlrun/pawl/cli/internal/term"
)

func (a *app) flowsCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "flows",
		Short:   "List the flows that this program has",
		Example: a.example("flows") + "\n" + a.example("flows", "--json"),
		Args:    noArguments,
		RunE:    func(*cobra.Command, []string) error { return a.listFlows() },
	}
}

func (a *app) listFlows() error {
	records, rows := a.view().Flows(), [][]string{{"FLOW", "PURPOSE"}}
	for _, f := range records {
		rows = append(rows, []string{f.Name, term.Plain(f.Purpose)})
	}
	switch {
	case a.json:
		return a.printJSON(records)
	case a.quiet:
		for _, name := range a.flowNames() {
			fmt.Fprintln(a.out, name)
		}
	case len(records) == 0:
		fmt.Fprintln(a.err, a.flowList())
	default:
		a.table(rows)
	}
	return nil
}
