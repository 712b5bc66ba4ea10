package server

import (
	"net/http"
	"sync"
	"time"

	"github.com/pawlrun/pawl"
)

// rates bounds how many requests a caller makes: each has a bucket that fills with time.
type rates struct {
	mu      sync.Mutex
	buckets map[string]bucket
}

type bucket struct {
	left float64
	at   time.Time
}

// mostCallers is how many callers are kept apart; full buckets are forgotten first.
const mostCallers = 10_000

// checkRate refuses a request of a caller who makes too many.
func (s *Server) checkRate(caller string) *Problem { return s.countAt(caller, 1) }

// askRate is checkRate of a request that is not counted yet.
func (s *Server) askRate(caller string) *Problem { return s.countAt(caller, 0) }

func (s *Server) countAt(caller string, requests float64) *Problem {
	if s.o.Rate < 0 || s.rates.take(caller, requests, s.o.Rate, time.Now()) {
		return nil
	}
	p := newProblem(&pawl.Error{Kind: "rate_limit", Message: "too many requests", Hint: "wait a second"})
	p.Status, p.Title, p.retryAfter = http.StatusTooManyRequests, http.StatusText(http.StatusTooManyRequests), "1"
	return p
}

// take takes requests, one or none, out of a caller's bucket, which holds those of two
// seconds, and reports whether there is one in it.
func (r *rates) take(caller string, requests, rate float64, now time.Time) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.buckets == nil {
		r.buckets = map[string]bucket{}
	}
	most := max(2*rate, 1)
	b, known := r.buckets[caller]
	if !known {
		if requests == 0 {
			return true // and nothing is kept of who may be nobody
		}
		if len(r.buckets) >= mostCallers {
			r.forget(rate, most, now)
		}
		b = bucket{left: most, at: now}
	}
	b.left = min(most, b.left+now.Sub(b.at).Seconds()*rate)
	b.at = now
	ok := b.left >= 1
	if ok {
		b.left -= requests
	}
	r.buckets[caller] = b
	return ok
}

// forget drops the buckets that are full again, or else all of them.
func (r *rates) forget(rate, most float64, now time.Time) {
	for caller, b := range r.buckets {
		if b.left+now.Sub(b.at).Seconds()*rate >= most {
			delete(r.buckets, caller)
		}
	}
	if len(r.buckets) >= mostCallers {
		clear(r.buckets)
	}
}
