package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/cli/internal/page"
	"github.com/pawlrun/pawl/cli/internal/term"
	"github.com/pawlrun/pawl/internal/view"
	"github.com/pawlrun/pawl/limit"
)

// limitCommand is `limit`, with what can be done with one beneath it.
func (a *app) limitCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "limit",
		Short: "Bound what all runs, or those of a flow, spend together",
		Long: "Bound what all runs of the data directory, or those of a flow, spend together: in a day,\n" +
			"a month or in all. A run whose next call does not fit waits: until the limit begins anew,\n" +
			"or somebody sets it anew, or `raise` allows that run more.",
		Example: a.example("limit", "set", "--per", "day", "--usd", "5") + "\n" + a.example("limit", "list"),
		Args:    cobra.ArbitraryArgs,
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return badInput("what of limits? set, list or remove")
			}
			return unknown("command", "limit "+args[0], []string{"limit set", "limit list", "limit remove"}, "commands are limit set, limit list and limit remove")
		},
	}
	l := limit.Limit{Per: limit.PerDay, Zone: "UTC"}
	set := &cobra.Command{
		Use:   "set",
		Short: "Set a limit, in the place of the one for the same flow and time",
		Long: "Set a limit, in the place of the one for the same flow and time: what that has counted\n" +
			"still counts. A new one counts the calls that leave from now on. What a call may take at\n" +
			"most is reserved before it leaves, by whichever process. Runs that stand at it look at it\n" +
			"once more.",
		Example: a.example("limit", "set", "--per", "day", "--usd", "5", "--tz", "Europe/Berlin") + "\n" + a.example("limit", "set", "--flow", "article", "--per", "month", "--calls", "1000"),
		Args:    noArguments,
		RunE:    func(c *cobra.Command, _ []string) error { return a.setLimit(c.Context(), l) },
	}
	limitFlags(set.Flags(), &l.Flow, &l.Per)
	set.Flags().Var((*zoneFlag)(&l.Zone), "tz", "days and months are those of the time `ZONE`, as in Europe/Berlin")
	set.Flags().Var(usdFlag{&l.Most.USD}, "usd", "the runs may cost at most `N` dollars together")
	set.Flags().Var(countFlag{&l.Most.Tokens}, "tokens", "they may take at most `N` tokens, in and out")
	set.Flags().Var(countFlag{&l.Most.Calls}, "calls", "they may make at most `N` model calls")
	list := &cobra.Command{
		Use:     "list",
		Short:   "List limits: what is spent, reserved and left, and until when",
		Example: a.example("limit", "list") + "\n" + a.example("limit", "list", "--json"),
		Args:    noArguments,
		RunE:    func(c *cobra.Command, _ []string) error { return a.listLimits(c.Context()) },
	}
	gone := limit.Name{Per: limit.PerDay}
	remove := &cobra.Command{
		Use:     "remove",
		Short:   "Remove a limit, and what it has counted",
		Example: a.example("limit", "remove", "--per", "day") + "\n" + a.example("limit", "remove", "--flow", "article", "--per", "month"),
		Args:    noArguments,
		RunE:    func(c *cobra.Command, _ []string) error { return a.removeLimit(c.Context(), gone) },
	}
	limitFlags(remove.Flags(), &gone.Flow, &gone.Per)
	c.AddCommand(set, list, remove)
	return c
}

// limitFlags are the flags that say which limit it is.
func limitFlags(flags *pflag.FlagSet, flow *string, per *limit.Period) {
	flags.SortFlags = false
	flags.StringVar(flow, "flow", "", "count the runs of this `FLOW`; empty: all runs")
	flags.Var((*periodFlag)(per), "per", "for each `PERIOD`, day or month, or total for all time")
}

// periodFlag is for how long a limit counts.
type periodFlag limit.Period

func (f *periodFlag) Type() string    { return "period" }
func (f *periodFlag) Accepts() string { return "one of " + strings.Join(periods(), ", ") }
func (f *periodFlag) String() string  { return string(*f) }

func (f *periodFlag) Set(s string) error {
	if !slices.Contains(limit.Periods(), limit.Period(s)) {
		return errors.New("wants " + f.Accepts())
	}
	*f = periodFlag(s)
	return nil
}

func periods() (names []string) {
	for _, p := range limit.Periods() {
		names = append(names, string(p))
	}
	return names
}

// zoneFlag is a time zone by its name.
type zoneFlag string

func (f *zoneFlag) Type() string    { return "zone" }
func (f *zoneFlag) Accepts() string { return "a time zone, as in Europe/Berlin, or UTC" }
func (f *zoneFlag) String() string  { return string(*f) }

func (f *zoneFlag) Set(s string) error {
	if !limit.IsZone(s) {
		return errors.New("wants " + f.Accepts())
	}
	*f = zoneFlag(s)
	return nil
}

func (a *app) setLimit(ctx context.Context, l limit.Limit) error {
	switch {
	case l.Most == (pawl.Budget{}):
		return badInput("limit what? give --usd, --tokens or --calls")
	case l.Flow != "" && a.flow(l.Flow) == nil:
		return a.unknownFlow(l.Flow)
	}
	s, err := a.open(ctx)
	if err != nil {
		return err
	}
	l.Who = a.who()
	return closing(ctx, s, a.changeLimit(s, func(k limit.Keeper) (int, error) {
		is, retried, err := limit.Set(ctx, k, s.engine, l)
		switch {
		case err != nil:
			return 0, err
		case a.json:
			return retried, a.printJSON(view.LimitOf(is))
		case !a.quiet:
			a.printLimit(a.out, view.LimitOf(is), a.width())
		}
		return retried, nil
	}))
}

func (a *app) removeLimit(ctx context.Context, n limit.Name) error {
	s, err := a.openExisting(ctx)
	if err != nil {
		return err
	}
	if s == nil {
		dir, err := a.dataDir()
		if err != nil {
			return err
		}
		return &pawl.Error{Kind: pawl.ErrNotFound, Message: fmt.Sprintf("there is no limit in %s yet", dir)}
	}
	return closing(ctx, s, a.changeLimit(s, func(k limit.Keeper) (int, error) { return limit.Remove(ctx, k, s.engine, n, a.who()) }))
}

// changeLimit changes a limit, which has the runs that stand at it try once more, and says how
// many these are.
func (a *app) changeLimit(s *store, change func(limit.Keeper) (retried int, err error)) error {
	k, err := s.limits()
	if err != nil {
		return err
	}
	retried, err := change(k)
	if err != nil {
		return err
	}
	if retried > 0 && !a.quiet && !a.json {
		a.say("%s that stood at a limit may go on; %s takes them up", term.Count(int64(retried), "run"), a.command("worker"))
	}
	return nil
}

// limits returns where the store keeps limits, if it does.
func (s *store) limits() (limit.Keeper, error) {
	k, ok := s.journal.(limit.Keeper)
	if !ok {
		return nil, unable("limit what many runs spend")
	}
	return k, nil
}

func (a *app) listLimits(ctx context.Context) error {
	s, err := a.openToRead(ctx)
	if err != nil {
		return err
	}
	all := []view.Limit{}
	if s != nil {
		if _, err = s.limits(); err == nil {
			all, err = s.view.Limits(ctx)
		}
		if err := closing(ctx, s, err); err != nil {
			return err
		}
	}
	switch {
	case a.json:
		return a.printJSON(all)
	case len(all) == 0:
		dir, err := a.dataDir()
		if err != nil {
			return err
		}
		fmt.Fprintf(a.err, "no limits in %s\n", dir)
	}
	for _, l := range all {
		if a.quiet {
			fmt.Fprintln(a.out, term.Plain(strings.TrimSpace(l.Flow+" "+l.Per)))
			continue
		}
		a.printLimit(a.out, l, a.width())
	}
	return nil
}

// printLimit prints how a limit stands, a line for each thing.
func (a *app) printLimit(w io.Writer, l view.Limit, width int) {
	line := func(name, text string) {
		fmt.Fprintf(w, "  %-8s  %s\n", name, term.Hang(term.Plain(text), 12, width))
	}
	n := limit.Name{Flow: l.Flow, Per: limit.Period(l.Per)}
	title := n.Whose() + ", " + n.Per.Each()
	fmt.Fprintln(w, term.Hang(term.Plain(title), 2, width))
	line("limit", page.Limits(l.Limit))
	line("spent", page.Limits(inBudget(l.Spent, l.Limit)))
	line("reserved", page.Limits(inBudget(l.Reserved, l.Limit)))
	left := page.Limits(l.Left)
	if l.Limit.USD != nil && l.Left.USD == nil {
		left = strings.TrimPrefix(left+", dollars not known, since a price was missing", ", ")
	}
	line("left", left)
	line("since", limit.When(l.Since, l.Zone))
	if l.Until != nil {
		line("until", limit.When(*l.Until, l.Zone))
	}
}

// inBudget is what was taken of the things that are limited.
func inBudget(s pawl.Spending, limit pawl.Budget) (b pawl.Budget) {
	if limit.USD != nil {
		b.USD = s.USD
	}
	if limit.Tokens != nil {
		b.Tokens = &s.Tokens
	}
	if limit.Calls != nil {
		b.Calls = &s.Calls
	}
	return b
}
