package local

import (
	"fmt"
	"time"

	"github.com/pawlrun/pawl"
)

// openFor is how long a worker takes up no run of a model after the provider has
// refused the account: the next one would fail too, and then all of the queue.
const openFor = time.Minute

// breaker is a circuit breaker: it keeps the runs of a model back while it is open.
// Once its time is over one run is taken up to try, and closes it if that goes well.
type breaker struct {
	until time.Time
	trial pawl.RunID // taken up to try; it counts as gone well if until passes unrefused
	why   *pawl.Error
}

// isOpen reports whether a run of the model is to be left where it is for now. It is
// called with mu held.
func (w *worker) isOpen(model string) bool {
	b := w.breakers[model]
	switch {
	case b == nil:
		return false
	case time.Now().Before(b.until):
		return true
	case b.trial != "":
		delete(w.breakers, model)
	}
	return false
}

// markTrial marks a run that was taken up as the one that tries, if it is time for
// that. It is called with mu held.
func (w *worker) markTrial(id pawl.RunID, model string) {
	if b := w.breakers[model]; b != nil && !time.Now().Before(b.until) {
		b.trial, b.until = id, time.Now().Add(openFor)
	}
}

// trip takes in how a run that was taken up came to rest: refused is why the
// provider refused it for the account's sake, nil if it did not. It is called with mu held.
func (w *worker) trip(id pawl.RunID, model string, refused *pawl.Error) {
	b := w.breakers[model]
	switch {
	case refused == nil:
		if b != nil && b.trial == id {
			delete(w.breakers, model)
			w.nudge()
		}
		return
	case b != nil && b.trial != id:
		return // it was under way when another was refused, which has been said
	}
	why := *refused
	why.Message = fmt.Sprintf("runs with %s are left in the queue: %s", model, refused.Message)
	w.breakers[model] = &breaker{until: time.Now().Add(openFor), why: &why}
	text := fmt.Sprintf("the provider refuses this account: no run with %s is taken up for %s: %s", model, openFor, refused.Message)
	if refused.Hint != "" {
		text += "; " + refused.Hint
	}
	w.e.log.Warn(text, "model", model)
}
