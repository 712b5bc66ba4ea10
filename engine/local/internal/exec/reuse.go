package exec

import (
	"encoding/json"
	"fmt"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/replay"
	"github.com/pawlrun/pawl/journal"
)

// maxReused is how many results are taken over in one commit.
const maxReused = 1000

// findStep reports whether a step of which nothing is recorded takes a result over from
// the run's base: it waits for that then.
func (r *Run) findStep(w *waiting) bool {
	if r.base == nil {
		return false
	}
	data := func() []byte { return w.data }
	w.reuses = r.base.FindStep(r.st, w.key, w.step, data, w.takesFailure())
	return w.reuses
}

// findWait is findStep for a wait.
func (r *Run) findWait(w *waiting) bool {
	w.reuses = r.base != nil && r.base.FindWait(w.key, *w.wait, w.takesFailure())
	return w.reuses
}

// takeOver takes the next result over from the run's base, and reports whether there was
// one. Flow code sees it before it is durable, since whatever comes of that is behind it in
// the journal: so a base is gone through with few commits. So that a replay hands it over
// in the same place, every turn that was drafted before must have come.
func (r *Run) takeOver() bool {
	if r.base == nil || r.isStopped() || r.phase != replay.Executing || len(r.commands.waiting) > 0 || r.batch.turns > 0 || len(r.batch.drafts) >= maxReused {
		return false
	}
	key, rec, ok := r.base.Next(func(k pawl.Key) bool { w := r.code.waiting[k]; return w != nil && w.reuses })
	if !ok {
		return false
	}
	w := r.code.waiting[key]
	w.reuses = false
	value, err := w.judgeReused(rec)
	if err != nil {
		text := fmt.Sprintf("%s: what the base has for it is not taken over", key)
		if !rec.Head.Sensitive && !r.head(w).Sensitive { // the complaint may quote it
			text += ": " + err.Error()
		}
		r.batch.draft(pawl.EventNote, key, journal.Note{Aside: true, Text: replay.CutText(text)})
		r.beginAnew(w)
		return true
	}
	head := r.head(w)
	body := r.base.Reuse(r.st, rec, head, value)
	at := r.batch.draftReused(r.claim.At, key, body)
	if body.Step.Digest != head.Digest && r.isStale(w, body.Step) {
		r.batch.draft(pawl.EventNote, key, journal.Note{Stale: head.Digest,
			Text: fmt.Sprintf("%s: its prompt, input or answer type has changed since its result was recorded; the recorded result is kept", key)})
	}
	delete(r.code.waiting, key)
	res := replay.Result{Key: key, At: at, Value: body.Result}
	if rec.Result.Failure != nil {
		res.Failure = rec.Result.Failure
	}
	r.wakeWith(w, res)
	w.branch.place.Ask()
	return true
}

// noteNoBase says in the run's history, once, that its base is not there: what it would have
// taken over is executed and paid.
func (r *Run) noteNoBase() {
	if of := r.st.Created.Base; of != nil && r.base == nil && !r.rehearses && !r.st.NoBase && r.phase == replay.Executing {
		r.batch.draft(pawl.EventNote, "", journal.Note{Aside: true, NoBase: true,
			Text: fmt.Sprintf("the run's base %s was removed: what was not taken over from it before is executed", of.Run)})
	}
}

// beginAnew begins what takes nothing over after all.
func (r *Run) beginAnew(w *waiting) {
	if w.wait != nil {
		r.askFirst(w, nil)
		return
	}
	r.begin(w)
}

// isStale reports whether what was taken over is recorded for other words than those in
// which the step asks now.
func (r *Run) isStale(w *waiting, recorded journal.Step) bool {
	if w.wait != nil {
		return replay.WaitDigest(*w.wait) != recorded.Digest
	}
	_, same := r.st.IsSame(&replay.Step{Head: recorded}, w.step)
	return !same
}

// judgeReused checks a result of the base as the step's own is checked, and returns it
// with the defaults of its type as it is now; nil: as it is recorded.
func (w *waiting) judgeReused(rec *replay.Step) (json.RawMessage, error) {
	value := rec.Result.Value
	switch {
	case rec.Result.Failure != nil, rec.Head.Kind == pawl.KindSleep:
		return nil, nil
	case rec.Head.Kind == pawl.KindApprove:
		var v pawl.Approval[json.RawMessage]
		if err := json.Unmarshal(value, &v); err != nil || !v.Edited {
			return nil, err
		}
		value = v.Value
	}
	checked, err := w.judge(pawl.Decision{Key: w.key, Value: value})
	if rec.Head.Kind == pawl.KindApprove || err != nil {
		return nil, err
	}
	return checked, nil
}
