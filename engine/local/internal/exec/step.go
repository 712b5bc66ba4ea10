package exec

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/replay"
	"github.com/pawlrun/pawl/journal"
)

// waiting is a branch that waits for a step's result.
type waiting struct {
	branch   *branch
	key      pawl.Key
	step     pawl.Step
	wait     *pawl.Wait       // not nil: it is a wait, and there is no step
	filled   json.RawMessage  // what is recorded, with the defaults of its type as it is now; nil: it is as recorded
	resolved bool             // its result is drafted
	busy     bool             // an attempt is under way, or waits for its time or a slot
	need     *journal.Reserve // of an ask that the budget does not let leave now
	timer    *time.Timer      // of the wait for its time
	queued   time.Time        // since when its attempt has waited for a slot
}

func (w *waiting) stop() {
	if w.timer != nil {
		w.timer.Stop()
	}
}

// askStep takes a step's recorded result or has it executed.
func (r *Run) askStep(b *branch, s pawl.Step) {
	w := &waiting{branch: b, key: b.names.Next(s.Name), step: s}
	rec, fits := r.recorded(w, s.Kind())
	if !fits {
		return
	}
	if rec == nil || rec.Result == nil {
		r.code.waiting[w.key] = w
		r.begin(w)
		return
	}
	if r.accepts(w, rec, r.st.MatchStep(rec, s, s.Try || b.try, r.deps.Strict)) {
		r.takeOrWait(w)
	}
}

// recorded returns what is recorded under a key, nil if nothing is. If it is of
// another kind the run stops, and recorded reports false.
func (r *Run) recorded(w *waiting, kind pawl.Kind) (rec *replay.Step, fits bool) {
	w.branch.waits = w
	rec = r.st.Steps[w.key]
	if rec == nil || rec.Head.Kind == "" {
		return rec, true
	}
	if err := replay.MatchKind(w.key, rec.Head.Kind, kind); err != nil {
		r.fail(err, "")
		return rec, false
	}
	return rec, true
}

// accepts reports whether a recorded result is to be taken. If it does not fit the
// run stops; if its request is no longer the same the step is marked as stale.
func (r *Run) accepts(w *waiting, rec *replay.Step, m replay.Match) bool {
	w.filled = m.Value
	switch {
	case m.Err != nil:
		r.fail(m.Err, "")
		return false
	case m.Stale != "":
		rec.Stale = true
		r.batch.draft(pawl.EventNote, rec.Key, journal.Note{Text: fmt.Sprintf("%s: its prompt, input or answer type has changed since its result was recorded; the recorded result is kept", rec.Key), Stale: m.Stale})
	}
	return true
}

// takeOrWait takes a recorded result if its turn has come, and otherwise waits for
// that.
func (r *Run) takeOrWait(w *waiting) {
	if res, ok := r.code.script.Take(w.key); ok {
		r.wakeWith(w, res)
		r.code.runnable = append([]*branch{w.branch}, r.code.runnable...)
		return
	}
	r.code.waiting[w.key] = w
}

// begin does what is next for a step, unless the run is holding.
func (r *Run) begin(w *waiting) {
	if w.wait != nil {
		r.setTimer(w)
		return
	}
	if w.busy || w.resolved || r.isHolding() || r.st.Blocked(w.key) {
		return
	}
	switch taken, complaint := r.takeKept(w); {
	case taken:
		return
	case complaint != nil:
		r.failStep(w, complaint)
		return
	}
	if r.stopsBefore(w) {
		r.batch.draft(pawl.EventBlocker, w.key, journal.Blocker{Kind: pawl.BlockerBreakpoint, Step: new(r.head(w)),
			Question: "go on with " + string(w.key) + "?", Digest: r.head(w).Digest})
		return
	}
	if refused := r.refusal(w.step); refused != nil {
		if w.step.Try || w.branch.try {
			r.failStep(w, refused)
		}
		return
	}
	plan := replay.Next(w.step, r.history(w.key))
	switch plan.Action {
	case replay.Fail:
		r.failStep(w, plan.Err)
	case replay.Asked:
		r.batch.draft(pawl.EventBlocker, w.key, journal.Blocker{Kind: pawl.BlockerUnknown,
			Question: plan.Err.Message + ": make it again?", Digest: journal.Digest([]byte(fmt.Sprint(w.key, plan.Number)))})
	case replay.Call:
		w.busy = true
		r.calls.pending++
		if d := time.Until(plan.At.Time); d > 0 {
			w.timer = time.AfterFunc(d, func() { r.mailbox.put(func() { r.takeSlot(w) }) })
			return
		}
		r.takeSlot(w)
	}
}

// stopsBefore reports whether the run is to stop before the step. One that has begun is
// not stopped.
func (r *Run) stopsBefore(w *waiting) bool {
	if rec := r.st.Steps[w.key]; rec != nil && (rec.Passed || len(rec.Attempts) > 0) {
		return false
	}
	return r.st.Created.Step || slices.Contains(r.st.Created.Break, w.key)
}

// head is how the step presents itself.
func (r *Run) head(w *waiting) journal.Step {
	return journal.Step{Kind: w.step.Kind(), Purpose: pawl.PurposeOf(w.step.Purpose, w.step.Name),
		Digest: replay.Digest(w.step, r.st.Model().For(w.step)), Sensitive: sensitive(w.step)}
}

func (r *Run) history(key pawl.Key) replay.History {
	if rec := r.st.Steps[key]; rec != nil {
		return rec.History
	}
	return replay.History{}
}

// beginAll begins every step that waits and is not under way.
func (r *Run) beginAll() {
	for _, key := range slices.Sorted(maps.Keys(r.code.waiting)) {
		if rec := r.st.Steps[key]; rec == nil || rec.Result == nil {
			r.begin(r.code.waiting[key])
		}
	}
}

// failStep records that a step has come to its end without a result.
func (r *Run) failStep(w *waiting, err *pawl.Error) {
	f := journal.Failed{Error: replay.FailureOf(err, w.key)}
	if w.step.Try || w.branch.try {
		f.Final = true
		r.batch.draftResult(pawl.EventFailed, w.key, f)
		return
	}
	r.batch.draft(pawl.EventFailed, w.key, f)
}

// sensitive reports whether a step's result has a field that views must not show.
func sensitive(s pawl.Step) bool {
	if s.Do != nil {
		return s.Do.Sensitive
	}
	return s.Ask.Schema != nil && s.Ask.Schema.Sensitive()
}
