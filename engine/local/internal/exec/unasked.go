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
func (r *Run) keepDecision(d pawl.Decision, b pawl.Blocker, body journal.Decision) error {
	asked := r.st.Steps[d.Key].Asked
	if b.Deadline != nil && !d.At.Before(b.Deadline.Time) && !r.phase.IsPaused() {
		return &pawl.Error{Kind: pawl.ErrConflict, Run: r.id, Step: d.Key,
			Message: fmt.Sprintf("the deadline of step %q passed at %s: what the flow says of that counts", d.Key, b.Deadline.Format(time.RFC3339))}
	}
	if isValue(d.Value) || d.What == pawl.DecideAnswer || d.What == pawl.DecideSupply {
		s, err := r.shownSchema(asked)
		if err != nil {
			return err
		}
		if body.Value, err = replay.JudgeDecided(d.Key, s, nil, d.Value); err != nil {
			return err
		}
	}
	if err := r.complete(&body, b); err != nil {
		return err
	}
	body.Waits = true
	r.batch.draft(pawl.EventDecision, d.Key, body)
	return nil
}

// shownSchema returns the schema that was shown with a question; nil: none was, or the
// journal keeps no blobs.
func (r *Run) shownSchema(asked *journal.Blocker) (*schema.Schema, error) {
	blobs, ok := r.deps.Journal.(journal.Blobs)
	if !ok || asked == nil || asked.Schema == "" {
		return nil, nil
	}
	doc, err := blobs.Blob(r.ctx, asked.Schema)
	if err != nil {
		return nil, asStorage(err)
	}
	s, err := schema.Parse(doc)
	if err != nil {
		return nil, &pawl.Error{Kind: pawl.ErrDatabase, Run: r.id, Message: err.Error(), Err: err}
	}
	return s, nil
}

// takeKept makes a decision that waited until the flow asks the step's result, now
// that it does, and reports whether it did. If another question is asked now than was
// decided, or the value does not pass, it says so and the caller asks anew; complaint is
// what was wrong with the value.
func (r *Run) takeKept(w *waiting) (taken bool, complaint *pawl.Error) {
	rec := r.st.Steps[w.key]
	if rec == nil || rec.Kept == nil {
		return false, nil
	}
	body := rec.Kept.Decision
	body.Waits = false
	changed := false
	if w.wait != nil {
		changed = body.Digest != replay.WaitDigest(*w.wait)
	} else {
		changed = rec.Head.Digest != "" && rec.Head.Digest != r.head(w).Digest
	}
	why := "it asks something else now"
	if !changed && (body.Value != nil || body.What == pawl.DecideAnswer || body.What == pawl.DecideSupply) {
		value, err := w.judge(pawl.Decision{Key: w.key, What: body.What, Value: body.Value})
		if err != nil {
			complaint = pawl.AsError(err, pawl.ErrInput)
			why = complaint.Message
		}
		body.Value = value
	}
	if changed || complaint != nil {
		r.batch.draft(pawl.EventNote, w.key, journal.Note{Aside: true,
			Text: replay.CutText(fmt.Sprintf("%s: %s by %s was not taken: %s", w.key, body.What, body.Who, why))})
		return false, complaint
	}
	w.resolved = true
	r.batch.draftResult(pawl.EventDecision, w.key, body)
	return true, nil
}
