package local

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/replay"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/schema"
)

// deciding is what a decision asks of a run. A value is checked where the flow
// code asked, since only that knows the gates.
func deciding(id pawl.RunID, d pawl.Decision) (steering, error) {
	s := steering{post: journal.Post{Run: id, Decision: &d}, act: func(a *activation) error { return a.decide(d) }}
	s.check = func(st *replay.State) error { _, err := st.Decidable(d); return err }
	refuse := func(format string, args ...any) (steering, error) {
		return s, &pawl.Error{Kind: pawl.ErrInput, Run: id, Step: d.Key, Message: fmt.Sprintf(format, args...)}
	}
	valued := []pawl.DecisionKind{pawl.DecideApprove, pawl.DecideAnswer, pawl.DecideSupply}
	switch d.What {
	case pawl.DecideApprove, pawl.DecideReject, pawl.DecideAnswer, pawl.DecideSupply:
		s.late = true
	case pawl.DecideRetry, pawl.DecideContinue:
	case pawl.DecideRaise:
		s.check = func(st *replay.State) error { _, err := st.Raisable(d); return err }
		s.act = func(a *activation) error { return a.raise(d) }
		if d.Budget == nil || *d.Budget == (pawl.Budget{}) {
			return refuse("a raise needs a limit: of usd, tokens or calls")
		}
		if err := replay.CheckBudget(d.Budget); err != nil {
			return s, err
		}
	default:
		return refuse("unknown decision %q", d.What)
	}
	switch has := isValue(d.Value); {
	case len(d.Who) > maxWho:
		return refuse("who decides is %d bytes long, at most %d are kept", len(d.Who), maxWho)
	case has && !json.Valid(d.Value):
		return refuse("the value is not JSON")
	case has && !slices.Contains(valued, d.What):
		return refuse("%s takes no value", d.What)
	case !has && (d.What == pawl.DecideAnswer || d.What == pawl.DecideSupply):
		return refuse("%s needs a value", d.What)
	case d.Reason != "" && d.What != pawl.DecideReject:
		return refuse("%s takes no reason", d.What)
	case d.Budget != nil && d.What != pawl.DecideRaise:
		return refuse("%s takes no budget", d.What)
	}
	return s, nil
}

// isValue reports whether a decision carries a value. Of an approval null is none:
// it has nothing to say that the proposal does not.
func isValue(raw []byte) bool { return len(raw) > 0 && string(raw) != "null" }

// decide lifts a blocker. A paused run stays paused.
func (a *activation) decide(d pawl.Decision) error {
	b, err := a.st.Decidable(d)
	if err != nil {
		return err
	}
	body := journal.Decision{What: d.What, Who: d.Who, Comment: cutText(d.Comment), Reason: d.Reason, Digest: b.Digest}
	switch d.What {
	case pawl.DecideApprove, pawl.DecideReject, pawl.DecideAnswer, pawl.DecideSupply:
		return a.bring(d, b, body)
	}
	if a.prior != nil && a.prior.Status != pawl.StatusPaused {
		a.prior, a.begins = nil, true
	}
	a.refused = nil
	a.draft(pawl.EventDecision, b.Key, body)
	a.then(a.restart)
	return nil
}

// bring records a decision that is the step's result.
func (a *activation) bring(d pawl.Decision, b pawl.Blocker, body journal.Decision) error {
	p := a.parked[d.Key]
	switch {
	case a.failure != nil:
		return a.failure
	case p != nil && p.settled:
		return &pawl.Error{Kind: pawl.ErrConflict, Run: a.id, Step: d.Key, Message: fmt.Sprintf("step %q was decided just now", d.Key)}
	case p == nil:
		return &pawl.Error{Kind: pawl.ErrConflict, Run: a.id, Step: d.Key, Message: fmt.Sprintf("the flow does not ask for step %q any more", d.Key)}
	case a.late(p, d.At):
		a.goOn()
		p.settled = true
		a.expire(p)
		if err := a.flush(); err != nil {
			return asStorage(err)
		}
		_, err := a.st.Decidable(d)
		return err
	case isValue(d.Value) || d.What == pawl.DecideAnswer || d.What == pawl.DecideSupply:
		value, err := p.judge(d)
		if err != nil {
			return err
		}
		body.Value = value
	}
	if len(body.Value) > journal.MaxValueBytes-maxText {
		return tooLong("the value", len(body.Value))
	}
	if d.What == pawl.DecideReject && body.Reason == "" && len(b.Reasons) > 0 {
		body.Reason = b.Reasons[0]
	}
	p.settled = true
	a.goOn()
	a.draftResult(pawl.EventDecision, d.Key, body)
	return nil
}

// late reports whether a step's deadline had passed at a time, and is in force: it
// is not while the run is paused.
func (a *activation) late(p *parking, at pawl.Time) bool {
	if p.wait == nil || p.wait.Default == nil || a.pausing || a.prior != nil && a.prior.Status == pawl.StatusPaused {
		return false
	}
	until := a.st.Steps[p.key].Until
	return !until.IsZero() && !at.Before(until.Time)
}

// judge checks the value of a decision as the step's own result is checked.
func (p *parking) judge(d pawl.Decision) (value []byte, err error) {
	var s *schema.Schema
	gates := p.step.Gates
	switch {
	case p.wait != nil:
		s, gates = p.wait.Schema, p.wait.Gates
	case p.step.Ask != nil && p.step.Ask.Schema != nil:
		s = p.step.Ask.Schema
	case p.step.Ask != nil:
		gates = append([]pawl.Gate{{Name: "text", Check: replay.IsText}}, gates...)
	case p.step.Do.Fits != nil:
		gates = append([]pawl.Gate{{Name: "type", Check: p.step.Do.Fits}}, gates...)
	}
	return replay.JudgeDecided(d.Key, s, gates, d.Value)
}

// retry lifts what stands in a run's way because something went wrong.
func (a *activation) retry(b pawl.Blocker, who string) {
	kind := b.Kind
	if s := a.st.Steps[b.Key]; kind == pawl.BlockerBudget && s.Asked.Unpriced != "" { // perhaps it has a price now
		kind = pawl.BlockerFailure
	}
	switch kind {
	case pawl.BlockerFailure, pawl.BlockerMismatch, pawl.BlockerUnknown:
		a.draft(pawl.EventDecision, b.Key, journal.Decision{What: pawl.DecideRetry, Who: who, Digest: b.Digest})
	}
}
