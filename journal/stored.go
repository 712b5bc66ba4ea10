package journal

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/journal/internal/refusal"
	"github.com/pawlrun/pawl/schema"
)

// storedDecision is the form in which a decision is stored until someone carries
// it out. It has the fields of pawl.Decision, and they must stay so.
type storedDecision struct {
	Key      pawl.Key          `json:"key,omitempty"`
	What     pawl.DecisionKind `json:"what"`
	Who      string            `json:"who"`
	At       pawl.Time         `json:"at,omitzero"`
	Comment  string            `json:"comment,omitempty"`
	Reason   string            `json:"reason,omitempty"`
	Value    json.RawMessage   `json:"value,omitempty"`
	Budget   *pawl.Budget      `json:"budget,omitempty"`
	Digest   string            `json:"digest,omitempty"`
	Delivery string            `json:"delivery,omitempty"`
	Expired  bool              `json:"expired,omitempty"`

	Trace string `json:"trace,omitempty"`

	Carried bool `json:"-"` // of records alone, as are these
	Waits   bool `json:"-"`
	Unused  bool `json:"-"`
}

// storedDirective is the same for a directive.
type storedDirective struct {
	What     pawl.DirectiveKind `json:"what"`
	Who      string             `json:"who"`
	Model    string             `json:"model,omitempty"`
	Fallback []string           `json:"fallback,omitempty"`
	Prompts  []pawl.PromptFile  `json:"prompts,omitempty"`
	Text     string             `json:"text,omitempty"`
	Take     bool               `json:"take,omitempty"`
}

// Encode returns the stored form of a command's decision or directive, and nil for
// the one that it has not. One that is too large is ErrInput, a command without
// either or with both ErrInternal.
func (p Command) Encode() (decision, directive []byte, err error) {
	switch {
	case (p.Decision == nil) == (p.Directive == nil):
		err = errors.New("wants a decision or a directive")
	case p.Decision != nil:
		decision, err = schema.Marshal(storedDecision(*p.Decision))
	default:
		directive, err = schema.Marshal(storedDirective(*p.Directive))
	}
	kind, hint := pawl.ErrInternal, ""
	if n := len(decision) + len(directive); err == nil && n > MaxValueBytes {
		kind, hint, err = pawl.ErrInput, "make the value smaller", sizeError(n)
	}
	if err != nil {
		return nil, nil, &pawl.Error{Kind: kind, Message: fmt.Sprintf("command to run %q: %v", p.Run, err), Hint: hint, Run: p.Run, Err: err}
	}
	return decision, directive, nil
}

// Decode sets a command's decision or directive from what Encode has returned.
func (p *Command) Decode(decision, directive []byte) error {
	var err error
	p.Decision, p.Directive = nil, nil
	if decision != nil {
		var d storedDecision
		err = json.Unmarshal(decision, &d)
		p.Decision = (*pawl.Decision)(&d)
	} else {
		var d storedDirective
		err = json.Unmarshal(directive, &d)
		p.Directive = (*pawl.Directive)(&d)
	}
	if err != nil {
		return fmt.Errorf("command %d to run %s: %w", p.ID, p.Run, err)
	}
	return nil
}

// Ends reports whether the event ends its run.
func (d Draft) Ends() bool {
	return d.Type == pawl.EventDone || d.Type == pawl.EventCanceled || d.isFinal()
}

// isFinal reports whether the event says that the flow failed for good.
func (d Draft) isFinal() bool {
	f, ok := d.Body.(Failed)
	return ok && f.Final && d.Key == ""
}

// Refusal is how an event that ends the run refuses the commands that are pending
// for it.
func (d Draft) Refusal(run pawl.RunID) *Failure {
	e := refusal.RunEnded(run, Summary{Status: pawl.Status(d.Type), Final: d.isFinal()}.Ending())
	return &Failure{Kind: e.Kind, Message: e.Message}
}
