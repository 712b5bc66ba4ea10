package pattern

import (
	"fmt"

	"github.com/pawlrun/pawl"
)

// Scores is a judge's answer: a score for each candidate.
type Scores struct {
	Scores []Score `json:"scores" jsonschema:"one for each candidate" pawl:"items=1..100"`
}

// Score is what a judge gives a candidate.
type Score struct {
	Candidate int     `json:"candidate" jsonschema:"its number, from 1" pawl:"min=1,max=100"`
	Reason    string  `json:"reason" jsonschema:"why, in one sentence" pawl:"len=1..500"`
	Score     float64 `json:"score" jsonschema:"how good it is, from 0 to 1" pawl:"min=0,max=1"`
}

// Best is the candidate that a judge scored highest.
type Best[T any] struct {
	Value      T
	Score      Score   // of Value; its Candidate counts those in Candidates from 1
	Candidates []T     // all that were made, in the order of the variants
	Scores     []Score // theirs, in that order
}

// BestOf makes a candidate of each variant, side by side, and has a judge score them all in
// one answer, see [Judge]. The keys are those of a map, name[i]/..., and the judge's step is
// name-judge. A variant that cannot be made stands still as any step does; to leave it out,
// use [pawl.TryMap] and Judge.
func BestOf[In, T any](r *pawl.Run, name string, variants []In, candidate func(r *pawl.Run, variant In) (T, error), judge func(candidates []T) pawl.Question[Scores]) Best[T] {
	candidates := pawl.Map(r, name, variants, candidate)
	return Judge(r, name+"-judge", candidates, judge(candidates))
}

// Judge asks, in a step of that name, for a score for each candidate, and returns the one
// with the highest; of equals the first. That each has exactly one score is a gate, and their
// number stands in the schema that is sent. Without candidates nothing is asked, and the best
// is none.
func Judge[T any](r *pawl.Run, name string, candidates []T, q pawl.Question[Scores]) Best[T] {
	n := len(candidates)
	best := Best[T]{Candidates: candidates, Scores: make([]Score, n)}
	if n == 0 {
		return best
	}
	q = q.Items("scores", n, n).Gate(fmt.Sprintf("one score for each of %d candidates", n), scoresAll(n))
	for _, s := range pawl.Ask(r, name, q).Scores {
		best.Scores[s.Candidate-1] = s
	}
	winner := 0
	for i, s := range best.Scores {
		if s.Score > best.Scores[winner].Score {
			winner = i
		}
	}
	best.Value, best.Score = candidates[winner], best.Scores[winner]
	r.Note("%s: candidate %d of %d, score %g: %s", name, winner+1, n, best.Score.Score, best.Score.Reason)
	return best
}

// scoresAll wants a score for each of n candidates.
func scoresAll(n int) func(Scores) error {
	return func(s Scores) error {
		seen := make([]bool, n+1)
		for _, one := range s.Scores {
			if one.Candidate > n || seen[one.Candidate] {
				return fmt.Errorf("candidate %d has a score too many: wants one for each of 1 to %d", one.Candidate, n)
			}
			seen[one.Candidate] = true
		}
		for i := 1; i <= n; i++ {
			if !seen[i] {
				return fmt.Errorf("candidate %d has no score", i)
			}
		}
		return nil
	}
}
