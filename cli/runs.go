package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/pawlrun/pawl/cli/internal/page"
	"github.com/pawlrun/pawl/cli/internal/term"
	"github.com/pawlrun/pawl/internal/view"
)

func (a *app) runsCommand() *cobra.Command {
	var s view.Selection
	all, foreign := false, false
	c := &cobra.Command{
		Use:   "runs",
		Short: "List runs, the newest first",
		Long: "List runs, the newest first: what each is about and how it stands. If there are more\n" +
			"than are listed, the last line on standard error says so. With --json each has its\n" +
			"input and what it took.",
		Example: a.example("runs") + "\n" + a.example("runs", "--status", "failed,waiting", "--since", "2d") + "\n" +
			a.example("runs", "--search", "tides", "--all", "--json"),
		Args: noArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			switch {
			case s.Limit < 0:
				return badInput("--limit is %d, wants 0 for all, or how many", s.Limit)
			case all && c.Flags().Changed("limit") && s.Limit != 0:
				return badInput("--all and --limit say two things; give one of them")
			case all:
				s.Limit = 0
			}
			s.Program = a.listed(foreign)
			return a.runs(c.Context(), s)
		},
	}
	flags := c.Flags()
	flags.SortFlags = false
	flags.StringVar(&s.Flow, "flow", "", "only runs of this `FLOW`")
	flags.StringVar((*string)(&s.Base), "base", "", "only reruns and forks of this `RUN`")
	flags.StringVar(&s.Schedule, "schedule", "", "only runs that the schedule `NAME` has started")
	flags.Var((*statusesFlag)(&s.Statuses), "status", "only runs that stand at `STATUS`, or at one of several with commas between")
	flags.Var(sinceFlag{&s.Since, a.now, a.zone}, "since", "only runs made since `TIME`: an age as in 90m, 12h or 2d, a date, or a time as in 2026-01-31T12:00:00Z")
	flags.StringVar(&s.Text, "search", "", "only runs with `TEXT` in id, model, reason or the first 1000 bytes of the input")
	flags.IntVar(&s.Limit, "limit", 50, "list at most `N`; 0 is all")
	flags.BoolVar(&all, "all", false, "list all of them")
	allProgramsFlag(flags, &foreign)
	return c
}

func noArguments(_ *cobra.Command, args []string) error {
	if len(args) > 0 {
		return badInput("unexpected argument %q", args[0])
	}
	return nil
}

func (a *app) runs(ctx context.Context, selection view.Selection) error {
	s, err := a.openToRead(ctx)
	if err != nil {
		return err
	}
	list := []view.Listed{}
	all, others := 0, false
	if s != nil {
		if selection.Base != "" {
			base, err := a.find(ctx, s, string(selection.Base))
			if err != nil {
				return closing(ctx, s, err)
			}
			selection.Base = base.ID
		}
		selection.Bare = a.quiet && !a.json
		list, all, err = s.view.Select(ctx, selection)
		if err == nil && len(list) == 0 {
			others, err = a.haveOthers(ctx, s, selection.RunFilter)
		}
		if err == nil && a.json {
			err = s.view.AddUsage(ctx, list)
		}
		if err := closing(ctx, s, err); err != nil {
			return err
		}
	}
	if len(list) == 0 && selection.Flow != "" && a.flow(selection.Flow) == nil {
		return a.unknownFlow(selection.Flow)
	}
	switch {
	case a.json:
		if err := a.printJSON(list); err != nil {
			return err
		}
	case a.quiet:
		for _, r := range list {
			fmt.Fprintln(a.out, r.ID)
		}
	case len(list) == 0:
		return a.sayNoRuns(selection, others)
	default:
		a.printRuns(list)
	}
	if all > len(list) && !a.quiet {
		a.say("showing %s of %s; --all shows all", term.Grouped(int64(len(list))), term.Grouped(int64(all)))
	}
	return nil
}

func (a *app) sayNoRuns(s view.Selection, others bool) error {
	dir, err := a.runsPlace()
	if err != nil {
		return err
	}
	which := ""
	if s.Flow != "" {
		which = " of " + s.Flow
	}
	if s.Base != "" {
		which += " based on " + string(s.Base)
	}
	if s.Schedule != "" {
		which += " of schedule " + term.Plain(s.Schedule)
	}
	if len(s.Statuses) > 0 || !s.Since.IsZero() || s.Text != "" {
		which += " like that"
	}
	a.say("no runs%s yet in %s", which, dir)
	if others {
		a.say("%s", hasOthers)
	}
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
		row := []string{string(r.ID), r.Flow, string(r.Status), term.Ago(a.now().Sub(r.CreatedAt.Time)), model, term.Plain(r.About), term.Plain(standsSo(r))}
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

// standsSo says why a run stands as it does, and who goes on from it.
func standsSo(r view.Listed) string {
	reason := r.Reason
	if r.SupersededBy != nil {
		reason = strings.TrimSuffix(fmt.Sprintf("superseded by %s: %s", *r.SupersededBy, reason), ": ")
	}
	if r.Imported {
		reason = strings.TrimSuffix("imported; "+reason, "; ")
	}
	return reason
}

// table prints rows in columns.
func (a *app) table(rows [][]string) {
	for _, line := range term.Table(rows, a.width()) {
		fmt.Fprintln(a.out, line)
	}
}
