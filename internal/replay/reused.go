package replay

import (
	"encoding/json"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/journal"
)

// reused takes in that a step's result is taken over from the run's base, or that the step,
// which is to take one over, stands or goes on as it did there.
func (st *State) reused(e pawl.Event, b journal.Reused) {
	if b.Turn != "" {
		st.named(e.Key).turn(e, b.Turn == journal.TurnStands)
		return
	}
	s := st.step(e, &b.Step)
	r := Result{Seq: e.Seq, Key: e.Key, At: e.At, Value: b.Result}
	if b.Error != nil {
		r.Value, r.Failure = nil, asError(*b.Error, e.Key)
	}
	if b.Decision != nil {
		d := decisionOf(e.Key, *b.Decision, b.DecidedAt)
		if b.Decision.Value == nil {
			d.Value = orNull(valueIn(b))
		}
		d.Carried, r.Decision = true, &d
		st.decisions = append(st.decisions, d)
	}
	s.comeTo(r)
	s.From, s.taken, s.sleeps = &b.From, &b.From, b.SleptMS
}

// valueIn returns the value of the decision that gave a result which is taken over, as the
// result has it; nil: it has none.
func valueIn(b journal.Reused) json.RawMessage {
	switch b.Decision.What {
	case pawl.DecideAnswer, pawl.DecideSupply:
		return b.Result
	case pawl.DecideApprove:
		var v pawl.Approval[json.RawMessage]
		if json.Unmarshal(b.Result, &v) == nil && v.Edited {
			return v.Value
		}
	}
	return nil
}

// override keeps a result for a step until the flow asks for it.
func (st *State) override(e pawl.Event, b journal.Override) {
	s := st.named(e.Key)
	s.Head.Kind, s.Head.Sensitive, s.started = b.Kind, b.Sensitive, e.At
	supplied := journal.Decision{What: pawl.DecideSupply, Who: b.Who, Value: b.Value, Waits: true}
	st.keep(s, &Kept{At: e.At, Decision: supplied})
	st.decisions = append(st.decisions, decisionOf(e.Key, supplied, e.At))
}

// decisionOf is a decision as records list it.
func decisionOf(key pawl.Key, b journal.Decision, at pawl.Time) pawl.Decision {
	return pawl.Decision{Key: key, What: b.What, Who: b.Who, At: at, Comment: b.Comment, Reason: b.Reason,
		Value: orNull(b.Value), Budget: b.Budget, Digest: b.Digest, Delivery: b.Delivery, Expired: b.Expired, Waits: b.Waits}
}

// baseModels are the models that a base had before those that the run has too.
func baseModels(b *journal.Base) (all []Model) {
	if b == nil {
		return nil
	}
	for _, m := range b.Models {
		all = append(all, Model{Name: m.Name, Forced: m.Forced, Fallback: m.Fallback})
	}
	return all
}
