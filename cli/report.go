package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/cli/internal/term"
)

// delivery is what a command that executes a run does with the result.
type delivery struct {
	output  string // -o; empty: stdout
	prompts string // --prompts
	why     string // what to say of a run that is done; empty: that it is
	took    string // how long it was executed
	kept    bool   // the result is not delivered, only where it is

	breaks []pawl.Key // --break

	asked  bool            // what the run waits for was put to the person at the terminal
	said   map[string]bool // failures and questions that have had their line
	cutOff string          // what a signal left in flight; empty: nothing
}

// execute shows a run that this process has begun to execute, to its rest, and
// reports it. It closes the store.
func (a *app) execute(ctx context.Context, s *store, f *following, d delivery) error {
	sig, err := a.followAsking(ctx, f)
	if !a.json { // its error says all
		d.said, d.asked = f.lines.said, f.lines.asked
	}
	if errors.Is(err, errLeave) {
		ctx, cancel := context.WithTimeout(ctx, time.Second)
		defer cancel()
		_, cut := s.view.Ended(ctx, f.id)
		d.cutOff = cutOff(cut)
		return a.interrupted(f.id, sig, d)
	}
	stopped := errors.Join(err, s.engine.Close(ctx))
	rec, err := a.get(ctx, s, f.id)
	times, cut := s.view.Ended(ctx, f.id)
	d.took, d.cutOff = took(times), cutOff(cut)
	if err := errors.Join(err, s.release()); stopped == nil && err != nil {
		stopped = err
	}
	if stopped != nil {
		e := pawl.AsError(stopped, pawl.ErrStorage)
		if e.Kind == pawl.ErrConflict {
			return &ending{err: &pawl.Error{Kind: e.Kind, Message: fmt.Sprintf("run %s was taken by another process", f.id), Run: f.id, Err: e}, next: a.command("show", string(f.id))}
		}
		return &ending{err: &pawl.Error{Kind: e.Kind, Message: fmt.Sprintf("run %s stopped: %s", f.id, e.Message), Hint: e.Hint, Run: f.id, Err: e}, next: a.resumeCommand(f.id, d)}
	}
	return a.report(rec, sig, d)
}

// report delivers the result of a run at rest, or says why there is none. rec is
// as it may be shown.
func (a *app) report(rec pawl.RunRecord, sig os.Signal, d delivery) error {
	if a.json && !d.kept {
		if err := a.printJSON(rec); err != nil {
			return err
		}
	}
	a.sayUnused(rec)
	switch rec.Status {
	case pawl.StatusDone:
		return a.reportDone(rec, d)
	case pawl.StatusCanceled:
		return &ending{err: &pawl.Error{Kind: pawl.ErrCanceled, Run: rec.ID, Message: sentence("run %s was canceled", rec.ID, rec.Reason)}}
	case pawl.StatusFailed:
		return &ending{err: failure(rec, d.said), code: 1, next: a.resumeCommand(rec.ID, d)}
	case pawl.StatusWaiting:
		if !a.json && !a.quiet && !d.asked {
			a.sayBlockers(rec, d.said)
		}
		e := waiting(rec, d.said)
		for _, b := range rec.Blockers {
			e.Hint = cmp.Or(e.Hint, a.priceHint(b))
		}
		return &ending{err: e, next: a.liftCommand(rec, d)}
	}
	if sig != nil {
		return a.interrupted(rec.ID, sig, d)
	}
	return &ending{
		err:  &pawl.Error{Kind: pawl.ErrStopped, Run: rec.ID, Message: sentence("run %s is "+string(rec.Status), rec.ID, rec.Reason)},
		next: a.resumeCommand(rec.ID, d),
	}
}

// sayUnused tells of guidance that came too late for any ask.
func (a *app) sayUnused(rec pawl.RunRecord) {
	for _, g := range rec.Guidance {
		if g.Unused && !a.quiet && !a.json {
			fmt.Fprintf(a.err, "guidance by %s was never used: %s\n", term.Plain(g.Who), term.Plain(g.Text))
		}
	}
}

func (a *app) reportDone(rec pawl.RunRecord, d delivery) error {
	switch {
	case d.kept:
	case d.output != "":
		if err := a.writeOutput(d.output, rec); err != nil {
			return &ending{err: pawl.AsError(err, pawl.ErrStorage), next: a.resumeCommand(rec.ID, d)}
		}
	case !a.json:
		fmt.Fprint(a.out, a.text(rec))
	}
	if err := a.undelivered(); err != nil {
		return &ending{err: pawl.AsError(err, pawl.ErrStorage), next: a.resumeCommand(rec.ID, d)}
	}
	if a.quiet {
		return nil
	}
	fmt.Fprintln(a.err, a.summary(rec, d.took))
	if line := budgetLine(rec.Budget); line != "" {
		fmt.Fprintf(a.err, "budget: %s\n", line)
	}
	for _, key := range d.breaks {
		if !slices.ContainsFunc(rec.Steps, func(s pawl.StepRecord) bool { return s.Key == key }) {
			fmt.Fprintf(a.err, "--break %s: the run came to no step of that key\n", term.Quote(string(key)))
		}
	}
	if d.output != "" {
		fmt.Fprintf(a.err, "wrote %s\n", d.output)
	}
	fmt.Fprintf(a.err, "run %s %s\n", rec.ID, cmp.Or(d.why, "is done"))
	if d.kept {
		fmt.Fprintf(a.err, "its result: %s\n", a.resumeCommand(rec.ID, d))
	}
	if a.stderr.Terminal {
		fmt.Fprintf(a.err, "every step of it: %s\n", a.command("show", string(rec.ID)))
	}
	return nil
}

// summary says in a line what was made and what it took.
func (a *app) summary(rec pawl.RunRecord, took string) string {
	steps := 0
	for _, s := range rec.Steps {
		if !s.Kind.Scope() {
			steps++
		}
	}
	s := fmt.Sprintf("%s: %s, %s", rec.Flow, term.Count(int64(steps), "step"), usage(rec.Usage, a.billOf(rec.Steps)))
	if took != "" {
		s += ", " + took
	}
	return s
}

// failure is why a failed run failed; what was said is not said again.
func failure(rec pawl.RunRecord, said map[string]bool) *pawl.Error {
	e := &pawl.Error{Kind: pawl.ErrFlow, Run: rec.ID, Message: sentence("run %s failed", rec.ID, rec.Reason)}
	if rec.Error == nil {
		return e
	}
	e.Kind, e.Hint, e.Step = rec.Error.Kind, rec.Error.Hint, rec.Error.Step
	where := ""
	if e.Step != "" {
		where = " at " + string(e.Step)
	}
	e.Message = fmt.Sprintf("run %s failed%s", rec.ID, where)
	if !said[rec.Error.Message] {
		e.Message += ": " + rec.Error.Message
	}
	if more := len(rec.Blockers) - 1; more > 0 {
		e.Message += fmt.Sprintf(" (and %s more)", term.Count(int64(more), "step"))
	}
	return e
}

// waiting is what a run waits for that only a person can lift; of what was said
// only the steps are named.
func waiting(rec pawl.RunRecord, said map[string]bool) *pawl.Error {
	why := rec.Reason
	var asked []string
	for _, q := range questions(rec.Blockers) {
		if said[q.text] && len(q.steps) > 0 {
			asked = append(asked, strings.Join(q.steps, ", "))
		} else {
			asked = append(asked, q.String())
		}
	}
	if len(asked) > 0 {
		why = strings.Join(asked, "; ")
	}
	return &pawl.Error{Kind: waitingKind(rec.Blockers), Run: rec.ID, Message: sentence("run %s waits for a person", rec.ID, why)}
}

// waitingKind is the kind of the error of a run that waits for a person.
func waitingKind(blockers []pawl.Blocker) pawl.ErrorKind {
	for _, b := range blockers {
		if asksPerson(b) && b.Kind != pawl.BlockerUnknown {
			return pawl.ErrWaiting
		}
	}
	return pawl.ErrUnknown
}

// sentence says something of a run and why, if there is a reason.
func sentence(format string, id pawl.RunID, why string) string {
	s := fmt.Sprintf(format, id)
	if why != "" {
		s += ": " + why
	}
	return s
}

// interrupted is the ending of a command that a signal stopped.
func (a *app) interrupted(id pawl.RunID, sig os.Signal, d delivery) error {
	message := fmt.Sprintf("run %s is safe", id)
	if d.cutOff != "" {
		message += "; " + d.cutOff
	}
	return &ending{
		err:  &pawl.Error{Kind: pawl.ErrInterrupt, Run: id, Message: message},
		code: signalExit(sig),
		next: a.resumeCommand(id, d),
	}
}

// resumeCommand is the command that goes on with a run where this one stopped.
func (a *app) resumeCommand(id pawl.RunID, d delivery) string {
	return a.command(append([]string{"resume", string(id)}, d.words()...)...)
}
