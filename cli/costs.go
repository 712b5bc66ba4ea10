package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/pawlrun/pawl/cli/internal/page"
	"github.com/pawlrun/pawl/cli/internal/term"
	"github.com/pawlrun/pawl/cost"
	"github.com/pawlrun/pawl/internal/view"
	"github.com/pawlrun/pawl/limit"
)

func (a *app) costsCommand() *cobra.Command {
	q := cost.Query{By: cost.ByFlow, Zone: "UTC"}
	since := ""
	c := &cobra.Command{
		Use:   "costs",
		Short: "Say what model calls have cost, by flow, model or day",
		Long: "Say what model calls have cost: by flow, by model or by day. A call counts when it has\n" +
			"ended. What a rerun or a fork takes over was paid once and counts once; runs that were\n" +
			"imported were paid elsewhere; what a run has cost stays spent when it is removed. Calls\n" +
			"whose price is not known are counted in a column of their own.",
		Example: a.example("costs") + "\n" + a.example("costs", "--by", "day", "--since", "7d", "--tz", "Europe/Berlin") + "\n" + a.example("costs", "--by", "model", "--flow", "article", "--json"),
		Args:    noArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			var s view.Selection
			if since != "" && !s.SetSince(since, a.now(), q.Location()) {
				return badInput("--since %q: wants %s", since, sinceFlag{}.Accepts())
			}
			q.Since = s.Since
			return a.costs(c.Context(), q)
		},
	}
	flags := c.Flags()
	flags.SortFlags = false
	flags.Var((*byFlag)(&q.By), "by", "a line for each `WHAT`: flow, model or day")
	flags.StringVar(&since, "since", "", "only calls that ended since `TIME`: an age as in 90m, 12h or 7d, a date, or a time as in 2026-01-31T12:00:00Z")
	flags.StringVar(&q.Flow, "flow", "", "only calls of runs of this `FLOW`")
	flags.Var((*zoneFlag)(&q.Zone), "tz", "days are those of the time `ZONE`, as in Europe/Berlin")
	return c
}

// byFlag is what sums are of.
type byFlag cost.By

func (f *byFlag) Type() string    { return "by" }
func (f *byFlag) Accepts() string { return "one of flow, model, day" }
func (f *byFlag) String() string  { return string(*f) }

func (f *byFlag) Set(s string) error {
	if !slices.Contains(cost.Ways(), cost.By(s)) {
		return errors.New("wants " + f.Accepts())
	}
	*f = byFlag(s)
	return nil
}

func (a *app) costs(ctx context.Context, q cost.Query) error {
	s, err := a.openToRead(ctx)
	if err != nil {
		return err
	}
	r := q.Report(cost.Sum{}, nil)
	var limits []view.Limit
	if s != nil {
		r, err = s.view.Costs(ctx, q)
		if err == nil && !a.json && !a.quiet {
			limits, err = s.view.Limits(ctx)
		}
		if err := closing(ctx, s, err); err != nil {
			return err
		}
	} else {
		r.Total = cost.SumOf("", 0, cost.Taken{})
	}
	switch {
	case len(r.Sums) == 0 && q.Flow != "" && a.flow(q.Flow) == nil:
		return a.unknownFlow(q.Flow)
	case a.json:
		return a.printJSON(r)
	case a.quiet:
		for _, s := range r.Sums {
			fmt.Fprintln(a.out, term.Plain(s.Name))
		}
		return nil
	case len(r.Sums) == 0:
		return a.sayNoCosts(q)
	}
	a.printCosts(r)
	a.printLimitsBeside(limits, q.Flow)
	return nil
}

func (a *app) sayNoCosts(q cost.Query) error {
	dir, err := a.runsPlace()
	if err != nil {
		return err
	}
	which := ""
	if q.Flow != "" {
		which = " of " + q.Flow
	}
	if !q.Since.IsZero() {
		which += " since then"
	}
	a.say("no model calls%s yet in %s", which, dir)
	return nil
}

// printCosts prints a table of the sums, with the total as its last line.
func (a *app) printCosts(r cost.Report) {
	if r.Since != nil {
		fmt.Fprintf(a.out, "since %s\n\n", r.Since.In(cost.Query{Zone: r.Zone}.Location()).Format("2006-01-02 15:04 MST"))
	}
	rows := [][]string{{strings.ToUpper(string(r.By)), "COST", "UNPRICED", "RUNS", "CALLS", "TOKENS IN", "CACHED", "WRITTEN", "OUT"}}
	for _, s := range append(slices.Clone(r.Sums), r.Total) {
		rows = append(rows, costRow(s))
	}
	rows[len(rows)-1][0] = "total"
	for col := range rows[0] {
		width := 0
		for _, row := range rows {
			width = max(width, term.Cells(row[col]))
		}
		for _, row := range rows {
			if col > 0 { // numbers
				row[col] = strings.Repeat(" ", width-term.Cells(row[col])) + row[col]
			}
		}
	}
	if w := r.Total.CacheWriteTokens; w == nil || *w == 0 { // as with most providers, which do not tell them apart
		withoutColumn(rows, 7)
	}
	if r.Total.UnpricedCalls == 0 {
		withoutColumn(rows, 2)
	}
	a.table(rows)
	if n := r.Total.UnpricedCalls; n > 0 {
		a.say("%s may have cost something that is not in the sums: no price is known, or nobody saw the end", term.Count(n, "call"))
	}
	if n := r.Total.UnmeteredCalls; n > 0 {
		a.say("the tokens of %s are not in the sums: nobody has counted them", term.Count(n, "call"))
	}
}

func withoutColumn(rows [][]string, col int) {
	for i := range rows {
		rows[i] = slices.Delete(rows[i], col, col+1)
	}
}

func costRow(s cost.Sum) []string {
	dollars := "unknown"
	if s.CostUSD != nil {
		dollars = page.Dollars(*s.CostUSD)
	}
	tokens := func(n *int64) string {
		if n == nil {
			return "unknown"
		}
		return term.Grouped(*n)
	}
	return []string{term.Plain(s.Name), dollars, term.Grouped(s.UnpricedCalls), term.Grouped(s.Runs), term.Grouped(s.ModelCalls), tokens(s.InputTokens), tokens(s.CachedTokens), tokens(s.CacheWriteTokens), tokens(s.OutputTokens)}
}

// printLimitsBeside says what limits leave, those of a flow if only that is asked for.
func (a *app) printLimitsBeside(limits []view.Limit, flow string) {
	for i, l := range limits {
		if i == 0 {
			fmt.Fprintln(a.out)
		}
		n := limit.Name{Flow: l.Flow, Per: limit.Period(l.Per)}
		if flow != "" && !n.Counts(flow) {
			continue
		}
		line := fmt.Sprintf("limit of %s, %s: %s of %s", n.Whose(), n.Per.Each(), page.Limits(inBudget(l.Spent, l.Limit)), page.Limits(l.Limit))
		fmt.Fprintln(a.out, term.Hang(term.Plain(line), 2, a.width()))
	}
}
