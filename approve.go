package pawl

import (
	"encoding/json"
	"fmt"
	"reflect"
	"sync"
	"time"

	"github.com/pawlrun/pawl/schema"
)

// Asking is what a person is asked, and how long the answer may take.
type Asking struct {
	Question string // a line: "Publish this article?"; required
	Who      string // is asked: "the editor". It is shown, and nobody is kept from answering; empty: anyone

	// Deadline is how long an answer may take, from when the question is first
	// asked; 0: for ever. Default then counts as the answer: for Approve
	// DecideApprove or DecideReject, for Input a value of its type. The one needs
	// the other.
	Deadline time.Duration
	Default  any

	// Reasons are what a rejection says, one of them; without any it says
	// nothing. The first is taken if nobody chooses. Approve alone has them.
	Reasons []string
}

// Answer is what became of a proposal.
type Answer[T any] struct {
	Approved bool
	Value    T         // the proposal, or if it was approved with edits, what they made of it
	Edited   bool      // Value is not what was proposed
	Reason   string    // of a rejection: one of Asking.Reasons
	Comment  string    // may be empty
	Who      string    // decided
	At       time.Time // when
	Expired  bool      // nobody decided in time: Asking.Default counts
}

// Err returns nil if the proposal was approved, and otherwise an error of kind
// ErrRejected that says who rejected it and why. A flow that returns it ends its
// run as canceled.
func (a Answer[T]) Err() error {
	if a.Approved {
		return nil
	}
	s := "rejected by " + a.Who
	if a.Expired {
		s = "rejected, since nobody decided in time"
	}
	if a.Reason != "" {
		s += " (" + a.Reason + ")"
	}
	if a.Comment != "" {
		s += ": " + a.Comment
	}
	return &Error{Kind: ErrRejected, Message: s, Err: ErrRejected}
}

// Approve puts a proposal before a person and returns what became of it: it was
// approved, approved with edits that have the proposal's type and pass its
// Validate method, or rejected. What follows from a rejection is the flow's to
// say; see Answer.Err.
//
// Like any step it has a key and is recorded; a replay takes the recorded answer
// and asks nobody. A run that waits for a person takes no memory, and may wait
// for as long as the journal is there.
func Approve[T any](r *Run, name string, proposal T, q Asking) Answer[T] {
	w, err := q.wait(name, KindApprove, reflect.TypeFor[T]())
	must(err)
	w.Gates = typeGates[T](nil)
	w.Reasons = q.Reasons
	w.Proposal, err = schema.Marshal(proposal)
	if err == nil && w.Schema != nil {
		w.Proposal, err = w.Schema.Check(w.Proposal)
	}
	if err != nil {
		must(fmt.Errorf("step %q: proposal: %w", name, err))
	}
	if w.For > 0 {
		what, ok := q.Default.(DecisionKind)
		if !ok || what != DecideApprove && what != DecideReject {
			must(fmt.Errorf("step %q: with a deadline Default must be DecideApprove or DecideReject, not %v", name, q.Default))
		}
		w.Default = &Decision{What: what}
	}
	v := taken[Verdict](name, r.host.Wait(w))
	return Answer[T]{Approved: v.Approved, Value: taken[T](name, v.Value), Edited: v.Edited, Reason: v.Reason,
		Comment: v.Comment, Who: v.Who, At: v.At.Time, Expired: v.Expired}
}

// Input asks a person, or an outside system, for a value and returns it once it
// has its type, satisfies its schema and passes its Validate method. It is a
// step like Approve.
func Input[T any](r *Run, name string, q Asking) T {
	w, err := q.wait(name, KindInput, reflect.TypeFor[T]())
	must(err)
	if len(q.Reasons) > 0 {
		must(fmt.Errorf("step %q: an input has no Reasons", name))
	}
	w.Gates = typeGates[T](nil)
	if w.For > 0 {
		value, err := defaultAnswer[T](q.Default, w.Schema)
		if err != nil {
			must(fmt.Errorf("step %q: Default: %w", name, err))
		}
		w.Default = &Decision{What: DecideAnswer, Value: value}
	}
	return taken[T](name, r.host.Wait(w))
}

func defaultAnswer[T any](v any, s *schema.Schema) (json.RawMessage, error) {
	given, ok := v.(T)
	if !ok {
		return nil, fmt.Errorf("is of type %T, wants %s", v, reflect.TypeFor[T]())
	}
	raw, err := schema.Marshal(given)
	if err == nil && s != nil {
		raw, err = s.Check(raw)
	}
	if err == nil {
		err = validate(&given)
	}
	return raw, err
}

// schemas are those of the types that people are asked for: every activation of a
// run asks again, and checks what it proposes.
var schemas sync.Map // of *schema.Schema by reflect.Type

func schemaOf(t reflect.Type) (*schema.Schema, error) {
	if s, ok := schemas.Load(t); ok {
		return s.(*schema.Schema), nil
	}
	s, err := schema.ForType(t)
	if err == nil {
		schemas.Store(t, s)
	}
	return s, err
}

// wait is what approvals and inputs share.
func (q Asking) wait(name string, kind Kind, t reflect.Type) (Wait, error) {
	switch {
	case q.Question == "":
		return Wait{}, fmt.Errorf("step %q: asking needs a Question", name)
	case q.Deadline < 0:
		return Wait{}, fmt.Errorf("step %q: Deadline is %s", name, q.Deadline)
	case q.Deadline == 0 && q.Default != nil:
		return Wait{}, fmt.Errorf("step %q: Default has no Deadline", name)
	}
	s, err := schemaOf(t)
	if err != nil {
		return Wait{}, fmt.Errorf("step %q: %w", name, err)
	}
	return Wait{Name: name, Purpose: q.Question, Kind: kind, For: q.Deadline, Question: q.Question, Who: q.Who, Schema: s}, nil
}
