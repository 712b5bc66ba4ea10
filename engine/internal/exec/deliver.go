package exec

import (
	"encoding/json"
	"errors"
	"fmt"
	"unicode/utf8"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/limits"
	"github.com/pawlrun/pawl/internal/replay"
	"github.com/pawlrun/pawl/journal"
)

// ErrDelivered says that a delivery has come before: there is nothing to do.
var ErrDelivered = errors.New("delivered before")

// Deliver returns the command of an event for a step of a run. It is checked where the
// flow code awaits it; if that does not yet, it is kept. With a digest it is the answer to
// what was shown with that, and counts while it is open.
func Deliver(id pawl.RunID, d pawl.Decision) (Command, error) {
	c := Command{Stored: journal.Command{Run: id, Decision: &d}, needsCode: true}
	c.Check = func(st *replay.State) error { return isNews(st, d) }
	c.apply = func(r *Run) error { return r.deliver(d) }
	wrong := ""
	switch {
	case d.Delivery == "" || len(d.Delivery) > limits.DeliveryBytes || !utf8.ValidString(d.Delivery):
		wrong = fmt.Sprintf("the id of a delivery wants 1 to %d bytes of UTF-8, not %d", limits.DeliveryBytes, len(d.Delivery))
	case len(d.Value) > limits.DeliveredSize:
		wrong = fmt.Sprintf("the event takes %d bytes, at most %d are taken", len(d.Value), limits.DeliveredSize)
	case !json.Valid(d.Value):
		wrong = "the event is not JSON"
	}
	if wrong != "" {
		return c, &pawl.Error{Kind: pawl.ErrInput, Run: id, Step: d.Key, Message: wrong}
	}
	return c, nil
}

func isNews(st *replay.State, d pawl.Decision) error {
	news, err := st.Deliverable(d)
	if !news {
		return ErrDelivered
	}
	return err
}

// deliver takes an event if flow code awaits it, and otherwise keeps it until it does. A
// run at rest that does not await it stays as it is.
func (r *Run) deliver(d pawl.Decision) error {
	if err := isNews(r.st, d); err != nil {
		return err
	}
	if d.Digest != "" {
		return r.deliverAnswer(d)
	}
	body := journal.Decision{What: d.What, Who: d.Who, Value: d.Value, Delivery: d.Delivery}
	w := r.code.waiting[d.Key]
	switch {
	case w != nil && w.resolved:
		return &pawl.Error{Kind: pawl.ErrConflict, Run: r.id, Step: d.Key, Message: fmt.Sprintf("step %q has its event just now", d.Key)}
	case w == nil || w.wait == nil || !r.st.Awaits(d.Key):
		return r.keepEvent(d.Key, body)
	case r.isLate(w, d.At):
		err := r.expireFirst(w, d)
		if !errors.Is(err, pawl.ErrConflict) || w.resolved {
			return err
		}
		return r.keepEvent(d.Key, body) // the step stands still: whoever retries it finds the event
	}
	value, err := w.judge(d)
	if err != nil {
		return err
	}
	body.Value, body.Digest = value, r.st.Steps[d.Key].Asked.Digest
	return r.resolve(w, body)
}

// deliverAnswer takes a program's answer to what a person is asked. None is kept: a program
// whose answer is not taken can send it again.
func (r *Run) deliverAnswer(d pawl.Decision) error {
	b, err := r.st.Decidable(d)
	if err != nil {
		return err
	}
	if r.code.waiting[d.Key] == nil && r.code.ending == nil {
		return &pawl.Error{Kind: pawl.ErrConflict, Run: r.id, Step: d.Key, Message: fmt.Sprintf("the flow does something else before it asks for step %q", d.Key)}
	}
	return r.applyValue(d, b)
}

// keepEvent keeps an event until flow code awaits it.
func (r *Run) keepEvent(key pawl.Key, body journal.Decision) error {
	body.Waits = true
	r.batch.draft(pawl.EventDecision, key, body)
	return nil
}

// takeDelivered gives a step the first of the events that have waited for it that passes,
// and says what is wrong with those before it. It is called when the blocker is drafted.
func (r *Run) takeDelivered(w *waiting, events []journal.Decision) {
	for _, e := range events {
		value, err := w.judge(pawl.Decision{Key: w.key, What: e.What, Value: e.Value})
		if err != nil {
			r.batch.draft(pawl.EventNote, w.key, journal.Note{Aside: true,
				Text: replay.CutText(fmt.Sprintf("%s: the event of %s was not taken: %s", w.key, e.Who, pawl.AsError(err, pawl.ErrInput).Message))})
			continue
		}
		body := e
		body.Value, body.Waits = value, false
		w.resolved = true
		r.batch.draft(pawl.EventDecision, w.key, body)
		return
	}
}
