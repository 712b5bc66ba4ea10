package pawl

import (
	"encoding/json"
	"fmt"
)

// Ask asks a model and returns its answer once it has its type, satisfies its
// schema and has passed every gate. The step's result is recorded: a replay
// takes it and asks nobody.
//
// Ask does not return if the step cannot finish: the branch ends there, the
// others go on, and then the run stands still, resumable. Use TryAsk to get the
// failure as a value.
func Ask[Out any](r *Run, name string, q Question[Out]) Out {
	s, err := q.step(r, name, calledFrom())
	must(err)
	raw, err := r.host.Step(s)
	must(err)
	return taken[Out](name, raw)
}

// TryAsk is Ask that returns a failure that lies in the question, as an *Error: no
// answer passed its gates, the model refused or a filter stopped it, the request is too
// long for the model or larger than the account may send, the answer was cut short
// twice. The failure is then the step's result: a replay returns it again.
//
// Trouble of the surroundings is no answer to the question: a key that is not valid, an
// account without credit, a rate limit or a network failure that the attempts did not
// outlast, a model that the provider does not know. The step stands still at it as in an
// Ask, and is tried again when the run is resumed; a person may also skip it, and the
// failure is returned then. See [ErrorKind.OfQuestion] for all kinds.
func TryAsk[Out any](r *Run, name string, q Question[Out]) (out Out, err error) {
	s, err := q.step(r, name, calledFrom())
	must(err)
	s.Try = true
	raw, err := r.host.Step(s)
	if err != nil {
		return out, err
	}
	return taken[Out](name, raw), nil
}

// must stops the run at a mistake in the flow's code. The engine recovers it.
func must(err error) {
	if err != nil {
		panic(AsError(err, ErrFlow))
	}
}

// taken decodes a step's result. Checked results fit; a recorded one may not,
// when the code has changed since.
func taken[Out any](name string, raw json.RawMessage) Out {
	out, err := decode[Out](raw)
	if err != nil {
		panic(&Error{Kind: ErrMismatch, Err: err,
			Message: fmt.Sprintf("the recorded result of step %q no longer fits its type %T: %v", name, out, err),
			Hint:    "undo the change of the type, or start a new run"})
	}
	return out
}
