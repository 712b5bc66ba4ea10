package exec

import (
	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/replay"
	"github.com/pawlrun/pawl/llm"
)

// plan returns what to do about a step now.
func (r *Run) plan(w *waiting) replay.Plan {
	h, _ := r.history(w)
	return replay.Next(w.step, h, r.chain(w))
}

// chain returns the models that a step asks in turn.
func (r *Run) chain(w *waiting) replay.Chain {
	return replay.Chain{Models: r.st.Model().Chain(w.step), Refused: func(model string) *pawl.Error {
		provider, _ := llm.Split(model)
		return r.calls.refused[provider]
	}}
}

// checkChain returns why a step does not begin although its first model can be asked: a
// model that is to stand in for it is not known or has no key. It is to be known before
// it is needed, and before anything is paid.
func (r *Run) checkChain(w *waiting) *pawl.Error {
	for _, model := range r.chain(w).Models[1:] {
		if _, _, err := r.deps.Models.Lookup(model); err != nil {
			e := lookupError(err)
			e.Message = "fallback " + model + ": " + e.Message
			return e
		}
	}
	return nil
}

// unpriced returns the first of a step's models whose price is not known, where the
// budget has a limit in dollars; empty: there is none.
func (r *Run) unpriced(w *waiting) string {
	if !r.budget.account.LimitsDollars() {
		return ""
	}
	for _, model := range r.chain(w).Models {
		if _, known := r.deps.Prices.Most(model, 0, 0); !known {
			return model
		}
	}
	return ""
}

// takesFailure reports whether the flow takes a step's failure as a value, where the
// failure lies in the question.
func (w *waiting) takesFailure() bool { return w.step.Try || w.branch.try }

// lookupError is why a model cannot be asked, as the failure of a step.
func lookupError(err error) *pawl.Error {
	return new(*pawl.AsError(err, pawl.ErrorKind(llm.Invalid)))
}
