package cli

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/cli/internal/term"
)

func (a *app) runsCommand() *cobra.Command {
	var filter pawl.RunFilter
	c := &cobra.Command{
		Use:     "runs",
		Short:   "List runs, the newest first",
		Example: a.example("runs") + "\n" + a.example("runs", "--limit", "5", "--json"),
		Args:    noArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			if filter.Limit < 0 {
				return badInput("--limit is %d, wants 0 for all, or how many", filter.Limit)
			}
			return a.runs(c.Context(), filter)
		},
	}
	c.Flags().StringVar(&filter.Flow, "flow", "", "only runs of this `FLOW`")
	c.Flags().IntVar(&filter.Limit, "limit", 50, "list at most `N`; 0 is all")
	return c
}

func noArguments(_ *cobra.Command, args []string) error {
	if len(args) > 0 {
		return badInput("unexpected argument %q", args[0])
	}
	return nil
}

func (a *app) runs(ctx context.Context, filter pawl.RunFilter) error {
	s, err := a.openExisting(ctx)
	if err != nil {
		return err
	}
	list := []listed{}
	if s != nil {
		list, err = a.list(ctx, s, filter)
		if err := closing(ctx, s, err); err != nil {
			return err
		}
	}
	if len(list) == 0 && filter.Flow != "" && a.flow(filter.Flow) == nil {
		return a.unknownFlow(filter.Flow)
	}
	switch {
	case a.json:
		summaries := make([]pawl.RunSummary, len(list))
		for i, r := range list {
			summaries[i] = r.RunSummary
		}
		return a.printJSON(summaries)
	case a.quiet:
		for _, r := range list {
			fmt.Fprintln(a.out, r.ID)
		}
	case len(list) == 0:
		return a.sayNoRuns(filter.Flow)
	default:
		a.printRuns(list)
	}
	return nil
}

func (a *app) sayNoRuns(flow string) error {
	dir, err := a.dataDir()
	if err != nil {
		return err
	}
	if flow != "" {
		flow = " of " + flow
	}
	fmt.Fprintf(a.err, "no runs%s yet in %s\n", flow, dir)
	return nil
}

// listed is a run in the list.
type listed struct {
	pawl.RunSummary
	about string // the first text of its input; empty: none that may be shown
}

// list returns the runs as they may be shown. Of their histories it reads no more
// than how they began.
func (a *app) list(ctx context.Context, s *store, filter pawl.RunFilter) ([]listed, error) {
	runs, err := s.engine.List(ctx, filter)
	if err != nil {
		return nil, err
	}
	list := make([]listed, len(runs))
	ids := make([]pawl.RunID, len(runs))
	for i, r := range runs {
		list[i].RunSummary, ids[i] = r, r.ID
	}
	if a.quiet {
		return list, nil
	}
	created, err := s.db.Created(ctx, ids)
	if err != nil {
		return nil, err
	}
	for i, r := range runs {
		began, ok := created[r.ID]
		if !ok { // a damaged history: what is to be hidden is lost
			list[i].Reason = ""
			continue
		}
		rec := a.mask(r.Flow).Record(pawl.RunRecord{Input: began.Input})
		list[i].Reason, list[i].about = a.reason(ctx, s, r), a.about(r.Flow, rec.Input)
	}
	return list, nil
}

// about returns the first text field of an input.
func (a *app) about(flow string, input json.RawMessage) string {
	f := a.flow(flow)
	var values map[string]json.RawMessage
	if f == nil || json.Unmarshal(input, &values) != nil {
		return ""
	}
	for _, in := range f.Describe().Input.Fields() {
		var text string
		if in.Node.Type == "string" && in.Node.Enum == nil && json.Unmarshal(values[in.Name], &text) == nil {
			return term.Plain(text)
		}
	}
	return ""
}

// modelWidth is how many columns the name of a model has in a list that is cut.
const modelWidth = 19

// printRuns prints a table that fits the terminal: input and reason share what
// the other columns leave.
func (a *app) printRuns(list []listed) {
	rows := [][]string{{"RUN", "FLOW", "STATUS", "AGE", "MODEL", "INPUT", "REASON"}}
	widest := 40
	for _, r := range list {
		model := r.Model
		if a.width() > 0 {
			model = term.Cut(model, modelWidth)
		}
		row := []string{string(r.ID), r.Flow, string(r.Status), term.Ago(a.now().Sub(r.CreatedAt.Time)), model, r.about, term.Plain(r.Reason)}
		used := 2 * (len(row) - 1)
		for _, cell := range row[:5] {
			used += term.Cells(cell)
		}
		if width := a.width(); width > 0 {
			widest = min(widest, max(8, (width-used)/2))
		}
		rows = append(rows, row)
	}
	ink := a.ink(a.stdout)
	for i, row := range rows[1:] {
		row[2], row[5] = ink.Paint(statusStyle(list[i].Status), row[2]), term.Cut(row[5], widest)
	}
	a.table(rows)
}

// table prints rows in columns.
func (a *app) table(rows [][]string) {
	for _, line := range term.Table(rows, a.width()) {
		fmt.Fprintln(a.out, line)
	}
}
