package replay

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/host"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/llm"
)

// Chain is the models that a step asks in turn. Each has attempts of its own in a round,
// and begins with the request as it was authored. A round begins at the first model that
// is not refused, and never goes back.
type Chain struct {
	Models []string // see Model.Chain

	// Refused says why a model's provider refuses the account; nil: it does not, as far
	// as is known.
	Refused func(model string) *pawl.Error
}

// Next returns what to do about a step with this history.
func Next(s host.Step, h History, c Chain) Plan {
	var why []string             // the models so far cannot answer
	var failed, held *pawl.Error // by the step's own attempts, and since the account is refused
	at := c.reached(h)
	for i, model := range c.Models {
		leg := h.Of(model)
		begun := len(leg.current()) > 0
		p := next(s, leg, model)
		err := p.Err
		var refusal *pawl.Error
		if c.Refused != nil {
			refusal = c.Refused(model)
		}
		switch {
		case p.Action == Fail && (i < at || fallsBack(err.Kind)):
			failed = cmp.Or(failed, err)
		case i < at:
			continue // its account was refused when the round came by, or then
		case p.Action == Call && refusal != nil:
			err, held = refusal, cmp.Or(held, refusal)
		default:
			p.Model, p.Number = model, len(h.Attempts)+1
			if !begun && len(why) > 0 {
				p.Why = why[len(why)-1]
			}
			return p
		}
		why = append(why, fmt.Sprintf("%s: %s", model, err.Message))
	}
	if failed == nil {
		return Plan{Action: Held, Err: held}
	}
	all := *failed
	if len(why) > 1 {
		all.Message = "none of its models can answer: " + strings.Join(why, "; ")
	}
	return Plan{Action: Fail, Err: &all}
}

// fallsBack reports whether another model is to be asked after one has failed so: it
// was not the question.
func fallsBack(k pawl.ErrorKind) bool {
	return k.Transient() || k == pawl.ErrorKind(llm.Auth) || k == pawl.ErrorKind(llm.Quota)
}

// reached returns the place of the model that a round has come to.
func (c Chain) reached(h History) int {
	round := h.current()
	if len(round) == 0 {
		return 0
	}
	return max(0, slices.Index(c.Models, round[len(round)-1].Model))
}

// Of returns the history of the attempts at one model: what it is sent and how often
// follows from them alone.
func (h History) Of(model string) History {
	other := func(a journal.Attempt) bool { return a.Model != model }
	if !slices.ContainsFunc(h.Attempts, other) {
		return h
	}
	without := func(all []journal.Attempt) []journal.Attempt {
		return slices.DeleteFunc(slices.Clone(all), other)
	}
	return History{
		Attempts: without(h.Attempts),
		Round:    len(without(h.Attempts[:h.Round])),
		Answered: len(without(h.Attempts[:h.Answered])),
	}
}
