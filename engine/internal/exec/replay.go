package exec

import (
	"maps"
	"slices"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/host"
	"github.com/pawlrun/pawl/internal/replay"
	"github.com/pawlrun/pawl/journal"
)

// Replayed is what flow code came to that was executed against its run's history, and
// against that alone.
type Replayed struct {
	// Asked is what it asked for, by its key, unless it is as recorded and was handed over
	// at once.
	Asked map[pawl.Key]Asked

	Waits  []pawl.Key     // what it waits for, in the order of the keys
	Unused []pawl.Key     // recorded results that it did not ask for
	Ending *replay.Ending // nil: it did not come to its end
}

// Asked is a step or a wait as flow code asks for it.
type Asked struct {
	Head journal.Step
	Step host.Step
	Wait *host.Wait // not nil: it is a wait, and there is no step
}

// Replay executes the run's flow code as far as it comes by what is recorded, without
// calling anything. It is used in the place of Execute.
func (r *Run) Replay() Replayed {
	r.calls.gate, r.rehearses, r.phase, r.foreign = gateClosed, true, replay.Executing, false
	r.asked = map[pawl.Key]Asked{}
	r.err = r.loop()
	out := Replayed{Asked: r.asked, Waits: slices.Sorted(maps.Keys(r.code.waiting)), Ending: r.code.ending}
	r.code.script.Next(func(pawl.Key) bool { return false }) // nobody asks for what is left
	for _, key := range append(r.code.script.Unused(), r.st.Unasked()...) {
		if r.code.waiting[key] == nil {
			out.Unused = append(out.Unused, key)
		}
	}
	r.unwind()
	r.calls.cancel()
	close(r.done)
	return out
}

// hear takes in what flow code asks for, if that is wanted.
func (r *Run) hear(w *waiting) {
	if r.asked != nil {
		r.asked[w.key] = Asked{Head: r.head(w), Step: w.step, Wait: w.wait}
	}
}
