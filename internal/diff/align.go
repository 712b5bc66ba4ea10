package diff

import (
	"github.com/aymanbagabas/go-udiff/lcs"
)

// effort is how many elements one comparison of two sequences may look at, beyond five
// times their own number: where they differ in more places than the search finds at once,
// it goes on between what it has found.
const effort = 100_000

// edit is a stretch of a sequence that has another one in its place.
type edit struct{ aFrom, aTo, bFrom, bTo int }

// align returns what has to be done to a to make b of it, in order.
func align(a, b []rune) []edit {
	s := search{a: a, b: b, left: effort + 5*(len(a)+len(b))}
	s.between(edit{0, len(a), 0, len(b)})
	return s.edits
}

type search struct {
	a, b  []rune
	left  int // elements that may be looked at yet
	edits []edit
}

// between finds the edits within a stretch. The library's search gives up after some dozen
// of them from either end, and calls all between a change: that is searched in turn as long
// as it gets smaller.
func (s *search) between(in edit) {
	a, b := s.a[in.aFrom:in.aTo], s.b[in.bFrom:in.bTo]
	s.left -= len(a) + len(b)
	for _, d := range lcs.DiffRunes(a, b) {
		e := edit{in.aFrom + d.Start, in.aFrom + d.End, in.bFrom + d.ReplStart, in.bFrom + d.ReplEnd}
		smaller := d.End-d.Start+d.ReplEnd-d.ReplStart < len(a)+len(b)
		if smaller && d.End > d.Start && d.ReplEnd > d.ReplStart && s.left > 0 {
			s.between(e)
		} else {
			s.edits = append(s.edits, e)
		}
	}
}

// names gives each different element a number.
type names map[string]rune

func (n names) of(element string) rune {
	number, known := n[element]
	if !known {
		number = rune(len(n))
		n[element] = number
	}
	return number
}
