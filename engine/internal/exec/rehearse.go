package exec

import (
	"cmp"
	"slices"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/replay"
)

// Rehearsed is what a run came to that called nothing.
type Rehearsed struct {
	Asked   []replay.Called     // the steps that would be executed then, in the order of their keys
	Ending  *replay.Ending      // how its flow ended; nil: it has not
	Refused map[pawl.Key]string // the steps that did not take what was set for them, and why
}

// Rehearse executes the run as far as it comes without calling anything. It is used in the
// place of Execute.
func (r *Run) Rehearse() Rehearsed {
	r.calls.gate, r.rehearses, r.refused = gateClosed, true, map[pawl.Key]string{}
	r.err = r.loop()
	came := Rehearsed{Ending: r.code.ending, Refused: r.refused}
	for key, w := range r.code.waiting {
		came.Asked = append(came.Asked, replay.Called{Key: key, Head: r.head(w), Request: r.preview(w)})
	}
	slices.SortFunc(came.Asked, func(a, b replay.Called) int { return cmp.Compare(a.Key, b.Key) })
	r.unwind()
	r.calls.cancel()
	close(r.done)
	return came
}
