package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/pawlrun/pawl"
)

// delivery is what a command that executes a run does with the result.
type delivery struct {
	output string // -o; empty: stdout
	why    string // what to say of a run that is done; empty: that it is
}

// execute shows a run that this process has begun to execute, to its rest, and
// reports it. It closes the store.
func (a *app) execute(ctx context.Context, s *store, f *following, d delivery) error {
	sig, err := f.follow(ctx)
	if errors.Is(err, errLeave) {
		return a.interrupted(f.id, sig, d)
	}
	stopped := errors.Join(err, s.engine.Close(ctx))
	rec, err := s.engine.Get(ctx, f.id)
	if err := errors.Join(err, s.db.Close()); stopped == nil && err != nil {
		stopped = err
	}
	if stopped != nil {
		e := pawl.AsError(stopped, pawl.ErrStorage)
		return &ending{err: &pawl.Error{Kind: e.Kind, Message: fmt.Sprintf("run %s stopped: %s", f.id, e.Message), Hint: e.Hint, Run: f.id, Err: e}, next: a.resumeCommand(f.id, d)}
	}
	return a.report(a.mask(rec.Flow).Record(rec), sig, d)
}

// report delivers the result of a run at rest, or says why there is none. rec is
// masked.
func (a *app) report(rec pawl.RunRecord, sig os.Signal, d delivery) error {
	if a.json {
		if err := a.printJSON(rec); err != nil {
			return err
		}
	}
	switch rec.Status {
	case pawl.StatusDone:
		return a.reportDone(rec, d)
	case pawl.StatusCanceled:
		return &ending{err: &pawl.Error{Kind: pawl.ErrCanceled, Run: rec.ID, Message: sentence("run %s was canceled", rec.ID, rec.Reason)}}
	case pawl.StatusFailed:
		return &ending{err: failure(rec), code: 1, next: a.resumeCommand(rec.ID, d)}
	case pawl.StatusWaiting:
		return &ending{err: waiting(rec), code: pawl.ErrUnknown.Exit(), next: a.resumeCommand(rec.ID, d)}
	}
	if sig != nil {
		return a.interrupted(rec.ID, sig, d)
	}
	return &ending{
		err:  &pawl.Error{Kind: pawl.ErrStopped, Run: rec.ID, Message: sentence("run %s is "+string(rec.Status), rec.ID, rec.Reason)},
		next: a.resumeCommand(rec.ID, d),
	}
}

func (a *app) reportDone(rec pawl.RunRecord, d delivery) error {
	switch {
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
	fmt.Fprintln(a.err, summary(rec))
	if d.output != "" {
		fmt.Fprintf(a.err, "wrote %s\n", d.output)
	}
	fmt.Fprintf(a.err, "run %s %s\n", rec.ID, cmp.Or(d.why, "is done"))
	if a.stderr.terminal {
		fmt.Fprintf(a.err, "every step of it: %s\n", a.command("show", string(rec.ID)))
	}
	return nil
}

// summary says in a line what was made and what it took.
func summary(rec pawl.RunRecord) string {
	steps := 0
	for _, s := range rec.Steps {
		if !s.Kind.Scope() {
			steps++
		}
	}
	took := brief(rec.UpdatedAt.Sub(rec.CreatedAt.Time))
	return fmt.Sprintf("%s: %s, %s, %s", rec.Flow, count(int64(steps), "step"), usage(rec.Usage), took)
}

func usage(u pawl.UsageRecord) string {
	s := count(u.ModelCalls, "model call")
	if u.InputTokens != nil && u.OutputTokens != nil {
		s += fmt.Sprintf(", %s tokens in, %s out", grouped(*u.InputTokens), grouped(*u.OutputTokens))
	} else if u.ModelCalls > 0 {
		s += ", tokens unknown"
	}
	if u.CostUSD != nil {
		s += fmt.Sprintf(", $%.4f", *u.CostUSD)
	}
	return s
}

// failure is why a failed run failed.
func failure(rec pawl.RunRecord) *pawl.Error {
	e := &pawl.Error{Kind: pawl.ErrFlow, Run: rec.ID, Message: sentence("run %s failed", rec.ID, rec.Reason)}
	if rec.Error == nil {
		return e
	}
	e.Kind, e.Hint, e.Step = rec.Error.Kind, rec.Error.Hint, rec.Error.Step
	where := ""
	if e.Step != "" {
		where = " at " + string(e.Step)
	}
	e.Message = sentence("run %s failed"+where, rec.ID, rec.Error.Message)
	if more := len(rec.Blockers) - 1; more > 0 {
		e.Message += fmt.Sprintf(" (and %s more)", count(int64(more), "step"))
	}
	return e
}

// waiting is what a run waits for that only a person can lift.
func waiting(rec pawl.RunRecord) *pawl.Error {
	e := &pawl.Error{Kind: pawl.ErrUnknown, Run: rec.ID, Message: sentence("run %s waits for a person", rec.ID, rec.Reason)}
	var asked []string
	for _, b := range rec.Blockers {
		q := b.Question
		if b.Key != "" {
			q = string(b.Key) + ": " + q
		}
		asked = append(asked, q)
	}
	if len(asked) > 0 {
		e.Message = sentence("run %s waits for a person", rec.ID, strings.Join(asked, "; "))
	}
	return e
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
	return &ending{
		err:  &pawl.Error{Kind: pawl.ErrInterrupt, Run: id, Message: fmt.Sprintf("run %s is safe", id)},
		code: signalExit(sig),
		next: a.resumeCommand(id, d),
	}
}

// resumeCommand is the command that goes on with a run where this one stopped.
func (a *app) resumeCommand(id pawl.RunID, d delivery) string {
	words := []string{"resume", string(id)}
	if d.output != "" {
		words = append(words, "-o", d.output)
	}
	return a.command(words...)
}
