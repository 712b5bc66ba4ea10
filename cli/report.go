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

	"github.com/spf13/pflag"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/cli/internal/form"
	"github.com/pawlrun/pawl/cli/internal/page"
	"github.com/pawlrun/pawl/cli/internal/term"
)

// delivery is what a command that executes a run does with the result.
type delivery struct {
	output string // -o; empty: stdout
	why    string // what to say of a run that is done; empty: that it is
	took   string // how long it was executed
	madeUp bool   // a stand-in has answered that nobody asked for by name
	kept   bool   // the result is not delivered, only where it is
	wanted bool   // a result that is approved: --require-approval

	breaks []pawl.Key // --break

	asked  bool      // what the run waits for was put to the person at the terminal
	said   page.Said // failures and questions that have had their line
	cutOff string    // what a signal left in flight; empty: nothing
}

// execute shows a run that this process has begun to execute, to its rest, and
// reports it. It closes the store.
func (a *app) execute(ctx context.Context, s *store, f *following, d delivery) error {
	sig, err := a.followAsking(ctx, f)
	if !a.json { // its error says all
		d.said, d.asked = f.lines.Said, f.asked
	}
	if errors.Is(err, errLeave) {
		ctx, cancel := context.WithTimeout(ctx, time.Second)
		defer cancel()
		_, cut := s.view.Ended(ctx, f.id)
		d.cutOff = page.CutOff(cut)
		return a.interrupted(f.id, pawl.StatusRunning, sig, d)
	}
	f.state.close()
	stopped := errors.Join(err, s.engine.Close(ctx))
	rec, err := a.get(ctx, s, f.id)
	times, cut := s.view.Ended(ctx, f.id)
	d.took, d.cutOff = page.Took(times), page.CutOff(cut)
	if err := errors.Join(err, s.release()); stopped == nil && err != nil {
		stopped = err
	}
	if stopped != nil {
		e := pawl.AsError(stopped, pawl.ErrStorage)
		if e.Kind == pawl.ErrConflict {
			return &ending{bare: true, err: &pawl.Error{Kind: e.Kind, Message: fmt.Sprintf("run %s was taken by another process", f.id), Run: f.id, Err: e}, next: a.command("show", string(f.id))}
		}
		return &ending{bare: true, err: &pawl.Error{Kind: e.Kind, Message: fmt.Sprintf("run %s stopped: %s", f.id, e.Message), Hint: e.Hint, Run: f.id, Err: e}, next: a.resumeCommand(f.id)}
	}
	a.leaveState(rec)
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
		return &ending{bare: true, err: &pawl.Error{Kind: pawl.ErrCanceled, Run: rec.ID, Message: page.Sentence("run %s was canceled", rec.ID, rec.Reason)}}
	case pawl.StatusFailed:
		failure := page.Failure(rec, d.said)
		failure.Hint = a.slowHint(rec, failure.Hint)
		e := &ending{bare: true, err: failure, code: 1}
		if !rec.Ended() {
			e.next = a.failedCommand(rec)
		}
		return e
	case pawl.StatusWaiting:
		if !a.json && !a.quiet && !d.asked {
			a.sayBlockers(rec, d.said)
		}
		e := page.Waiting(rec, d.said)
		for _, b := range rec.Blockers {
			e.Hint = cmp.Or(e.Hint, a.budgetHint(b))
		}
		return &ending{bare: true, err: e, next: a.liftCommand(rec)}
	}
	if sig != nil {
		return a.interrupted(rec.ID, rec.Status, sig, d)
	}
	return &ending{
		bare: true,
		err:  &pawl.Error{Kind: pawl.ErrStopped, Run: rec.ID, Message: page.Sentence("run %s is "+string(rec.Status), rec.ID, rec.Reason)},
		next: a.goOnCommand(rec),
	}
}

// sayBlockers says on stderr what a run waits for that has more to show than its
// question. rec is as it may be shown.
func (a *app) sayBlockers(rec pawl.RunRecord, said page.Said) {
	for _, b := range rec.Blockers {
		if b.Kind == pawl.BlockerApproval || b.Kind == pawl.BlockerInput || !form.IsNone(b.Proposal) {
			a.asking().Ask(a.flow(rec.Flow), b, said.Has(b), a.command("show", string(rec.ID)))
		}
	}
}

// asking is the page on which a person at the terminal is asked.
func (a *app) asking() *page.Page {
	return &page.Page{Out: a.err, Width: max(0, a.stderr.Columns()-1), Ink: a.ink(a.stderr), Zone: a.zone}
}

// sayUnused tells of guidance that came too late for any ask.
func (a *app) sayUnused(rec pawl.RunRecord) {
	for _, g := range rec.Guidance {
		if g.Unused && !a.quiet && !a.json {
			a.say("guidance by %s was never used: %s", term.Plain(g.Who), term.Plain(g.Text))
		}
	}
}

func (a *app) reportDone(rec pawl.RunRecord, d delivery) error {
	wrote := ""
	switch {
	case d.kept:
	case d.output != "":
		var err error
		if wrote, err = a.writeOutput(d.output, rec); err != nil {
			return &ending{bare: true, err: pawl.AsError(err, pawl.ErrStorage), next: a.command("result", string(rec.ID))}
		}
	case !a.json:
		a.printResult(rec)
	}
	if err := a.undelivered(); err != nil {
		return &ending{err: pawl.AsError(err, pawl.ErrStorage), next: a.command("result", string(rec.ID))}
	}
	if d.madeUp {
		defer a.warnStandIn(rec.Model, false)
	}
	if a.quiet {
		return a.approved(rec, d)
	}
	a.say("%s", page.Summary(rec, d.took, a.isStandIn))
	if line := page.Budget(rec.Budget); line != "" {
		a.say("budget: %s", line)
	}
	for _, key := range d.breaks {
		if !slices.ContainsFunc(rec.Steps, func(s pawl.StepRecord) bool { return s.Key == key }) {
			a.say("--break %s: the run came to no step of that key", term.Quote(string(key)))
		}
	}
	if wrote != "" {
		a.say("%s", wrote)
	}
	if err := a.approved(rec, d); err != nil {
		return err // its message says how the run stands
	}
	a.say("%s", standsDone(rec, d))
	if d.kept {
		a.say("its result: %s", a.command("result", string(rec.ID)))
	}
	if a.stderr.Terminal {
		a.say("every step of it: %s", a.command("show", string(rec.ID)))
	}
	return nil
}

// standsDone says that a run is done, and if its result is not approved why.
func standsDone(rec pawl.RunRecord, d delivery) string {
	return strings.TrimSuffix(fmt.Sprintf("run %s %s, %s", rec.ID, cmp.Or(d.why, "is done"), rec.Reason), ", ")
}

// approvalFlag is the flag that has a result count only if it is approved.
func approvalFlag(flags *pflag.FlagSet, to *bool) {
	flags.BoolVar(to, "require-approval", false, "exit with 1 if the flow says of its result that it is not approved")
}

// approved is why the result of a run that is done does not count, if an approved one is
// wanted.
func (a *app) approved(rec pawl.RunRecord, d delivery) error {
	if !d.wanted || rec.Reason == "" {
		return nil
	}
	return &ending{bare: true, err: &pawl.Error{Kind: pawl.ErrGate, Run: rec.ID, Message: standsDone(rec, d), Hint: "an approved result was wanted"}}
}

// interrupted is the ending of a command that a signal stopped.
func (a *app) interrupted(id pawl.RunID, s pawl.Status, sig os.Signal, d delivery) error {
	message := fmt.Sprintf("run %s is safe", id)
	if s == pawl.StatusQueued {
		message += " and queued for a worker"
	}
	if d.cutOff != "" {
		message += "; " + d.cutOff
	}
	return &ending{
		bare: true,
		err:  &pawl.Error{Kind: pawl.ErrInterrupt, Run: id, Message: message},
		code: signalExit(sig),
		next: a.resumeCommand(id),
	}
}

// resumeCommand is the command that goes on with a run where this one stopped.
func (a *app) resumeCommand(id pawl.RunID) string { return a.command("resume", string(id)) }
