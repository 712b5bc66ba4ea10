package cli

import (
	"encoding/json"
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

// flowRecord is a flow as `flows --json` shows it.
type flowRecord struct {
	Name    string          `json:"name"`    // the flow's name
	Purpose string          `json:"purpose"` // what it is for, in a line
	Input   json.RawMessage `json:"input"`   // its JSON Schema
}

func (a *app) listFlows() error {
	records, rows := []flowRecord{}, [][]string{{"FLOW", "PURPOSE"}}
	for _, f := range a.flows {
		info := f.Describe()
		records = append(records, flowRecord{info.Name, info.Purpose, info.Input.JSON()})
		rows = append(rows, []string{info.Name, term.Plain(info.Purpose)})
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
