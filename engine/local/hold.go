package local

import (
	"fmt"
	"time"

	"github.com/pawlrun/pawl"
)

// holdFor is how long a worker takes up no run of a model after the provider has
// refused the account: the next one would fail too, and then all of the queue.
const holdFor = time.Minute

// hold keeps the runs of a model back. Once its time is over one run is taken up
// to try.
type hold struct {
	until time.Time
	trial pawl.RunID // taken up to try; it counts as gone well if until passes unrefused
	why   *pawl.Error
}

// held reports whether a run of the model is to be left where it is for now. It
// is called with mu held.
func (w *worker) held(model string) bool {
	h := w.holds[model]
	switch {
	case h == nil:
		return false
	case time.Now().Before(h.until):
		return true
	case h.trial != "":
		delete(w.holds, model)
	}
	return false
}

// tries marks a run that was taken up as the one that tries, if it is time for
// that. It is called with mu held.
func (w *worker) tries(id pawl.RunID, model string) {
	if h := w.holds[model]; h != nil && !time.Now().Before(h.until) {
		h.trial, h.until = id, time.Now().Add(holdFor)
	}
}

// learn takes in how a run that was taken up came to rest: refused is why the
// provider refused it for the account's sake, nil if it did not. It is called with mu held.
func (w *worker) learn(id pawl.RunID, model string, refused *pawl.Error) {
	h := w.holds[model]
	switch {
	case refused == nil:
		if h != nil && h.trial == id {
			delete(w.holds, model)
			w.nudge()
		}
		return
	case h != nil && h.trial != id:
		return // it was under way when another was refused, which has been said
	}
	why := *refused
	why.Message = fmt.Sprintf("runs with %s are left in the queue: %s", model, refused.Message)
	w.holds[model] = &hold{until: time.Now().Add(holdFor), why: &why}
	text := fmt.Sprintf("the provider refuses this account: no run with %s is taken up for %s: %s", model, holdFor, refused.Message)
	if refused.Hint != "" {
		text += "; " + refused.Hint
	}
	w.e.log.Warn(text, "model", model)
}

// refusal is why an activation's run failed, if that is because the provider
// refuses the account. The activation is over.
func (a *activation) refusal() *pawl.Error {
	if a.err != nil || a.st.Status != pawl.StatusFailed {
		return nil
	}
	return a.refused
}
