package exec

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/host"
	"github.com/pawlrun/pawl/internal/limits"
	"github.com/pawlrun/pawl/internal/replay"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/schema"
)

// Decide returns the command of a decision on a run. A value is checked where the flow
// code asked, since only that knows the gates.
func Decide(id pawl.RunID, d pawl.Decision) (Command, error) {
	c := Command{Stored: journal.Command{Run: id, Decision: &d}, apply: func(r *Run) error { return r.decide(d) }, needsCode: isResult(d.What)}
	c.Check = func(st *replay.State) error { _, err := st.Decidable(d); return err }
	refuse := func(format string, args ...any) (Command, error) {
		return c, &pawl.Error{Kind: pawl.ErrInput, Run: id, Step: d.Key, Message: fmt.Sprintf(format, args...)}
	}
	valued := []pawl.DecisionKind{pawl.DecideApprove, pawl.DecideAnswer, pawl.DecideSupply}
	switch d.What {
	case pawl.DecideApprove, pawl.DecideReject, pawl.DecideAnswer, pawl.DecideSupply, pawl.DecideRetry, pawl.DecideContinue, pawl.DecideSkip:
	case pawl.DecideRaise:
		c.Check = func(st *replay.State) error { _, err := st.Raisable(d); return err }
		c.apply = func(r *Run) error { return r.raise(d) }
		if d.Budget == nil || *d.Budget == (pawl.Budget{}) {
			return refuse("a raise needs a limit: of usd, tokens or calls")
		}
		if err := replay.CheckBudget(d.Budget); err != nil {
			return c, err
		}
	default:
		return refuse("unknown decision %q", d.What)
	}
	if err := CheckTrace(d.Trace); err != nil {
		return c, err
	}
	switch has := isValue(d); {
	case len(d.Who) > limits.WhoBytes:
		return refuse("who decides is %d bytes long, at most %d are kept", len(d.Who), limits.WhoBytes)
	case len(d.Comment) > limits.TextBytes:
		return refuse("the comment is %d bytes long, at most %d are kept", len(d.Comment), limits.TextBytes)
	case len(d.Value) > limits.EntryBytes:
		return c, tooLongInput(id, d.Key, len(d.Value))
	case has && !json.Valid(d.Value):
		return refuse("the value is not JSON")
	case has && !slices.Contains(valued, d.What):
		return refuse("%s takes no value", d.What)
	case !has && needsValue(d.What):
		return refuse("%s needs a value", d.What)
	case d.Reason != "" && d.What != pawl.DecideReject:
		return refuse("%s takes no reason", d.What)
	case d.Delivery != "":
		return refuse("an event is delivered, not decided")
	case d.Budget != nil && d.What != pawl.DecideRaise:
		return refuse("%s takes no budget", d.What)
	}
	return c, nil
}

// isValue reports whether a decision carries a value. Null is one where the decision is
// the value; of an approval it has nothing to say that the proposal does not.
func isValue(d pawl.Decision) bool {
	return len(d.Value) > 0 && (needsValue(d.What) || string(d.Value) != "null")
}

// decide lifts a blocker. A paused run stays paused.
func (r *Run) decide(d pawl.Decision) error {
	b, err := r.st.Decidable(d)
	if err != nil {
		return err
	}
	if isResult(d.What) {
		return r.applyValue(d, b)
	}
	if err := r.lift(); err != nil {
		return err
	}
	if d.What == pawl.DecideSkip {
		r.skip(b, bodyOf(d, b))
		return nil
	}
	clear(r.calls.refused)
	r.batch.draft(pawl.EventDecision, b.Key, bodyOf(d, b))
	r.batch.then(r.beginAll)
	return nil
}

// bodyOf is a decision on a blocker as it is recorded, but for its value.
func bodyOf(d pawl.Decision, b pawl.Blocker) journal.Decision {
	return journal.Decision{What: d.What, Who: d.Who, Comment: replay.CutText(d.Comment), Reason: d.Reason, Digest: b.Digest, Delivery: d.Delivery, Trace: d.Trace}
}

// isResult reports whether a decision of a kind is what the step comes to.
func isResult(what pawl.DecisionKind) bool {
	return needsValue(what) || what == pawl.DecideApprove || what == pawl.DecideReject
}

// needsValue reports whether a decision of a kind is nothing without a value.
func needsValue(what pawl.DecisionKind) bool {
	return what == pawl.DecideAnswer || what == pawl.DecideSupply
}

// takesValue reports whether the value of a decision is to be judged.
func takesValue(d pawl.Decision) bool { return isValue(d) || needsValue(d.What) }

// skip makes the failure at which a step stands still its result.
func (r *Run) skip(b pawl.Blocker, body journal.Decision) {
	failed := r.st.Skipped(b)
	r.batch.draft(pawl.EventDecision, b.Key, body)
	r.batch.draft(pawl.EventFailed, b.Key, failed)
	r.batch.then(r.beginAll)
}

// lift lets a run at rest go on, since a blocker is lifted, unless it is paused.
func (r *Run) lift() error {
	err := r.on(replay.OnLift)
	if r.phase == replay.Executing {
		r.code.wanted = true
	}
	return err
}

// applyValue records a decision that is the step's result. Until then the flow code
// of a run at rest has executed as far as it is recorded, and nothing has begun.
func (r *Run) applyValue(d pawl.Decision, b pawl.Blocker) error {
	w, body := r.code.waiting[d.Key], bodyOf(d, b)
	switch e := r.code.ending; {
	case e != nil && e.Failure != nil:
		return e.Failure
	case w != nil && w.resolved:
		return &pawl.Error{Kind: pawl.ErrConflict, Run: r.id, Step: d.Key, Message: fmt.Sprintf("step %q was decided just now", d.Key)}
	case w == nil && e == nil:
		return r.keepDecision(d, b)
	case w == nil:
		return &pawl.Error{Kind: pawl.ErrConflict, Run: r.id, Step: d.Key, Message: fmt.Sprintf("the flow does not ask for step %q any more", d.Key)}
	case r.isLate(w, d.At):
		return r.expireFirst(w, d)
	case takesValue(d):
		value, err := w.judge(d)
		if err != nil {
			return err
		}
		body.Value = value
	}
	if err := complete(&body, b); err != nil {
		return err
	}
	return r.resolve(w, body)
}

// resolve records the decision that is a step's result, and lets the run go on with it.
func (r *Run) resolve(w *waiting, body journal.Decision) error {
	if err := r.on(replay.OnDecide); err != nil {
		return err
	}
	w.resolved = true
	r.batch.draft(pawl.EventDecision, w.key, body)
	return nil
}

// complete gives a decision what it did not say.
func complete(body *journal.Decision, b pawl.Blocker) error {
	if len(body.Value) > limits.EntryBytes {
		return tooLongInput("", b.Key, len(body.Value))
	}
	if body.What == pawl.DecideReject && body.Reason == "" && len(b.Reasons) > 0 {
		body.Reason = b.Reasons[0]
	}
	return nil
}

// tooLongInput refuses a value that a person gives.
func tooLongInput(id pawl.RunID, key pawl.Key, size int) error {
	e := tooLong("the value", size)
	e.Kind, e.Run, e.Step = pawl.ErrInput, id, key
	return e
}

// expireFirst records the default of a deadline that passed before a decision was
// taken, and returns why that comes too late.
func (r *Run) expireFirst(w *waiting, d pawl.Decision) error {
	if err := r.on(replay.OnDecide); err != nil {
		return err
	}
	w.resolved = true
	r.expire(w)
	if err := r.flush(); err != nil {
		return pawl.AsError(err, pawl.ErrStorage)
	}
	if w.wait.Kind != pawl.KindAwait {
		_, err := r.st.Decidable(d)
		return err
	}
	w.resolved = r.result(w.key) != nil // else it stands still, and may be retried
	return &pawl.Error{Kind: pawl.ErrConflict, Run: r.id, Step: w.key, Message: fmt.Sprintf("step %q waits no longer: nothing came in time", w.key)}
}

// isLate reports whether a step's deadline had passed at a time, and is in force: it
// is not while the run is paused.
func (r *Run) isLate(w *waiting, at pawl.Time) bool {
	if w.wait == nil || w.wait.For <= 0 || r.phase.IsPaused() {
		return false
	}
	until := r.st.Steps[w.key].Until
	return !until.IsZero() && !at.Before(until.Time)
}

// judge checks the value of a decision as the step's own result is checked.
func (w *waiting) judge(d pawl.Decision) (json.RawMessage, error) {
	var s *schema.Schema
	gates := w.step.Gates
	switch {
	case w.wait != nil:
		s, gates = w.wait.Schema, w.wait.Gates
	case w.step.Ask != nil && w.step.Ask.Schema != nil:
		s = w.step.Ask.Schema
	case w.step.Ask != nil:
		gates = append([]host.Gate{{Name: "text", Check: replay.IsText}}, gates...)
	case w.step.Do.Fits != nil:
		gates = append([]host.Gate{{Name: "type", Check: w.step.Do.Fits}}, gates...)
	}
	return w.judgeApart(func() (json.RawMessage, error) { return replay.JudgeDecided(d.Key, s, gates, d.Value) })
}

// retry lifts what stands in a run's way because something went wrong.
func (r *Run) retry(b pawl.Blocker, who string) {
	s := r.st.Steps[b.Key]
	if b.Kind == pawl.BlockerMismatch && r.result(b.Key) != nil {
		return // flow code, which is about to execute, shows whether it fits now
	}
	mayFit := b.Kind == pawl.BlockerBudget && (s.Asked.Unpriced != "" || s.Asked.Limit != nil) // it may have a price by now, or the limit may leave more
	if b.Kind.IsFailure() || b.Kind == pawl.BlockerUnknown || mayFit {
		r.batch.draft(pawl.EventDecision, b.Key, journal.Decision{What: pawl.DecideRetry, Who: who, Digest: b.Digest})
	}
}
