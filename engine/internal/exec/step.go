package exec

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/host"
	"github.com/pawlrun/pawl/internal/replay"
	"github.com/pawlrun/pawl/journal"
)

// waiting is a branch that waits for a step's result.
type waiting struct {
	branch       *branch
	key          pawl.Key
	step         host.Step
	wait         *host.Wait       // not nil: it is a wait, and there is no step
	data         json.RawMessage  // what it is about, see replay.StepData; of a wait, or of what is taken at once, nil
	misfit       bool             // it has a recorded result that does not fit what is asked
	filled       json.RawMessage  // what is recorded, with the defaults of its type as it is now; nil: it is as recorded
	asks         bool             // its blocker is drafted
	resolved     bool             // its result is drafted
	reuses       bool             // it waits until it is its turn to take a result over from the base
	busy         bool             // an attempt is under way, or waits for its time or a slot
	need         *journal.Reserve // of an ask that the budget does not let leave now
	patientSince time.Time        // since when it has waited for calls elsewhere that a limit counts too; zero: it does not
	over         bool             // a limit of the journal is why
	beyond       bool             // its call may pass limits of the journal
	lifts        bool             // that its limit has begun anew is drafted
	model        string           // that the attempt under way, or which waits to leave, asks; empty: none
	timer        timer            // of the wait for its time
	queued       time.Time        // since when its attempt has waited for a slot
}

func (w *waiting) stop() {
	if w.timer != nil {
		w.timer.Stop()
	}
}

// askStep takes a step's recorded result or has it executed.
func (r *Run) askStep(b *branch, s host.Step) {
	w := &waiting{branch: b, key: r.keyOf(b, s.Name, s.Was), step: s}
	r.hear(w)
	rec, fits := r.recorded(w, s.Kind())
	if !fits {
		return
	}
	if rec == nil || rec.Result == nil {
		if r.rehearses || r.stopsBefore(w) {
			keepData(&w.step)
		}
		w.data = replay.StepData(w.step) // now, before other branches can change it
		r.wait(w)
		switch {
		case r.findStep(w, rec):
		case r.showsOther(w) && !r.isHolding() && !r.rehearses:
			r.stopBefore(w)
		default:
			r.begin(w)
		}
		return
	}
	data := func() json.RawMessage {
		w.data = replay.StepData(s)
		return w.data
	}
	r.takeRecorded(w, rec, r.st.MatchStep(rec, s, data, w.takesFailure(), r.deps.Strict))
}

// keyOf returns the key of the next step or scope of a branch.
func (r *Run) keyOf(b *branch, name, was string) pawl.Key {
	return b.names.Renamed(name, was, r.knows()...)
}

// knows are the ways in which the run may know a key, the surest first: its base has it,
// from which what has another name now is taken over under the key that it has there.
func (r *Run) knows() []func(pawl.Key) bool {
	all := r.st.Knows()
	if r.base != nil {
		all = append(all, r.base.Knows)
	}
	return all
}

// recorded returns what is recorded under a key, nil if nothing is. If it is of
// another kind the run stops, and recorded reports false.
func (r *Run) recorded(w *waiting, kind pawl.Kind) (rec *replay.Step, fits bool) {
	w.branch.waits = w
	rec = r.st.Steps[w.key]
	switch {
	case rec == nil, !rec.Begun && rec.Kept == nil: // at most it stood as in the base
		return nil, true
	case rec.Head.Kind == "":
		return rec, true
	}
	if err := replay.MatchKind(w.key, rec.Head.Kind, kind); err != nil {
		r.fail(err, "")
		return rec, false
	}
	return rec, true
}

// takeOrWait takes a recorded result if its turn has come, and otherwise waits for
// that.
func (r *Run) takeOrWait(w *waiting) {
	if res, ok := r.code.script.Take(w.key); ok {
		r.wakeWith(w, res)
		r.code.runnable = append([]*branch{w.branch}, r.code.runnable...)
		return
	}
	r.wait(w)
}

// begin does what is next for a step whose branch has its place, unless the run is
// holding.
func (r *Run) begin(w *waiting) {
	if w.reuses {
		return
	}
	if w.wait != nil {
		r.beginWait(w)
		return
	}
	if w.busy || w.resolved || r.isHolding() && !r.rehearses || !r.mayWork(w) {
		if !w.busy && !r.rehearses {
			r.setAgain(w)
		}
		return
	}
	isSame := func(replay.Kept) bool {
		_, same := r.st.IsSame(r.st.Steps[w.key], w.step)
		return same
	}
	switch taken, complaint := r.takeKept(w, isSame); {
	case taken:
		return
	case complaint != nil: // the step cannot go on until a person acts
		f := replay.FailedOf(complaint, w.key, false)
		f.Try = w.takesFailure()
		r.batch.draft(pawl.EventFailed, w.key, f)
		return
	}
	if r.rehearses {
		return
	}
	if r.stopsBefore(w) {
		r.stopBefore(w)
		return
	}
	switch plan := r.plan(w); plan.Action {
	case replay.Held:
	case replay.Fail:
		r.failStep(w, plan.Err)
	case replay.Asked:
		r.batch.draft(pawl.EventBlocker, w.key, plan.Blocker(w.key, w.takesFailure()))
	case replay.Call:
		r.queue(w, plan)
	}
}

// longDelay is how long a step may wait for its next attempt before that is logged.
const longDelay = time.Minute

// queue has an attempt leave when its time has come and there is a place for it.
func (r *Run) queue(w *waiting, plan replay.Plan) {
	if plan.Try == 1 {
		if err := r.checkChain(w); err != nil {
			r.failStep(w, err)
			return
		}
	}
	w.busy, w.model = true, plan.Model
	r.calls.pending++
	if d := plan.Delay(r.deps.World.Now()); d > 0 {
		if d > longDelay {
			r.deps.Log.Warn(fmt.Sprintf("step %q is tried again in %s: %s", w.key, d.Round(time.Second), plan.Why), "run", r.id)
		}
		w.timer = r.deps.World.AfterFunc(d, func() { r.mailbox.put(func() { r.takeSlot(w) }) })
		return
	}
	r.takeSlot(w)
}

// mayWork reports whether nothing stands in the way of a step, its branch has its
// place, and nothing is recorded that has yet to come.
func (r *Run) mayWork(w *waiting) bool {
	rec := r.st.Steps[w.key]
	return w.branch.place.Works() && (rec == nil || rec.Result == nil && !r.st.Blocked(w.key) && r.code.script.IsPast(rec.LastTurn()))
}

// stopsBefore reports whether the run is to stop before the step. One that has begun is
// not stopped, nor is one that a person has let pass, if it still asks what was shown then.
func (r *Run) stopsBefore(w *waiting) bool {
	if rec := r.st.Steps[w.key]; rec != nil && (rec.Passed && rec.Head.Digest == r.head(w).Digest || len(rec.Attempts) > 0) {
		return false
	}
	return r.st.Created.Step || slices.Contains(r.st.Created.Break, w.key)
}

// showsOther reports whether the breakpoint at which a step stands shows another request
// than the step makes by now: its prompt, its model or the flow has changed.
func (r *Run) showsOther(w *waiting) bool {
	rec := r.st.Steps[w.key]
	return rec != nil && r.st.Blocked(w.key) && rec.Asked != nil && rec.Asked.Kind == pawl.BlockerBreakpoint && rec.Asked.Digest != r.head(w).Digest
}

// stopBefore has a person say whether the run goes on with a step, and shows what that is
// about to ask.
func (r *Run) stopBefore(w *waiting) {
	head := r.head(w)
	r.batch.draft(pawl.EventBlocker, w.key, journal.Blocker{Kind: pawl.BlockerBreakpoint, Step: &head,
		Question: "go on with " + string(w.key) + "?", Digest: head.Digest, Request: r.preview(w)})
}

// head is how the step presents itself.
func (r *Run) head(w *waiting) journal.Step {
	if w.wait != nil {
		return waitHead(w.wait)
	}
	return journal.Step{Kind: w.step.Kind(), Purpose: host.PurposeOf(w.step.Purpose, w.step.Name),
		Digest: replay.Digest(w.step, r.st.Model().For(w.step)), Data: w.data, Source: host.Place(w.step.Caller), Sensitive: sensitive(w.step)}
}

// history is what has come of a step so far, and whether it was about something else
// than what is asked: then it is not gone on with.
func (r *Run) history(w *waiting) (h replay.History, other bool) {
	rec := r.st.Steps[w.key]
	if rec == nil {
		return h, false
	}
	h = rec.History
	if other = rec.IsOther(w.data); other {
		h.Round, h.Answered = len(h.Attempts), len(h.Attempts)
	}
	return h, other
}

// beginAll begins every step that waits and is not under way.
func (r *Run) beginAll() {
	for _, key := range slices.Sorted(maps.Keys(r.code.waiting)) {
		if rec := r.st.Steps[key]; rec == nil || rec.Result == nil {
			r.begin(r.code.waiting[key])
		}
	}
}

// failStep records that a step has come to its end without a result. Where the flow
// takes that as a value, it is the result.
func (r *Run) failStep(w *waiting, err *pawl.Error) {
	r.batch.draft(pawl.EventFailed, w.key, replay.FailedOf(err, w.key, w.takesFailure()))
}

// sensitive reports whether a step's result has a field that views must not show.
func sensitive(s host.Step) bool {
	if s.Do != nil {
		return s.Do.Sensitive
	}
	return s.Ask.Schema != nil && s.Ask.Schema.Sensitive()
}
