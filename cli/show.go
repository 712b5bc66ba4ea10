package cli

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/cli/internal/page"
	"github.com/pawlrun/pawl/engine/local"
	"github.com/pawlrun/pawl/internal/view"
)

func (a *app) showCommand() *cobra.Command {
	var step string
	noPager := false
	c := &cobra.Command{
		Use:     "show RUN",
		Short:   "Show a run: where it stands, and every step and attempt",
		Long:    "Show a run: where it stands and why, every step, attempt and note, and what to do\nnext. RUN is an id, the beginning of one, or last. On a terminal that has fewer rows\nit goes through $PAGER, or less.",
		Example: a.example("show", "last") + "\n" + a.example("show", "last", "--step", "outline") + "\n" + a.example("show", "3f2a", "--json"),
		Args:    oneRun,
		RunE: func(c *cobra.Command, args []string) error {
			if step != "" {
				return a.showStep(c.Context(), args[0], step, noPager)
			}
			return a.show(c.Context(), args[0], noPager)
		},
	}
	c.Flags().SortFlags = false
	c.Flags().StringVar(&step, "step", "", "show the step `KEY` whole: each prompt as it was sent, and each answer")
	noPagerFlag(c.Flags(), &noPager)
	return c
}

func (a *app) show(ctx context.Context, name string, noPager bool) error {
	s, err := a.openToRead(ctx)
	if err != nil {
		return err
	}
	var story view.Story
	run, err := a.find(ctx, s, name)
	switch {
	case err != nil:
	case a.json || a.quiet: // which need no more of its history
		story.Run, err = s.view.Run(ctx, run.ID)
	default:
		story, err = s.view.Story(ctx, run.ID)
	}
	if err := closing(ctx, s, err); err != nil {
		return err
	}
	rec := a.withCommands(story.Run)
	switch {
	case a.json:
		return a.printJSON(rec)
	case a.quiet:
		fmt.Fprintln(a.out, rec.Status)
		return nil
	}
	return a.paged(noPager, func(to io.Writer) { a.showStory(to, rec, story, s.view.Knows(rec)) })
}

// showStory prints the page of a run. rec is story.Run with its commands.
func (a *app) showStory(to io.Writer, rec pawl.RunRecord, story view.Story, known bool) {
	p := &page.Page{Out: to, Width: a.width(), Ink: a.ink(a.stdout), Zone: a.zone, Begun: rec.CreatedAt.Time, People: page.People(rec, a.now()), StandIn: a.isStandIn, Own: story.Own, Version: local.MainVersion(), Rest: a.command("show", string(rec.ID), "--json")}
	p.Run(rec, story.Times, known)
	if based := story.Based; len(based) > 0 {
		p.Based(rec.Status, based, a.command("runs", "--base", string(rec.ID)))
	}
	p.Steps(rec.Steps, story.Notes)
	fmt.Fprintln(p.Out)
	for _, call := range story.Stack {
		p.Fact("at", call)
	}
	for _, d := range rec.Decisions {
		p.Fact("decided", page.Decision(a.zone, d))
	}
	for _, n := range rec.Notices {
		p.Fact("told", page.Notice(a.zone, n))
	}
	a.showWayOn(p, rec)
}

// showWayOn says what is wrong, if that has not been said, and which command
// goes on.
func (a *app) showWayOn(p *page.Page, rec pawl.RunRecord) {
	p.Problem(rec.Error)
	lifts := false
	for i, b := range rec.Blockers {
		if i > 0 {
			fmt.Fprintln(p.Out)
		}
		p.Blocker(a.flow(rec.Flow), b, a.budgetHint(b))
		lifts = lifts || len(b.Actions) > 0
	}
	if lifts && rec.Status != pawl.StatusPaused || rec.Status == pawl.StatusFailed && rec.Ended() {
		return
	}
	switch rec.Status {
	case pawl.StatusDone:
		p.Command("result", a.command("result", string(rec.ID)))
	case pawl.StatusCanceled, pawl.StatusRunning, pawl.StatusPausing, pawl.StatusCanceling:
	default:
		p.Command("go on", a.liftCommand(rec))
	}
}
