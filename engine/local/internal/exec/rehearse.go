package exec

import (
	"cmp"
	"slices"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/internal/replay"
)

// Rehearse executes the run as far as it comes without calling anything, and returns the
// steps that would be executed then, in the order of their keys, and the failure of the
// flow if it has come to one. It is used in the place of Execute.
func (r *Run) Rehearse() (asked []replay.Called, failed *pawl.Error) {
	r.calls.gate, r.rehearses = gateClosed, true
	r.err = r.loop()
	if e := r.code.ending; e != nil {
		failed = e.Failure
	}
	for key, w := range r.code.waiting {
		asked = append(asked, replay.Called{Key: key, Head: r.head(w), Request: r.preview(w)})
	}
	slices.SortFunc(asked, func(a, b replay.Called) int { return cmp.Compare(a.Key, b.Key) })
	r.unwind()
	r.calls.cancel()
	close(r.done)
	return asked, failed
}
