package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/cli/internal/page"
	"github.com/pawlrun/pawl/cli/internal/term"
	"github.com/pawlrun/pawl/internal/view"
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
	s, err := a.openToRead(ctx)
	if err != nil {
		return err
	}
	var list []view.Listed
	if s != nil {
		list, err = a.listed(ctx, s, filter)
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

// listed are the runs as they are to be printed: with --quiet their ids alone.
func (a *app) listed(ctx context.Context, s *store, filter pawl.RunFilter) ([]view.Listed, error) {
	if !a.quiet {
		return s.view.List(ctx, filter)
	}
	runs, err := s.view.Summaries(ctx, filter)
	list := make([]view.Listed, len(runs))
	for i, r := range runs {
		list[i].RunSummary = r
	}
	return list, err
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

// modelWidth is how many columns the name of a model has in a list that is cut.
const modelWidth = 19

// printRuns prints a table that fits the terminal: input and reason share what
// the other columns leave.
func (a *app) printRuns(list []view.Listed) {
	rows := [][]string{{"RUN", "FLOW", "STATUS", "AGE", "MODEL", "INPUT", "REASON"}}
	widest := 40
	for _, r := range list {
		model := r.Model
		if a.width() > 0 {
			model = term.Cut(model, modelWidth)
		}
		row := []string{string(r.ID), r.Flow, string(r.Status), term.Ago(a.now().Sub(r.CreatedAt.Time)), model, term.Plain(r.About), term.Plain(r.Reason)}
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
		row[2], row[5] = ink.Paint(page.StatusStyle(list[i].Status), row[2]), term.Cut(row[5], widest)
	}
	a.table(rows)
}

// table prints rows in columns.
func (a *app) table(rows [][]string) {
	for _, line := range term.Table(rows, a.width()) {
		fmt.Fprintln(a.out, line)
	}
}
