package cli

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/pawlrun/pawl/cli/internal/term"
	"github.com/pawlrun/pawl/schedule"
)

func (a *app) scheduleListCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List schedules: when they run next, and how the last run stands",
		Long: "List schedules: when they run next, how the last run stands, what was passed over, and\n" +
			"what stands against a run. With --json each has its input and policies.",
		Example: a.example("schedule", "list") + "\n" + a.example("schedule", "list", "--json"),
		Args:    noArguments,
		RunE:    func(c *cobra.Command, _ []string) error { return a.listSchedules(c.Context()) },
	}
}

func (a *app) listSchedules(ctx context.Context) error {
	s, err := a.openToRead(ctx)
	if err != nil {
		return err
	}
	all := []schedule.Record{}
	if s != nil {
		if _, err = s.keeper(); err == nil {
			all, err = s.view.Schedules(ctx, a.ownProgram(), a.now())
		}
		if err := closing(ctx, s, err); err != nil {
			return err
		}
	}
	switch {
	case a.json:
		return a.printJSON(all)
	case a.quiet:
		for _, is := range all {
			fmt.Fprintln(a.out, term.Plain(is.Name))
		}
		return nil
	case len(all) == 0:
		dir, err := a.dataDir()
		if err != nil {
			return err
		}
		a.say("no schedules yet in %s", dir)
		return nil
	}
	for _, is := range all {
		state := ""
		if is.Paused {
			state = "  " + a.ink(a.stdout).Paint(term.Bold, "paused")
		}
		fmt.Fprintln(a.out, term.Hang(term.Plain(fmt.Sprintf("%s  %s  %s  %s", is.Name, is.Flow, is.Cron, is.Zone)), 2, a.width())+state)
		a.printStanding(a.out, is, a.width())
	}
	return nil
}

// printStanding prints how a schedule stands, a line for each thing.
func (a *app) printStanding(w io.Writer, is schedule.Record, width int) {
	line := func(name, text string) {
		fmt.Fprintln(w, "  "+name+"  "+term.Hang(term.Plain(text), len(name)+4, width))
	}
	switch {
	case is.Next != nil:
		line("next", fmt.Sprintf("%s, in %s", whenIn(is.Next.Time, is.Zone), term.Ago(is.Next.Sub(a.now()))))
	case is.Paused:
		line("next", "none while it is paused: "+a.command("schedule", "resume", is.Name))
	default:
		line("next", "none: it makes no run as it is")
	}
	if last := is.Last; last != nil {
		line("last", lastRun(is))
	}
	if n := len(is.Waiting); n > 0 && is.Overlap == schedule.OverlapQueue {
		line("queue", fmt.Sprintf("%s waiting for the last run to be over", term.Count(int64(n), "time")))
	}
	if k := is.Skipped; k != nil {
		why := "missed"
		if k.Why == schedule.SkipOverlap {
			why = "since the last run was under way"
		}
		line("skipped", fmt.Sprintf("%s, the latest %s: %s", term.Count(k.Count, "time"), whenIn(k.At.Time, is.Zone), why))
	}
	if is.Problem != "" {
		line("problem", is.Problem)
	}
	if !is.Attended {
		nobody := fmt.Sprintf("nobody works on this data directory: %s or %s does", a.command("worker"), a.command("serve"))
		if is.Due != nil {
			nobody = fmt.Sprintf("%s has come, and %s", whenIn(is.Due.Time, is.Zone), nobody)
		}
		line("worker", nobody)
	}
}

// lastRun says how the last run of a schedule stands.
func lastRun(is schedule.Record) string {
	last := is.Last
	text := fmt.Sprintf("%s of %s", last.Run, whenIn(last.At.Time, is.Zone))
	if last.Now {
		text += ", by hand"
	}
	if last.Status == "" {
		return text + ": it was removed"
	}
	return strings.TrimSuffix(fmt.Sprintf("%s: %s; %s", text, last.Status, last.Reason), "; ")
}
