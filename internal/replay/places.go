package replay

import "slices"

// Scope hands out the places of an open scope. A branch has one while it works: while
// its code executes, an attempt of its step is made or waits for its time, or a
// branch of a scope in it works. A branch that stands gives its place up, to the one
// that has waited longest to go on and, if none has, to the next that is to begin.
// Whoever opens the scope says in which order branches stand and ask to go on; all
// else follows from that.
type Scope struct {
	around *Place // of the branch that opened it
	n      int
	limit  int
	keeps  bool             // a branch that stands keeps its place
	begin  func(int) *Place // begins that branch

	next    int // the branch to begin next
	alive   int // begun and not ended
	working int
	queue   []*Place // of those that may go on as soon as there is a place
}

// Place is a branch's place in its scope. The zero value is that of a flow's own
// branch, which is in none and always works.
type Place struct {
	GoOn func() // lets the branch go on, which has its place; nil: it looks for itself

	in    *Scope
	open  *Scope // in the branch
	state placeState
}

type placeState int

const (
	works  placeState = iota
	stands            // it has given its place up
	queues            // it may go on, and waits for a place
)

// Open opens a scope of n branches in a branch that works, and begins as many as
// there are places: limit, or if that is not above zero, n. begin begins a branch and
// returns its place, which is new. If keeps is set, a branch that stands
// keeps its place in the scope; all those around it are given up even so.
func (p *Place) Open(n, limit int, keeps bool, begin func(int) *Place) *Scope {
	if limit <= 0 {
		limit = n
	}
	s := &Scope{around: p, n: n, limit: limit, keeps: keeps, begin: begin}
	p.open = s
	s.fill()
	return s
}

// Works reports whether the branch has its place, and so has every one around it.
func (p *Place) Works() bool { return p.state == works }

// IsShared reports whether another branch could work in the place if this one stood.
func (p *Place) IsShared() bool {
	return p.in != nil && (p.in.limit < p.in.n || p.in.around.IsShared())
}

// Stand has the branch give its place up. One that stands already goes on standing.
func (p *Place) Stand() {
	s := p.in
	if s == nil || p.state == stands {
		return
	}
	was := p.state
	p.state = stands
	if was == queues {
		s.queue = slices.DeleteFunc(s.queue, func(q *Place) bool { return q == p })
		return
	}
	s.working--
	s.fill()
}

// Ask asks for the branch to go on: at once if it works, and otherwise when those that
// asked before have their places, in its scope and in all around it.
func (p *Place) Ask() {
	switch p.state {
	case works:
		p.goOn()
	case stands:
		p.state = queues
		p.in.queue = append(p.in.queue, p)
		p.in.around.Ask() // which, if it works, gives this one its turn
	}
}

func (p *Place) goOn() {
	switch {
	case p.open != nil:
		p.open.fill()
	case p.GoOn != nil:
		p.GoOn()
	}
}

// End takes in that the branch has ended, which worked.
func (p *Place) End() {
	p.in.alive--
	p.in.working--
	p.in.fill()
}

// HasEnded reports whether all branches of the scope have ended.
func (s *Scope) HasEnded() bool { return s.alive == 0 && s.next == s.n }

// fill gives places to those that wait for one and begins others, and has the branch
// around the scope stand when all that are left do.
func (s *Scope) fill() {
	for s.around.Works() {
		switch {
		case len(s.queue) > 0 && s.working < s.limit:
			p := s.queue[0]
			s.queue = s.queue[1:]
			s.working++
			p.state = works
			p.goOn()
		case s.next < s.n && s.taken() < s.limit:
			i := s.next
			s.next++
			s.alive++
			s.working++
			s.begin(i).in = s
		case s.HasEnded():
			s.around.open = nil
			return
		case s.working == 0:
			s.around.Stand()
			return
		default:
			return
		}
	}
}

// taken returns how many places are not to be had for branches that begin.
func (s *Scope) taken() int {
	if s.keeps {
		return s.alive
	}
	return s.working
}
