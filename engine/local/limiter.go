package local

import (
	"context"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/pawlrun/pawl/engine/internal/exec"
	"github.com/pawlrun/pawl/internal/replay"
)

// maxInFlight is how many calls of one model may be in flight in this process, unless
// Options.MaxCalls says something else.
const maxInFlight = 64

// limiter bounds the calls in flight of one model, over all runs, and finds out what
// its provider takes. When a call is refused for its rate, all are held back for as
// long as the provider says, or otherwise longer with each refusal that no answer
// came between. Then no more may be in flight than half of what was, and than the
// provider has taken since the refusal before: what was answered and what is in
// flight still. One leaves in any case, to find out. The bound grows by one with each
// such number of answers, as the window of TCP does.
type limiter struct {
	pool     *pool    // of its provider's models; its mu guards all that follows
	queue    []*place // who waits, first in first out
	inFlight int
	most     float64   // how many may ever be in flight
	window   float64   // how many may be now
	peak     int       // how many were, at most, since that shrank
	shrink   float64   // it is to shrink to at most this when until has come; 0: it is not
	probe    bool      // one more may leave after a refusal, whatever is in flight
	until    time.Time // nothing leaves before
	armed    bool      // a timer is set for until, or for what it was

	epoch    int       // grows with each refusal that changes the window
	answered int       // calls since the window shrank
	refusals int       // such refusals without an answer in between
	last     time.Time // when a call was last answered
}

// place is a wait in the queue.
type place struct {
	number int           // of all waits in the pool
	ready  chan struct{} // closed when slot is there
	slot   exec.Slot
}

// Try implements exec.Limiter.
func (l *limiter) Try() (exec.Slot, bool) {
	l.pool.mu.Lock()
	defer l.pool.mu.Unlock()
	l.settle()
	if len(l.queue) > 0 || !l.hasRoom() || !l.pool.hasRoom() || time.Now().Before(l.until) {
		return nil, false
	}
	return l.leave(), true
}

// Wait implements exec.Limiter.
func (l *limiter) Wait(ctx context.Context) (exec.Slot, error) {
	l.pool.mu.Lock()
	l.pool.waits++
	p := &place{number: l.pool.waits, ready: make(chan struct{})}
	l.queue = append(l.queue, p)
	l.pool.admit()
	l.pool.mu.Unlock()
	select {
	case <-p.ready:
		return p.slot, nil
	case <-ctx.Done():
	}
	l.pool.mu.Lock()
	i := slices.Index(l.queue, p)
	if i >= 0 {
		l.queue = slices.Delete(l.queue, i, i+1)
	}
	l.pool.mu.Unlock()
	if i < 0 { // it was admitted meanwhile
		p.slot(exec.Came{})
	}
	return nil, ctx.Err()
}

// AnsweredSince implements exec.Limiter.
func (l *limiter) AnsweredSince(t time.Time) bool {
	l.pool.mu.Lock()
	defer l.pool.mu.Unlock()
	return !l.last.IsZero() && !l.last.Before(t)
}

// settle shrinks the window after a refusal, once the delay is over: all that were
// refused together are back by then. It is called with mu held, as all below.
func (l *limiter) settle() {
	if l.shrink > 0 && !time.Now().Before(l.until) {
		l.window = max(1, min(l.shrink, float64(l.answered+l.inFlight)))
		l.shrink, l.peak, l.answered = 0, 0, 0
	}
}

// hasRoom reports whether one more may be in flight.
func (l *limiter) hasRoom() bool { return l.inFlight < int(l.window) || l.probe }

// leave takes a place among the calls in flight.
func (l *limiter) leave() exec.Slot {
	l.pool.inFlight++
	l.inFlight++
	l.peak = max(l.peak, l.inFlight)
	l.probe = false
	epoch := l.epoch
	return func(c exec.Came) {
		l.pool.mu.Lock()
		defer l.pool.mu.Unlock()
		switch {
		case c.Refused:
			l.refuse(epoch, c.RetryAfter)
		case c.Answered:
			l.answer()
		case l.refusals > 0:
			l.probe = true // it has shown nothing
		}
		l.inFlight--
		l.pool.inFlight--
		l.pool.admit()
	}
}

// wakeIn has those who wait looked at again.
func (l *limiter) wakeIn(d time.Duration) {
	if l.armed {
		return // until only grows: what comes too early sets it again
	}
	l.armed = true
	time.AfterFunc(d, func() {
		l.pool.mu.Lock()
		defer l.pool.mu.Unlock()
		l.armed = false
		l.pool.admit()
	})
}

// answer takes in that a call got through. The window grows if it was ever full.
func (l *limiter) answer() {
	l.answered++
	l.refusals, l.last = 0, time.Now()
	if l.shrink == 0 && l.peak >= int(l.window) {
		l.window = min(l.window+1/l.window, l.most)
	}
}

// refuse takes in that a call was refused that left in an epoch. Those that leave
// together are refused together, which is one refusal.
func (l *limiter) refuse(epoch int, after time.Duration) {
	if epoch == l.epoch {
		l.shrink = min(l.window, float64(l.inFlight)) / 2
		l.epoch++
		l.refusals++
		if after <= 0 || l.refusals > 1 {
			after = replay.Backoff(l.refusals, after, rand.Float64())
		}
	}
	l.probe = true
	if t := time.Now().Add(after); t.After(l.until) {
		l.until = t
	}
}
