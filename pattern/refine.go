package pattern

import "github.com/pawlrun/pawl"

// Review is what a reviewer makes of a draft: whether it is good enough, and a score with
// which drafts are compared.
type Review interface {
	Verdict() (approved bool, score float64)
}

// Refined is what became of a draft.
type Refined[T any, V Review] struct {
	Best      T       // the draft with the highest score; of equals the last
	Review    V       // of that one
	Revisions int     // that were made
	Stopped   Stopped // why no more were
}

// Stopped says why a [Refine] came to its end.
type Stopped string

const (
	Approved Stopped = "approved"          // the last draft is good enough
	UsedUp   Stopped = "revisions used up" // and none was good enough
)

// Refine has a draft reviewed and, as long as it is not approved, revised and reviewed again,
// at most as many times as revisions says. The steps are those of review and revise; of
// repeats the keys are review, review#2 and so on.
//
// The first approved draft is the best, whatever the scores; without one it is that with the
// highest score, which need not be the last.
func Refine[T any, V Review](r *pawl.Run, revisions int, draft T, review func(draft T) V, revise func(draft T, v V) T) Refined[T, V] {
	var best Refined[T, V]
	for n, top := 0, 0.0; ; n++ {
		v := review(draft)
		approved, score := v.Verdict()
		if n == 0 || approved || score >= top {
			best.Best, best.Review, top = draft, v, score
		}
		if best.Revisions = n; approved || n >= revisions {
			best.Stopped = UsedUp
			if approved {
				best.Stopped = Approved
			}
			r.Note("%s after %d of %d revisions, score %g", best.Stopped, n, revisions, top)
			return best
		}
		draft = revise(draft, v)
	}
}
