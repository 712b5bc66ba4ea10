package exec

import (
	"cmp"
	"slices"

	"github.com/pawlrun/pawl/internal/replay"
)

// Rehearse executes the run as far as it comes without calling anything, and returns the
// steps that would be executed then, in the order of their keys. It is used in the place
// of Execute.
func (r *Run) Rehearse() []replay.Called {
	r.calls.gate, r.rehearses = gateClosed, true
	r.err = r.loop()
	var asked []replay.Called
	for key, w := range r.code.waiting {
		asked = append(asked, replay.Called{Key: key, Head: r.head(w)})
	}
	slices.SortFunc(asked, func(a, b replay.Called) int { return cmp.Compare(a.Key, b.Key) })
	r.unwind()
	r.calls.cancel()
	close(r.done)
	return asked
}
