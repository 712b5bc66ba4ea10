package exec

import (
	"encoding/json"
	"fmt"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/host"
	"github.com/pawlrun/pawl/internal/replay"
	"github.com/pawlrun/pawl/journal"
)

// What is taken over in one commit: results, and about how many bytes of them.
const (
	maxReused      = 1000
	maxReusedBytes = journal.MaxValueBytes
)

// findStep reports whether a step takes a result over from the run's base: it waits for
// that then. rec is what is recorded of it; what the run has begun itself takes nothing.
func (r *Run) findStep(w *waiting, rec *replay.Step) bool {
	return r.find(w, func() bool {
		return rec == nil && r.base.FindStep(w.key, w.step, func() []byte { return w.data }, w.takesFailure())
	})
}

// findWait is findStep for a wait. What came for this run is its own.
func (r *Run) findWait(w *waiting, rec *replay.Step) bool {
	return r.find(w, func() bool {
		return rec == nil && len(r.st.Delivered(w.key)) == 0 && r.base.FindWait(w.key, *w.wait, w.takesFailure())
	})
}

func (r *Run) find(w *waiting, finds func() bool) bool {
	if r.base == nil {
		return false
	}
	if w.reuses = finds(); !w.reuses {
		r.base.SetAnew()
	}
	return w.reuses
}

// takeOver takes the next result over from the run's base, and reports whether there was
// one. Flow code sees it before it is durable, since whatever comes of that is behind it in
// the journal: so a base is gone through with few commits. So that a replay hands it over
// in the same place, every turn that was drafted before must have come.
func (r *Run) takeOver() bool {
	if r.base == nil || r.isStopped() || r.phase != replay.Executing || len(r.commands.waiting) > 0 || r.batch.turns > 0 || r.batch.isFull() {
		return false
	}
	t, rec, ok := r.base.Next(func(k pawl.Key) bool { w := r.code.waiting[k]; return w != nil && w.reuses })
	if !ok {
		return false
	}
	if w := r.code.waiting[t.Key]; t.Result == nil {
		r.takeOverTurn(w, rec, t)
	} else {
		r.takeOverResult(w, rec)
	}
	return true
}

// takeOverTurn has a branch stand or go on as it did in the base. Where its place is of use
// to no other that changes nothing, and is not recorded.
func (r *Run) takeOverTurn(w *waiting, rec *replay.Step, t replay.Turn) {
	if !w.branch.place.IsShared() {
		return
	}
	r.batch.draftReused(r.claim.At, w.key, r.base.Turn(rec, t, r.head(w)))
	if t.Stands {
		w.branch.place.Stand()
		return
	}
	w.branch.place.Ask()
}

// takeOverResult hands a result of the base to the branch that waits for it, unless it does
// not pass: then the step begins.
func (r *Run) takeOverResult(w *waiting, rec *replay.Step) {
	w.reuses = false
	value, err := w.judgeReused(rec)
	if err != nil {
		text := fmt.Sprintf("%s: what the base has for it is not taken over", w.key)
		if !rec.Head.Sensitive && !r.head(w).Sensitive { // the complaint may quote it
			text += ": " + err.Error()
		}
		r.batch.draft(pawl.EventNote, w.key, journal.Note{Aside: true, Text: replay.CutText(text)})
		r.base.SetAnew()
		if w.wait != nil {
			r.askFirst(w, nil)
		} else {
			r.begin(w)
		}
		return
	}
	head := r.head(w)
	var step *host.Step
	if w.wait == nil {
		step = &w.step
	}
	body, stale := r.base.Reuse(rec, head, step, value)
	at := r.batch.draftReused(r.claim.At, w.key, body)
	if stale {
		r.batch.draft(pawl.EventNote, w.key, journal.Note{Stale: head.Digest,
			Text: fmt.Sprintf("%s: its prompt, input or answer type has changed since its result was recorded; the recorded result is kept", w.key)})
	}
	delete(r.code.waiting, w.key)
	r.wakeWith(w, replay.Result{Key: w.key, At: at, Value: body.Result, Failure: rec.Result.Failure})
	w.branch.place.Ask()
}

// noteNoBase says in the run's history, once, that its base is not there: what it would have
// taken over is executed and paid.
func (r *Run) noteNoBase() {
	if of := r.st.Created.Base; of != nil && r.base == nil && !r.rehearses && !r.st.NoBase && r.phase == replay.Executing {
		r.batch.draft(pawl.EventNote, "", journal.Note{Aside: true, NoBase: true,
			Text: fmt.Sprintf("the run's base %s was removed: what was not taken over from it before is executed", of.Run)})
	}
}

// judgeReused checks a result of the base as the step's own is checked, and returns it
// with the defaults of its type as it is now; nil: as it is recorded.
func (w *waiting) judgeReused(rec *replay.Step) (json.RawMessage, error) {
	value := rec.Result.Value
	switch {
	case rec.Result.Failure != nil, rec.Head.Kind == pawl.KindSleep:
		return nil, nil
	case rec.Head.Kind == pawl.KindApprove:
		return w.judgeVerdict(rec)
	}
	return w.judge(pawl.Decision{Key: w.key, Value: value})
}

// judgeVerdict is judgeReused for an approval: its value must fit what is proposed now, and
// one that a person edited must pass the gates.
func (w *waiting) judgeVerdict(rec *replay.Step) (json.RawMessage, error) {
	var v pawl.Approval[json.RawMessage]
	if err := json.Unmarshal(rec.Result.Value, &v); err != nil {
		return nil, err
	}
	if v.Edited {
		if _, err := w.judge(pawl.Decision{Key: w.key, Value: v.Value}); err != nil {
			return nil, err
		}
	}
	if w.wait.Schema == nil || rec.Head.Digest == replay.WaitDigest(*w.wait) {
		return nil, nil
	}
	return replay.FillVerdict(v, w.wait.Schema)
}
