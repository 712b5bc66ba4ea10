package exec

import (
	"maps"
	"slices"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/replay"
)

// canRest reports whether nothing will happen any more, or not for some time.
func (r *Run) canRest() bool {
	if r.calls.inFlight > 0 && r.calls.gate != gateCut {
		return false
	}
	return r.isHolding() || r.calls.pending == 0 && !r.wakesSoon()
}

// rest records how the run rests, and gives its claim back.
func (r *Run) rest() error {
	r.failRefused()
	if err := r.flush(); err != nil {
		return err
	}
	for {
		r.draftRest()
		r.batch.release = true
		if err := r.flush(); err != nil || r.batch.released {
			return err
		}
	}
}

// draftRest drafts how the run rests.
func (r *Run) draftRest() {
	if e := r.code.ending; e != nil {
		r.code.script.Next(func(pawl.Key) bool { return false }) // nobody asks for what is left
		e.Unused = append(r.code.script.Unused(), r.st.Unasked()...)
	}
	rest := replay.Rest{Phase: r.phase, Before: r.before, Ending: r.code.ending, Foreign: r.foreign, Closed: r.calls.gate != gateOpen, Held: r.isHeldBack(), Decided: r.decided}
	rest.WakeAt, rest.Timer = r.firstTimer()
	r.batch.draftAll(rest.Drafts(r.st))
}

// isHeldBack reports whether there is a step that could go on at once: nobody has
// to do anything for it first.
func (r *Run) isHeldBack() bool {
	for k, w := range r.code.waiting {
		if rec := r.st.Steps[k]; w.wait == nil && w.branch.place.Works() && !r.st.Blocked(k) && (rec == nil || rec.Result == nil) {
			return true
		}
	}
	return false
}

// failRefused fails the asks that were never started, because their provider refuses
// this account, if nothing else has failed.
func (r *Run) failRefused() {
	if r.isHolding() || r.st.HasFailed() {
		return
	}
	for _, key := range slices.Sorted(maps.Keys(r.code.waiting)) {
		w := r.code.waiting[key]
		if w.wait != nil || w.busy || r.result(key) != nil || r.st.Blocked(key) {
			continue
		}
		if plan := r.plan(w); plan.Action == replay.Held {
			r.failStep(w, plan.Err)
		}
	}
}
