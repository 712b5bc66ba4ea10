package exec

import (
	"fmt"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/replay"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/schema"
)

// keepDecision records a decision whose question flow code has not come to: it does
// something else before, as the program says now. It waits until the flow asks, and
// until then only what was shown can be checked.
func (r *Run) keepDecision(d pawl.Decision, b pawl.Blocker) error {
	body, err := r.unasked(d, b)
	if err == nil {
		err = r.on(replay.OnDecide)
	}
	if err == nil {
		r.batch.draft(pawl.EventDecision, d.Key, body)
	}
	return err
}

// unasked is a decision on a blocker as it is recorded until the flow asks, checked
// against what was shown.
func (r *Run) unasked(d pawl.Decision, b pawl.Blocker) (body journal.Decision, err error) {
	if b.Deadline != nil && !d.At.Before(b.Deadline.Time) && !r.phase.IsPaused() {
		return body, &pawl.Error{Kind: pawl.ErrConflict, Run: r.id, Step: d.Key,
			Message: fmt.Sprintf("the deadline of step %q passed at %s: what the flow says of that counts", d.Key, b.Deadline.Format(time.RFC3339))}
	}
	body = bodyOf(d, b)
	if takesValue(d) {
		var s *schema.Schema
		if s, err = r.shownSchema(r.st.Steps[d.Key].Asked); err != nil {
			return body, err
		}
		if body.Value, err = replay.JudgeDecided(d.Key, s, nil, d.Value); err != nil {
			return body, err
		}
	}
	body.Waits = true
	return body, complete(&body, b)
}

// withdraw lifts what stands in the way of steps in a scope that has ended: the flow did
// not come to them, and will not. A decision that waited for one is unused.
func (r *Run) withdraw(scope pawl.Key) {
	for _, key := range r.st.Left(scope) {
		r.batch.draft(pawl.EventDecision, key, journal.Decision{What: journal.Withdraw, Who: "the engine"})
	}
}

// shownSchema returns the schema that was shown with a question; nil: none was.
func (r *Run) shownSchema(asked *journal.Blocker) (*schema.Schema, error) {
	if asked == nil || asked.Schema == "" {
		return nil, nil
	}
	doc, err := r.deps.Journal.Blob(r.ctx, asked.Schema)
	if err != nil {
		return nil, pawl.AsError(err, pawl.ErrStorage)
	}
	s, err := schema.Parse(doc)
	if err != nil {
		return nil, &pawl.Error{Kind: pawl.ErrDatabase, Run: r.id, Message: err.Error(), Err: err}
	}
	return s, nil
}

// takeKept makes a decision that waited until the flow asks the step's result, now
// that it does, and reports whether it did. If another question is asked now than was
// decided, which fits says, or the value does not pass, it says so and the caller asks
// anew; complaint is what was wrong with the value.
func (r *Run) takeKept(w *waiting, fits func(replay.Kept) bool) (taken bool, complaint *pawl.Error) {
	rec := r.st.Steps[w.key]
	if rec == nil || rec.Kept == nil {
		return false, nil
	}
	body := rec.Kept.Decision
	body.Waits = false
	same, why := fits(*rec.Kept), "it asks something else now"
	if w.wait != nil {
		if barred := replay.Barred(w.wait.NotBy, body.Who); barred != "" {
			same, why = false, barred
		}
	}
	if same && (body.Value != nil || needsValue(body.What)) {
		value, err := w.judge(pawl.Decision{Key: w.key, What: body.What, Value: body.Value})
		if err != nil {
			complaint = pawl.AsError(err, pawl.ErrInput)
			why = complaint.Message
		}
		body.Value = value
	}
	if !same || complaint != nil {
		if r.refused != nil {
			r.refused[w.key] = fmt.Sprintf("the result for step %q is not taken: %s", w.key, why)
			if complaint != nil {
				r.refused[w.key] = why // says so
			}
		}
		r.batch.draft(pawl.EventNote, w.key, journal.Note{Aside: true,
			Text: replay.CutText(fmt.Sprintf("%s: %s by %s was not taken: %s", w.key, body.What, body.Who, why))})
		return false, complaint
	}
	if rec.Head.Digest == "" { // it was set before the flow asked
		body.Step = new(r.head(w))
	}
	w.resolved = true
	r.batch.draft(pawl.EventDecision, w.key, body)
	return true, nil
}
