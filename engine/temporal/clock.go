package temporal

import (
	"context"
	"sync"
	"time"
)

// The server says when somebody showed himself, by its own clock. That of this machine may be
// minutes away from it, so how long ago that is follows from what the server's said when this process
// asked, and from what has passed here since.

const (
	rereadClock = 10 * time.Minute // for how long what the server's said is gone by: it may be set, too
	retryClock  = time.Minute      // after which a server is asked again that has not said
)

// clock is the server's.
type clock struct {
	mu   sync.Mutex // guards all below
	said time.Time  // by the server; zero: it has not said
	at   time.Time  // when, here
	next time.Time  // when it is to be asked again, here
}

// now is what the server's clock says by now, zero if that is not known, and whether it is to be
// asked: by one of several who come at a time.
func (c *clock) now() (now time.Time, stale bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if stale = time.Until(c.next) <= 0; stale {
		c.next = time.Now().Add(retryClock)
	}
	if !c.said.IsZero() {
		now = c.said.Add(time.Since(c.at))
	}
	return now, stale
}

func (c *clock) says(now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.said, c.at, c.next = now, time.Now(), time.Now().Add(rereadClock)
}

// now is the server's time, or some moments before, so that nobody counts as gone too early. Where the
// server does not say, it is last, which is what it has stamped last.
func (k *keeper) now(ctx context.Context, last time.Time) time.Time {
	now, stale := k.clock.now()
	if stale {
		if at, ok := k.appear(ctx, k.prefix+"clock", presence{name: newName(), role: gone}); ok {
			k.clock.says(at)
			now = at
		}
	}
	if now.IsZero() {
		return last
	}
	return now
}
