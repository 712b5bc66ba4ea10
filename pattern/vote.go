package pattern

import "github.com/pawlrun/pawl"

// Voted is what a vote came to.
type Voted[T comparable] struct {
	Winner  T
	Votes   int // for the winner
	Of      int // that were cast
	Ballots []T // those, in the order of the voters
}

// Share is the part of the votes that the winner has, from 0 to 1; 0: none was cast.
func (v Voted[T]) Share() float64 {
	if v.Of == 0 {
		return 0
	}
	return float64(v.Votes) / float64(v.Of)
}

// Vote asks each voter, side by side, and returns what most of them said, see [Count]. What
// tells voters apart (a model, a temperature, a number) is for the flow to say, and so is
// whether the winner's share is enough. The keys are those of a map, name[i]/.... A voter who
// cannot vote stands still as any step does; to leave one out, use [pawl.TryMap] and Count.
func Vote[In any, T comparable](r *pawl.Run, name string, voters []In, ballot func(r *pawl.Run, voter In) (T, error)) Voted[T] {
	v := Count(pawl.Map(r, name, voters, ballot))
	r.Note("%s: %v, %d of %d votes", name, v.Winner, v.Votes, v.Of)
	return v
}

// Count counts votes. Of equals that wins which was said first.
func Count[T comparable](ballots []T) Voted[T] {
	v := Voted[T]{Of: len(ballots), Ballots: ballots}
	votes := map[T]int{}
	for _, b := range ballots {
		votes[b]++
	}
	for _, b := range ballots {
		if votes[b] > v.Votes {
			v.Winner, v.Votes = b, votes[b]
		}
	}
	return v
}
