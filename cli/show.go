package cli

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"github.com/pawlrun/pawl"
)

func (a *app) showCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "show RUN",
		Short:   "Show a run: where it stands, and every step and attempt",
		Long:    "Show a run: where it stands and why, every step and every attempt, and what to do next.\nRUN is an id, the beginning of one, or last.",
		Example: a.example("show", "last") + "\n" + a.example("show", "3f2a", "--json"),
		Args:    oneRun,
		RunE:    func(c *cobra.Command, args []string) error { return a.show(c.Context(), args[0]) },
	}
}

func (a *app) show(ctx context.Context, name string) error {
	s, err := a.openExisting(ctx)
	if err != nil {
		return err
	}
	var rec pawl.RunRecord
	run, err := a.find(ctx, s, name)
	if err == nil {
		rec, err = s.engine.Get(ctx, run.ID)
	}
	if err := closing(ctx, s, err); err != nil {
		return err
	}
	rec = a.mask(rec.Flow).Record(rec)
	switch {
	case a.json:
		return a.printJSON(rec)
	case a.quiet:
		fmt.Fprintln(a.out, rec.Status)
		return nil
	}
	p := &page{w: a.out, width: a.width()}
	a.showRun(p, rec)
	p.steps(rec.Steps)
	a.showWayOn(p, rec)
	return nil
}

// page is a report being printed.
type page struct {
	w     io.Writer
	width int // 0: as wide as it takes
}

// line prints a line, cut to the width.
func (p *page) line(format string, args ...any) {
	s := trimRight(strings.ReplaceAll(fmt.Sprintf(format, args...), "\n", " "))
	if p.width > 0 {
		s = cut(s, p.width)
	}
	fmt.Fprintln(p.w, s)
}

// fact prints a name and what goes with it, whole: it may be what one came for.
func (p *page) fact(name, value string) {
	if value != "" {
		fmt.Fprintf(p.w, "%-8s %s\n", name, plain(value))
	}
}

func (a *app) showRun(p *page, rec pawl.RunRecord) {
	p.line("run %s %s", rec.ID, standing(rec.Status))
	p.fact("reason", rec.Reason)
	p.fact("flow", rec.Flow)
	p.fact("model", rec.Model)
	if rec.Base != nil {
		p.fact("base", string(*rec.Base))
	}
	p.fact("started", rec.CreatedAt.In(a.zone).Format(time.DateTime))
	p.fact("took", brief(rec.UpdatedAt.Sub(rec.CreatedAt.Time))+" to the last event")
	p.fact("usage", usage(rec.Usage))
	if a.flow(rec.Flow) == nil {
		p.fact("values", "hidden: this program does not have the flow and cannot tell which are sensitive")
	}
	p.fact("input", compact(rec.Input))
}

// standing says where a run stands, as the end of a sentence.
func standing(s pawl.Status) string {
	switch s {
	case pawl.StatusFailed:
		return "failed"
	case pawl.StatusCanceled:
		return "was canceled"
	}
	return "is " + string(s)
}

// steps prints a line for each step and each attempt that was not simply good.
func (p *page) steps(steps []pawl.StepRecord) {
	if len(steps) == 0 {
		return
	}
	fmt.Fprintln(p.w)
	var rows [][]string
	for _, s := range steps {
		rows = append(rows, []string{string(s.Key), string(s.Kind), string(s.Boundary), string(s.Status), stepTook(s), s.Purpose + remarks(s)})
	}
	columns := make([]int, 6)
	for _, r := range rows {
		for i, cell := range r {
			columns[i] = max(columns[i], utf8.RuneCountInString(cell))
		}
	}
	for i, r := range rows {
		line := ""
		for j, cell := range r {
			line += fmt.Sprintf("%-*s  ", columns[j], plain(cell))
		}
		p.line("%s", line)
		p.attempts(steps[i])
	}
}

// stepTook says how long a step took, and its tokens.
func stepTook(s pawl.StepRecord) string {
	took := ""
	if s.StartedAt != nil && s.EndedAt != nil {
		took = brief(s.EndedAt.Sub(s.StartedAt.Time))
	}
	var in, out int64
	known := false
	for _, at := range s.Attempts {
		if at.Usage != nil && at.Usage.InputTokens != nil && at.Usage.OutputTokens != nil {
			in, out, known = in+*at.Usage.InputTokens, out+*at.Usage.OutputTokens, true
		}
	}
	if known {
		took += fmt.Sprintf(" %s+%s tokens", grouped(in), grouped(out))
	}
	return strings.TrimSpace(took)
}

func remarks(s pawl.StepRecord) string {
	r := ""
	if s.ReusedFrom != nil {
		r += " [from " + *s.ReusedFrom + "]"
	}
	if s.Stale {
		r += " [stale: its request has changed since]"
	}
	if s.Unused {
		r += " [unused]"
	}
	return r
}

// attempts prints a step's attempts, unless the first was accepted.
func (p *page) attempts(s pawl.StepRecord) {
	if len(s.Attempts) == 1 && s.Attempts[0].Outcome == pawl.OutcomeAccepted {
		return
	}
	for _, at := range s.Attempts {
		took := ""
		if at.EndedAt != nil {
			took = ", " + brief(at.EndedAt.Sub(at.StartedAt.Time))
		}
		p.line("  attempt %d %s%s%s", at.Number, at.Outcome, took, why(at))
	}
}

// why says what was wrong with an attempt.
func why(at pawl.Attempt) string {
	var s []string
	for _, g := range at.Gates {
		if !g.OK {
			s = append(s, g.Name+": "+g.Detail)
		}
	}
	if at.Error != nil {
		s = append(s, at.Error.Message)
	}
	if at.Outcome == pawl.OutcomeUnknown {
		s = append(s, "a crash hid how it ended; it may have been billed")
	}
	if len(s) == 0 {
		return ""
	}
	return ": " + plain(strings.Join(s, "; "))
}

// showWayOn says what is wrong and which command goes on.
func (a *app) showWayOn(p *page, rec pawl.RunRecord) {
	fmt.Fprintln(p.w)
	if e := rec.Error; e != nil {
		where := ""
		if e.Step != "" {
			where = " at " + string(e.Step)
		}
		message := strings.TrimPrefix(e.Message, string(e.Kind)+": ") // wire errors begin with it
		p.fact("error", fmt.Sprintf("%s%s: %s", e.Kind, where, message))
		p.fact("hint", e.Hint)
	}
	for _, b := range rec.Blockers {
		if b.Kind != pawl.BlockerFailure {
			p.fact("asked", strings.TrimPrefix(string(b.Key)+": "+b.Question, ": "))
		}
	}
	switch rec.Status {
	case pawl.StatusDone:
		p.fact("result", a.command("resume", string(rec.ID))+" prints it again")
	case pawl.StatusCanceled, pawl.StatusRunning, pawl.StatusPausing, pawl.StatusCanceling:
	default:
		p.fact("go on", a.command("resume", string(rec.ID)))
	}
}
