package cli

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/cli/internal/form"
	"github.com/pawlrun/pawl/schedule"
)

// scheduling is a new schedule as the command line says it.
type scheduling struct {
	schedule.Schedule
	whole
	budget pawl.Budget
}

func (o *scheduling) flags(flags *pflag.FlagSet, models string) {
	flags.StringVar(&o.Cron, "cron", "", "run at the times of the `EXPRESSION`: minute, hour, day of the month, month, day of the week, as in \"0 7 * * 1\"")
	flags.StringVar(&o.Zone, "tz", "UTC", "they are of the time `ZONE`, as in Europe/Berlin")
	flags.StringVar(&o.Name, "name", "", "call the schedule `NAME` instead of as its flow")
	flags.Var((*missedFlag)(&o.Missed), "missed", "of times that were missed make up for `WHICH`: latest, none or all; default latest")
	flags.IntVar(&o.MissedLimit, "missed-limit", 10, "with --missed all make up for at most the latest `N`")
	flags.Var((*overlapFlag)(&o.Overlap), "overlap", "while the last run is under way, `WHAT` becomes of a time: skip, queue or allow; default skip, with --missed all queue")
	o.whole.flags(flags)
	flags.StringVar(&o.Model, "model", "", "ask `MODEL`, as in "+models+", in every step")
	fallbackFlag(flags, &o.Fallback)
	budgetFlags(flags, &o.budget)
}

// scheduleAddCommand is `schedule add`, with a command for each flow beneath it.
func (a *app) scheduleAddCommand() *cobra.Command {
	c := a.forEachFlow("schedule", &cobra.Command{
		Use:   "add FLOW",
		Short: "Have a flow run at the times of a cron expression",
		Long: "Have a flow run at the times of a cron expression. Its input is checked now and kept;\n" +
			"`schedule add FLOW --help` lists its fields, which are flags.\n\n" +
			"A time that the clock skips when it is set forward comes at that moment, and one that\n" +
			"it shows twice comes once; with hours of *, as they pass. A run that is more than a\n" +
			"minute late was missed.",
	}, a.scheduleFlowCommand)
	if len(a.flows) > 0 {
		c.Example = a.scheduleExamples(a.flows[0])
	}
	return c
}

func (a *app) scheduleExamples(f pawl.Flow) string {
	return a.example("schedule", "add", f.Name(), "--example", "--cron", "0 7 * * 1", "--tz", "Europe/Berlin") + "\n" +
		a.example("schedule", "add", f.Name(), "--example", "--cron", "@daily", "--budget-usd", "0.50", "--name", "daily")
}

// scheduleFlowCommand is `schedule add` for one flow.
func (a *app) scheduleFlowCommand(f pawl.Flow) *cobra.Command {
	info := f.Describe()
	c := &cobra.Command{
		Use:     f.Name(),
		Short:   info.Purpose,
		Long:    "Have " + f.Name() + " run at the times of a cron expression. " + info.Purpose,
		Example: a.scheduleExamples(f),
	}
	var o scheduling
	models := oneOf(a.knownModels())
	fields := a.takeInput(c, f, func(flags *pflag.FlagSet) { o.flags(flags, models) })
	c.RunE = func(c *cobra.Command, _ []string) error { return a.addSchedule(c, f, fields, o) }
	return c
}

// addSchedule checks all that was given before it makes anything.
func (a *app) addSchedule(c *cobra.Command, f pawl.Flow, fields []*form.Field, o scheduling) error {
	ctx := c.Context()
	s := o.Schedule
	if s.Cron == "" {
		return badInput("--cron is missing; wants minute, hour, day of the month, month and day of the week, as in --cron %q", "0 7 * * 1")
	}
	if c.Flags().Changed("missed-limit") && s.Missed != schedule.MissedAll {
		return badInput("--missed-limit is for --missed all")
	}
	s.Flow, s.Program, s.Who = f.Name(), a.ownProgram(), a.who()
	s.Budget, s.CreatedAt = given(o.budget), pawl.At(a.now())
	s.Until = s.CreatedAt
	s = s.WithDefaults()
	if err := s.Check(); err != nil {
		return err
	}
	if err := a.checkDetached(runOptions{model: s.Model, others: s.Fallback}); err != nil {
		return err
	}
	var err error
	if s.Input, err = a.assemble(f, fields, o.whole); err != nil {
		return err
	}
	st, err := a.open(ctx)
	if err != nil {
		return err
	}
	k, err := st.keeper()
	if err == nil {
		err = k.AddSchedule(ctx, s)
	}
	if errors.Is(err, pawl.ErrConflict) {
		err = &pawl.Error{Kind: pawl.ErrConflict, Message: fmt.Sprintf("schedule %q exists already", s.Name), Hint: "give this one another name with --name, or remove that one first: " + a.command("schedule", "remove", s.Name)}
	}
	if err == nil {
		err = a.showSchedule(ctx, st, s.Name)
	}
	return closing(ctx, st, err)
}

// missedFlag is the value of --missed.
type missedFlag schedule.Missed

func (*missedFlag) all() []string {
	return []string{string(schedule.MissedLatest), string(schedule.MissedNone), string(schedule.MissedAll)}
}

func (f *missedFlag) String() string     { return string(*f) }
func (f *missedFlag) Type() string       { return "missed" }
func (f *missedFlag) Accepts() string    { return "one of " + strings.Join(f.all(), ", ") }
func (f *missedFlag) Set(s string) error { return choose(f, s, f.all()) }

// overlapFlag is the value of --overlap.
type overlapFlag schedule.Overlap

func (*overlapFlag) all() []string {
	return []string{string(schedule.OverlapSkip), string(schedule.OverlapQueue), string(schedule.OverlapAllow)}
}

func (f *overlapFlag) String() string     { return string(*f) }
func (f *overlapFlag) Type() string       { return "overlap" }
func (f *overlapFlag) Accepts() string    { return "one of " + strings.Join(f.all(), ", ") }
func (f *overlapFlag) Set(s string) error { return choose(f, s, f.all()) }

// choose sets a value that is one of few.
func choose[T ~string](to *T, value string, all []string) error {
	if !slices.Contains(all, value) {
		return errors.New("wants one of " + strings.Join(all, ", "))
	}
	*to = T(value)
	return nil
}
