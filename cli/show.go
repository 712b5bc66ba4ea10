package cli

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/cli/internal/form"
	"github.com/pawlrun/pawl/internal/view"
)

func (a *app) showCommand() *cobra.Command {
	var step string
	c := &cobra.Command{
		Use:     "show RUN",
		Short:   "Show a run: where it stands, and every step and attempt",
		Long:    "Show a run: where it stands and why, every step, attempt and note, and what to do\nnext. RUN is an id, the beginning of one, or last.",
		Example: a.example("show", "last") + "\n" + a.example("show", "last", "--step", "outline") + "\n" + a.example("show", "3f2a", "--json"),
		Args:    oneRun,
		RunE: func(c *cobra.Command, args []string) error {
			if step != "" {
				return a.showStep(c.Context(), args[0], step)
			}
			return a.show(c.Context(), args[0])
		},
	}
	c.Flags().StringVar(&step, "step", "", "show the step `KEY` whole: each prompt as it was sent, and each answer")
	return c
}

func (a *app) show(ctx context.Context, name string) error {
	s, err := a.openExisting(ctx)
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
	p := &page{w: a.out, width: a.width(), ink: a.ink(a.stdout), zone: a.zone, begun: rec.CreatedAt.Time, people: peopleOf(rec, a.now())}
	a.showRun(p, rec, took(story.Times))
	p.steps(rec.Steps, story.Notes)
	fmt.Fprintln(p.w)
	for _, call := range story.Stack {
		p.fact("at", call)
	}
	a.showDecisions(p, rec.Decisions)
	a.showWayOn(p, rec)
	return nil
}

func (a *app) showRun(p *page, rec pawl.RunRecord, took string) {
	p.line("run %s %s", rec.ID, p.ink.Paint(statusStyle(rec.Status), view.Standing(rec.Status)))
	if asked := questions(rec.Blockers); rec.Status == pawl.StatusWaiting && len(asked) > 0 {
		p.asked(asked)
	} else {
		p.fact("reason", p.once("as said above", rec.Reason))
	}
	p.fact("flow", rec.Flow)
	p.fact("model", rec.Model)
	if rec.Base != nil {
		p.fact("base", string(*rec.Base))
	}
	p.fact("started", rec.CreatedAt.In(a.zone).Format(time.DateTime))
	word, long, _ := strings.Cut(took, " ")
	p.fact(word, long)
	p.fact("usage", usage(rec.Usage, a.billOf(rec.Steps)))
	p.fact("budget", budgetLine(rec.Budget))
	if a.flow(rec.Flow) == nil {
		p.fact("values", "hidden: this program does not have the flow and cannot tell which are sensitive")
	}
	p.fact("input", form.Compact(rec.Input))
	for _, g := range rec.Guidance {
		p.fact("guided", "by "+g.Who+": "+g.Text+carriedBy(g))
	}
}

// carriedBy says what became of a guidance.
func carriedBy(g pawl.Guidance) string {
	switch {
	case g.Unused:
		return " (never used)"
	case len(g.UsedBy) == 0:
		return " (not used yet)"
	}
	keys := make([]string, len(g.UsedBy))
	for i, k := range g.UsedBy {
		keys[i] = string(k)
	}
	return " (carried by " + strings.Join(keys, ", ") + ")"
}

// showWayOn says what is wrong, if that has not been said, and which command
// goes on.
func (a *app) showWayOn(p *page, rec pawl.RunRecord) {
	if e := rec.Error; e != nil {
		if !p.hasSaid(e.Message) {
			p.fact("error", strings.TrimPrefix(string(e.Step)+": "+e.Message, ": "))
		}
		p.fact("hint", e.Hint)
	}
	lifts := false
	for i, b := range rec.Blockers {
		if i > 0 {
			fmt.Fprintln(p.w)
		}
		a.showBlocker(p, rec.Flow, b)
		lifts = lifts || len(b.Actions) > 0
	}
	if lifts && rec.Status != pawl.StatusPaused {
		return
	}
	switch rec.Status {
	case pawl.StatusDone:
		p.fact("result", a.command("resume", string(rec.ID))+" prints it again")
	case pawl.StatusCanceled, pawl.StatusRunning, pawl.StatusPausing, pawl.StatusCanceling:
	default:
		p.command("go on", a.liftCommand(rec, delivery{}))
	}
}
