package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/cli/internal/term"
	"github.com/pawlrun/pawl/engine/local"
	"github.com/pawlrun/pawl/internal/scheduler"
	"github.com/pawlrun/pawl/schedule"
)

// scheduleCommand is `schedule`, with what can be done with one beneath it.
func (a *app) scheduleCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "schedule",
		Short: "Have flows run by themselves at certain times",
		Long: "Have flows run by themselves at the times of a cron expression. Their runs are made\n" +
			"by whoever works on the data directory, `worker` or `serve`: each once, however many\n" +
			"there are.",
		Example: strings.Join([]string{a.example("schedule", "list"), a.example("schedule", "pause", "daily"), a.example("runs", "--schedule", "daily")}, "\n"),
	}
	return above(c, "schedules", a.scheduleAddCommand(), a.scheduleListCommand(),
		a.scheduleChangeCommand("pause", "Make no run of a schedule until it is resumed",
			"Make no run of a schedule until it is resumed. What comes meanwhile is not missed, and\nnever made up for. Runs that are there go on.",
			func(s schedule.Schedule, _ pawl.Time) schedule.Schedule { return s.Pause() }),
		a.scheduleChangeCommand("resume", "Go on with a schedule that is paused",
			"Go on with a schedule that is paused, from now on.", schedule.Schedule.Resume),
		a.scheduleRemoveCommand(), a.scheduleRunNowCommand())
}

// scheduleChangeCommand is a command that changes a schedule.
func (a *app) scheduleChangeCommand(name, short, long string, change func(schedule.Schedule, pawl.Time) schedule.Schedule) *cobra.Command {
	return a.oneScheduleCommand(name, short, long, func(ctx context.Context, s *store, k schedule.Keeper, is schedule.Schedule) error {
		_, err := scheduler.Change(ctx, k, is.Name, func(now schedule.Schedule) (schedule.Schedule, bool) {
			return change(now, pawl.At(a.now())), now.Paused != (name == "pause")
		})
		if err != nil {
			return err
		}
		return a.showSchedule(ctx, s, is.Name)
	})
}

func (a *app) scheduleRemoveCommand() *cobra.Command {
	return a.oneScheduleCommand("remove", "Remove a schedule; its runs stay",
		"Remove a schedule, and make no run of it any more. The runs that it has made stay, and\ngo on.",
		func(ctx context.Context, s *store, k schedule.Keeper, is schedule.Schedule) error {
			shown, err := a.shownSchedule(ctx, s, is.Name)
			if err == nil {
				err = k.RemoveSchedule(ctx, is.Name)
			}
			if err != nil {
				return err
			}
			if a.json {
				return a.printJSON(shown)
			}
			fmt.Fprintln(a.out, term.Plain(is.Name))
			return nil
		})
}

func (a *app) scheduleRunNowCommand() *cobra.Command {
	return a.oneScheduleCommand("run-now", "Make a run of a schedule at once",
		"Make a run of a schedule at once, whatever its times and policies say and also while it\nis paused. It is queued for a worker, and counts as the schedule's last run.",
		func(ctx context.Context, s *store, k schedule.Keeper, is schedule.Schedule) error {
			f := is.FlowOf(a.ownProgram(), a.flows)
			if f == nil {
				shown, err := a.shownSchedule(ctx, s, is.Name)
				if err != nil {
					return err
				}
				return badInput("schedule %q: %s", is.Name, shown.Problem)
			}
			id, err := scheduler.RunNow(ctx, s.engine, k, f, is, "", pawl.At(a.now()), a.who())
			if id == "" {
				return s.view.InputError(is.Flow, is.Input, err)
			}
			if err != nil { // the run is there all the same
				a.say("that run %s is the last one of schedule %s is not kept: %v", id, is.Name, err)
			}
			q, err := a.queuedRun(ctx, s, id)
			if err != nil {
				return err
			}
			return a.sayQueued(q, is.Model != "")
		})
}

// oneScheduleCommand is a command that does something with the schedule that is named.
func (a *app) oneScheduleCommand(name, short, long string, do func(context.Context, *store, schedule.Keeper, schedule.Schedule) error) *cobra.Command {
	return &cobra.Command{
		Use:     name + " NAME",
		Short:   short,
		Long:    long,
		Example: a.example("schedule", name, "daily"),
		Args: func(c *cobra.Command, args []string) error {
			switch {
			case len(args) == 0:
				return badInput("which schedule? give its name, as in %s", a.command("schedule", name, "daily"))
			case len(args) > 1:
				return badInput("unexpected argument %q", args[1])
			}
			return nil
		},
		ValidArgsFunction: a.completeSchedule,
		RunE: func(c *cobra.Command, args []string) error {
			ctx := c.Context()
			s, err := a.openExisting(ctx)
			if err != nil {
				return err
			}
			if s == nil {
				return a.noSchedule(args[0], nil)
			}
			k, err := s.keeper()
			var is schedule.Schedule
			if err == nil {
				is, err = scheduler.Find(ctx, k, args[0])
			}
			if errors.Is(err, pawl.ErrNotFound) {
				all, _ := k.Schedules(ctx)
				err = a.noSchedule(args[0], all)
			}
			if err == nil {
				err = do(ctx, s, k, is)
			}
			return closing(ctx, s, err)
		},
	}
}

// noSchedule says that there is no schedule of that name, and which there are.
func (a *app) noSchedule(name string, all []schedule.Schedule) error {
	dir, err := a.dataDir()
	if err != nil {
		return err
	}
	which := "there is none yet"
	if len(all) > 0 {
		names := make([]string, len(all))
		for i, s := range all {
			names[i] = s.Name
		}
		which = "schedules are " + strings.Join(names, ", ")
	}
	return &pawl.Error{Kind: pawl.ErrNotFound, Message: fmt.Sprintf("no schedule %q in %s; %s", name, dir, which)}
}

// keeper returns where the store keeps schedules, if it does.
func (s *store) keeper() (schedule.Keeper, error) {
	k, ok := s.journal.(schedule.Keeper)
	if !ok {
		return nil, unable("keep schedules")
	}
	return k, nil
}

// shownSchedule is a schedule as it may be shown.
func (a *app) shownSchedule(ctx context.Context, s *store, name string) (schedule.Record, error) {
	all, err := s.view.Schedules(ctx, a.ownProgram(), a.now())
	for _, shown := range all {
		if shown.Name == name {
			return shown, nil
		}
	}
	if err == nil {
		err = &pawl.Error{Kind: pawl.ErrNotFound, Message: fmt.Sprintf("no schedule %q", name)}
	}
	return schedule.Record{}, err
}

// showSchedule prints a schedule after it was changed: its name, and how it stands.
func (a *app) showSchedule(ctx context.Context, s *store, name string) error {
	shown, err := a.shownSchedule(ctx, s, name)
	switch {
	case err != nil:
		return err
	case a.json:
		return a.printJSON(shown)
	}
	fmt.Fprintln(a.out, term.Plain(name))
	if !a.quiet {
		a.printStanding(a.err, shown, a.stderr.Columns())
	}
	return nil
}

// fireSchedules has the runs of schedules made until ctx ends, beside whoever works with
// these options, and returns what ends that. Who only drains the queue makes none, and a
// store that keeps no schedules has none.
func (a *app) fireSchedules(ctx context.Context, s *store, o local.WorkOptions) (stop func()) {
	k, err := s.keeper()
	if err != nil || o.Drain {
		return func() {}
	}
	firing := scheduler.New(scheduler.Options{
		Engine: s.engine, Keeper: k, Flows: a.flows, Program: a.ownProgram(), Logger: a.serviceLogger(),
		Made: func(is schedule.Schedule, at pawl.Time, run pawl.RunID) {
			a.sayWorker("schedule %s makes run %s for %s", term.Plain(is.Name), run, whenIn(at.Time, is.Zone))
		},
	})
	firing.Start(ctx)
	return firing.Stop
}

// whenIn is a time as people of a zone write it.
func whenIn(at time.Time, zone string) string {
	loc, err := time.LoadLocation(zone)
	if err != nil {
		loc = time.UTC
	}
	return at.In(loc).Format("Mon 2006-01-02 15:04 MST")
}

// completeSchedule completes the name of a schedule. In whatever error it is silent.
func (a *app) completeSchedule(c *cobra.Command, args []string, begun string) ([]cobra.Completion, cobra.ShellCompDirective) {
	const directive = cobra.ShellCompDirectiveNoFileComp
	ctx, cancel := context.WithTimeout(c.Context(), completeTimeout)
	defer cancel()
	s, err := a.openToRead(ctx)
	if err != nil || s == nil || len(args) > 0 && c.Parent() != nil && c.Parent().Name() == "schedule" {
		return nil, directive
	}
	all, err := s.view.Schedules(ctx, a.ownProgram(), a.now())
	if closing(ctx, s, err) != nil {
		return nil, directive
	}
	var list []cobra.Completion
	for _, is := range all {
		if strings.HasPrefix(is.Name, begun) {
			list = append(list, cobra.CompletionWithDesc(term.Plain(is.Name), term.Plain(is.Flow+", "+is.Cron)))
		}
	}
	return list, directive
}
