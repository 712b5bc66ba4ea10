package local

import (
	"context"
	"sync"
	"time"
)

// maxInFlight is how many calls of one model may be in flight in this process.
const maxInFlight = 64

// limiter bounds the calls in flight of one model, over all runs, and holds
// them all back for a while when the provider says so.
type limiter struct {
	slots chan struct{}

	mu    sync.Mutex
	until time.Time
}

func newLimiter(n int) *limiter { return &limiter{slots: make(chan struct{}, n)} }

// Slow holds back calls that have not begun until t.
func (l *limiter) Slow(t time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if t.After(l.until) {
		l.until = t
	}
}

func (l *limiter) delay() time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.until.IsZero() {
		return 0
	}
	return time.Until(l.until)
}

// Try takes a slot if one is to be had now.
func (l *limiter) Try() bool {
	if l.delay() > 0 {
		return false
	}
	select {
	case l.slots <- struct{}{}:
		return true
	default:
		return false
	}
}

// Wait takes a slot, or returns ctx's error.
func (l *limiter) Wait(ctx context.Context) error {
	for {
		if d := l.delay(); d > 0 {
			t := time.NewTimer(d)
			select {
			case <-t.C:
			case <-ctx.Done():
				t.Stop()
				return ctx.Err()
			}
			continue
		}
		select {
		case l.slots <- struct{}{}:
			if l.delay() <= 0 {
				return nil
			}
			<-l.slots // slowed while we waited for the slot
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (l *limiter) Release() { <-l.slots }
