package local

import (
	"slices"
	"sync"
	"time"
)

// pool is the places among the calls in flight that the models of one provider have
// together. Who waits for one takes it and one of its own model's in the same moment: while
// it waits it holds neither, so that nobody leaves on a place that was taken before the
// provider asked its model to wait.
type pool struct {
	mu       sync.Mutex // guards its limiters, too
	most     int        // 0: no bound
	inFlight int
	waits    int // how many have begun, to number them
	limiters []*limiter
}

func newPool(most int) *pool { return &pool{most: most} }

// limiter adds the limiter of a model that may have n calls in flight.
func (p *pool) limiter(n int) *limiter {
	l := &limiter{pool: p, window: float64(n), most: float64(n)}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.limiters = append(p.limiters, l)
	return l
}

// hasRoom reports whether one more may be in flight. It is called with mu held, as all
// below.
func (p *pool) hasRoom() bool { return p.most == 0 || p.inFlight < p.most }

// admit lets those leave who may, of any model.
func (p *pool) admit() {
	for p.hasRoom() {
		l := p.next()
		if l == nil {
			return
		}
		w := l.queue[0]
		l.queue = slices.Delete(l.queue, 0, 1)
		w.slot = l.leave()
		close(w.ready)
	}
}

// next returns the limiter whose first wait began first, of those that let one leave now;
// nil: none does. Those that are held back are looked at again when that is over.
func (p *pool) next() (first *limiter) {
	for _, l := range p.limiters {
		l.settle()
		if len(l.queue) == 0 || !l.hasRoom() {
			continue
		}
		if d := time.Until(l.until); d > 0 {
			l.wakeIn(d)
			continue
		}
		if first == nil || l.queue[0].number < first.queue[0].number {
			first = l
		}
	}
	return first
}
