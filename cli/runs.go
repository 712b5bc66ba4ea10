package cli

import (
	"context"
	"fmt"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"github.com/pawlrun/pawl"
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
	c.Flags().IntVar(&filter.Limit, "limit", 50, "at most so many; 0 is all")
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
	list := []pawl.RunSummary{}
	if s != nil {
		list, err = a.list(ctx, s, filter)
		if err := closing(ctx, s, err); err != nil {
			return err
		}
	}
	switch {
	case a.json:
		return a.printJSON(list)
	case a.quiet:
		for _, r := range list {
			fmt.Fprintln(a.out, r.ID)
		}
	case len(list) == 0:
		fmt.Fprintln(a.err, "no runs yet")
	default:
		a.printRuns(list)
	}
	return nil
}

// list returns the runs as they may be shown.
func (a *app) list(ctx context.Context, s *store, filter pawl.RunFilter) ([]pawl.RunSummary, error) {
	list, err := s.engine.List(ctx, filter)
	if err != nil {
		return nil, err
	}
	for i, r := range list {
		m := a.mask(r.Flow)
		if r.Reason == "" || !m.Needs() {
			continue
		}
		rec, err := s.engine.Get(ctx, r.ID)
		if err != nil {
			return nil, err
		}
		m.Learn(rec.Input, rec.Output)
		list[i].Reason = m.Line(r.Reason)
	}
	return list, nil
}

// printRuns prints a table that fits the terminal: the reason, which comes last,
// is cut.
func (a *app) printRuns(list []pawl.RunSummary) {
	rows := [][]string{{"RUN", "FLOW", "STATUS", "AGE", "REASON"}}
	for _, r := range list {
		rows = append(rows, []string{string(r.ID), r.Flow, string(r.Status), ago(a.now().Sub(r.CreatedAt.Time)), plain(r.Reason)})
	}
	a.table(rows)
}

// table prints rows in columns. The last cell of a row is cut to the width of
// the terminal, or of $COLUMNS; elsewhere it stays whole.
func (a *app) table(rows [][]string) {
	width := a.width()
	columns := make([]int, len(rows[0]))
	for _, r := range rows {
		for i, cell := range r {
			columns[i] = max(columns[i], utf8.RuneCountInString(cell))
		}
	}
	for _, r := range rows {
		line := ""
		for i, cell := range r[:len(r)-1] {
			line += fmt.Sprintf("%-*s  ", columns[i], cell)
		}
		last := r[len(r)-1]
		if width > 0 {
			last = cut(last, max(0, width-utf8.RuneCountInString(line)))
		}
		fmt.Fprintln(a.out, trimRight(line+last))
	}
}
