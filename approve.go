package pawl

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"time"

	"github.com/pawlrun/pawl/host"
	"github.com/pawlrun/pawl/schema"
)

// Approve puts a proposal before a person and returns what became of it: it was
// approved, approved with edits that have the proposal's type and pass its
// Validate method and each Check, or rejected. What follows from a rejection is the flow's to
// say; see [Approval.Err]. The question is one line: "Publish this article?".
//
// Like any step it has a key and is recorded; a replay takes what was decided
// and asks nobody. A run that waits for a person takes no memory, and may wait
// for as long as the journal is there.
func Approve[T any](r *Run, name string, proposal T, question string, opts ...ApproveOption) Approval[T] {
	w := asking[T](name, host.KindApprove, question, calledFrom())
	var err error
	w.Proposal, err = schema.Marshal(proposal)
	if err == nil && w.Schema != nil {
		w.Proposal, err = w.Schema.Check(w.Proposal)
	}
	if err != nil {
		must(fmt.Errorf("step %q: proposal: %w", name, err))
	}
	for _, opt := range opts {
		if c, ok := opt.(checking); ok && c.of() != reflect.TypeFor[T]() {
			must(fmt.Errorf("step %q: Check is of another type than the proposal, %s", name, reflect.TypeFor[T]()))
		}
		opt.applyApprove(&w)
	}
	raw, err := r.host.Wait(w)
	must(err)
	a := taken[Approval[json.RawMessage]](name, raw)
	return Approval[T]{Approved: a.Approved, Value: taken[T](name, a.Value), Edited: a.Edited, Reason: a.Reason,
		Comment: a.Comment, Who: a.Who, At: a.At, Expired: a.Expired}
}

// Approval is what became of a proposal. Its JSON is the result of the step.
type Approval[T any] struct {
	Approved bool   `json:"approved"`
	Value    T      `json:"value"`  // the proposal, or if it was approved with edits, what they made of it
	Edited   bool   `json:"edited"` // Value is not what was proposed
	Reason   string `json:"reason"` // of a rejection: one of Reasons
	Comment  string `json:"comment"`
	Who      string `json:"who"` // decided
	At       Time   `json:"at"`
	Expired  bool   `json:"expired"` // nobody decided in time: RejectAfter or ApproveAfter counts
}

// Err returns nil if the proposal was approved, and otherwise an error of kind
// ErrRejected that says who rejected it and why. A flow that returns it ends its
// run as canceled.
func (a Approval[T]) Err() error {
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

// ApproveOption changes how a person is asked to approve: Who, NotBy, Reasons,
// Check, RejectAfter, ApproveAfter, Was.
type ApproveOption interface{ applyApprove(*host.Wait) }

// Check adds a check that an edited proposal must pass before the flow sees it, as a gate
// is one of a model's answer. ok is a pure function of what the edits made of the proposal,
// which it must not change. Its error goes to the person who edits, who may try again; one
// that begins with a field, "text: has 180 words, wants 250 to 400", is shown with its line.
// A proposal that is approved as it is passes no check: the flow has made it.
func Check[T any](name string, ok func(T) error) ApproveOption {
	return check[T]{typedGate(name, ok)}
}

type check[T any] struct{ gate host.Gate }

// checking is a Check whose type is not known.
type checking interface{ of() reflect.Type }

func (check[T]) of() reflect.Type { return reflect.TypeFor[T]() }
func (c check[T]) applyApprove(q *host.Wait) {
	q.Gates = append(q.Gates[:len(q.Gates):len(q.Gates)], c.gate)
}

// Who is asked to approve or to answer: "the editor". It is shown, and nobody is kept
// from answering. Without it anyone is asked.
type Who string

func (w Who) applyApprove(q *host.Wait) { q.Who = string(w) }
func (w Who) applyInput(q *host.Wait)   { q.Who = string(w) }

// NotBy says who may not decide: whoever started the run ([Run.Who]), or has approved
// before. A decision in such a name is refused, and so is one without a name. Names are
// compared without regard to case, and are what callers say of themselves. Empty names
// are nobody.
func NotBy(who ...string) ApproveOption { return notBy(who) }

type notBy []string

func (n notBy) applyApprove(q *host.Wait) {
	for _, who := range n {
		if who != "" && !slices.Contains(q.NotBy, who) {
			q.NotBy = append(q.NotBy, who)
		}
	}
}

// RejectAfter is how long a person has to decide, from when they are first asked. Then
// the proposal counts as rejected, with the first of the Reasons and Approval.Expired.
// Without it, and without ApproveAfter, there is no deadline.
type RejectAfter time.Duration

func (d RejectAfter) applyApprove(q *host.Wait) { until(q, time.Duration(d), []byte("false")) }

// ApproveAfter is how long a person has to object, from when they are first asked.
// Then the proposal counts as approved, with Approval.Expired.
type ApproveAfter time.Duration

func (d ApproveAfter) applyApprove(q *host.Wait) { until(q, time.Duration(d), []byte("true")) }

// until gives a wait its deadline.
func until(q *host.Wait, d time.Duration, then json.RawMessage) {
	switch {
	case d <= 0:
		must(fmt.Errorf("step %q: a deadline of %s", q.Name, d))
	case q.For > 0:
		must(fmt.Errorf("step %q has two deadlines", q.Name))
	}
	q.For, q.Default = d, then
}

// Reasons are what a rejection says, one of them. Of several one must be named, and
// RejectAfter takes the first; a single one goes without saying. Without any a rejection
// says nothing but its comment.
func Reasons(reasons ...string) ApproveOption { return oneOf(reasons) }

type oneOf []string

func (r oneOf) applyApprove(q *host.Wait) { q.Reasons = r }
