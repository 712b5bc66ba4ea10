package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/cli/internal/page"
	"github.com/pawlrun/pawl/cli/internal/term"
)

func (a *app) inboxCommand() *cobra.Command {
	var filter pawl.RunFilter
	foreign := false
	c := &cobra.Command{
		Use:   "inbox",
		Short: "List what waits for a person, the oldest first",
		Long: "List what stands in the way of runs and a person can lift, the oldest first, each\n" +
			"with a command that does it; `show RUN` has all ways and what is proposed. With\n" +
			"--quiet each line is a run and the key of a step, with --json all of it is one\n" +
			"array.",
		Example: a.example("inbox") + "\n" + a.example("inbox", "--flow", "blog", "--json") + "\n" +
			a.example("inbox", "--quiet", "--flow", "blog") + " | " + strings.TrimSpace(a.example("approve", "--runs", "-", "--yes")),
		Args: noArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			if filter.Limit < 0 {
				return badInput("--limit is %d, wants 0 for all, or how many", filter.Limit)
			}
			filter.Program = a.listed(foreign)
			return a.inbox(c.Context(), filter)
		},
	}
	c.Flags().SortFlags = false
	c.Flags().StringVar(&filter.Flow, "flow", "", "only what runs of this `FLOW` wait for")
	c.Flags().IntVar(&filter.Limit, "limit", 0, "list at most `N`; 0 is all")
	allProgramsFlag(c.Flags(), &foreign)
	return c
}

func (a *app) inbox(ctx context.Context, filter pawl.RunFilter) error {
	s, err := a.openToRead(ctx)
	if err != nil {
		return err
	}
	items := []pawl.InboxItem{}
	var decided []string
	others := false
	var alone []pawl.RunRecord
	if s != nil {
		items, err = a.waitingItems(ctx, s, filter)
		if err == nil && len(items) == 0 {
			elsewhere := filter
			elsewhere.Program, elsewhere.Limit = "", 1
			var waiting []pawl.InboxItem
			waiting, err = s.view.Waiting(ctx, elsewhere)
			others = len(waiting) > 0
		}
		if err == nil && !a.json && !a.quiet {
			decided = decidedBeside(ctx, s, items)
			alone, err = s.view.Decided(ctx, filter, mostDecided)
		}
		if err := closing(ctx, s, err); err != nil {
			return err
		}
	}
	if len(items) == 0 && filter.Flow != "" && a.flow(filter.Flow) == nil {
		return a.unknownFlow(filter.Flow)
	}
	switch {
	case a.json:
		return a.printJSON(items)
	case a.quiet:
		for _, i := range items {
			fmt.Fprintln(a.out, strings.TrimRight(string(i.Run)+" "+string(i.Key), " "))
		}
	case len(items) == 0:
		of := ""
		if filter.Flow != "" {
			of = " in runs of " + filter.Flow
		}
		a.say("nothing waits for a person%s", of)
		if others {
			a.say("%s", hasOthers)
		}
	default:
		a.printInbox(items)
		for _, line := range decided {
			fmt.Fprintln(a.out, term.Plain(line))
		}
	}
	for _, rec := range alone {
		for _, line := range waitsOf(rec) {
			fmt.Fprintln(a.out, term.Plain(line))
		}
		fmt.Fprintln(a.out, "  "+a.resumeCommand(rec.ID))
	}
	if len(alone) == mostDecided {
		a.say("there may be more that only has to be gone on with: %s", a.command("runs", "--status", "queued"))
	}
	return nil
}

// mostDecided is how many runs the inbox names that wait for no decision, but for somebody
// who goes on with them.
const mostDecided = 20

// waitsOf says which decisions on a run wait to be asked.
func waitsOf(rec pawl.RunRecord) (lines []string) {
	for _, d := range rec.Decisions {
		if d.Waits {
			lines = append(lines, fmt.Sprintf("%s  %s: %s", rec.ID, d.Key, page.Waits(d)))
		}
	}
	return lines
}

// waitingItems are open blockers as this program shows them.
func (a *app) waitingItems(ctx context.Context, s *store, filter pawl.RunFilter) ([]pawl.InboxItem, error) {
	if a.quiet {
		return s.view.Waiting(ctx, filter)
	}
	items, err := s.view.Inbox(ctx, filter)
	for i := range items {
		items[i].Blocker = a.withCommand(items[i].Run, items[i].Blocker)
	}
	return items, err
}

// decidedBeside says of the runs of these items which decisions wait to be asked.
func decidedBeside(ctx context.Context, s *store, items []pawl.InboxItem) (lines []string) {
	seen := map[pawl.RunID]bool{}
	for _, i := range items {
		if seen[i.Run] {
			continue
		}
		seen[i.Run] = true
		rec, err := s.view.Run(ctx, i.Run)
		if err != nil {
			continue // that cannot be read: there is nothing to show of it
		}
		lines = append(lines, waitsOf(rec)...)
	}
	return lines
}

// printInbox prints a line for each item that fits the terminal, its question
// beneath where there is no room beside, and the command that lifts it.
func (a *app) printInbox(items []pawl.InboxItem) {
	rows := [][]string{{"RUN", "FLOW", "STEP", "KIND", "AGE", "ASKED", "QUESTION"}}
	for _, i := range items {
		rows = append(rows, []string{string(i.Run), i.Flow, string(i.Key), string(i.Kind), term.Ago(a.now().Sub(i.Since.Time)), term.Plain(i.Who), term.Plain(i.Question)})
	}
	width := a.width()
	beneath := width > 0 && width-a.roomOf(rows) < term.LeastRoom
	if beneath {
		for _, r := range rows {
			r[len(r)-1] = ""
		}
	}
	for n, line := range term.Table(rows, width) {
		fmt.Fprintln(a.out, line)
		if n == 0 {
			continue
		}
		item := items[n-1]
		if beneath {
			fmt.Fprintln(a.out, "  "+term.Hang(term.Plain(item.Question), 2, width))
		}
		if a.flow(item.Flow) == nil {
			fmt.Fprintf(a.out, "  this program has no flow %s: the one that has it decides; %s ends the run\n", term.Plain(item.Flow), a.command("cancel", string(item.Run)))
		} else if len(item.Actions) > 0 {
			fmt.Fprintln(a.out, "  "+item.Actions[0].Command)
		}
	}
}

// roomOf is what all but the last column of a table take.
func (a *app) roomOf(rows [][]string) int {
	used := 0
	for i := range len(rows[0]) - 1 {
		widest := 0
		for _, r := range rows {
			widest = max(widest, term.Cells(r[i]))
		}
		used += widest + 2
	}
	return used
}
