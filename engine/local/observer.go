package local

import (
	"context"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/observe"
)

const (
	// maxUntold is how many events are kept for an observer that does not keep up.
	maxUntold = 8192

	// patienceWithObserver is how long an attempt, or an engine that closes, waits for one.
	patienceWithObserver = time.Second
)

// teller tells an observer what happens, so that it can neither hold up nor harm who tells:
// events are kept, and a goroutine that is there as long as there are some takes them to the
// observer.
type teller struct {
	to  observe.Observer
	log *slog.Logger

	mu       sync.Mutex // guards all below
	untold   []func()
	missed   int           // events for which there was no room
	idle     chan struct{} // closed when all is told; nil: it is
	panicked bool
	stuck    bool // an attempt has waited in vain: no other does until all is told
}

// tell takes an event to be told.
func (t *teller) tell(e observe.Event) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.untold) >= maxUntold {
		t.missed++
		return
	}
	t.add(func() { t.to.Observe(e) })
}

// add is called with mu held.
func (t *teller) add(f func()) {
	if n := t.missed; n > 0 {
		t.missed = 0
		t.untold = append(t.untold, func() { t.to.Observe(observe.Missed{Events: n}) })
	}
	t.untold = append(t.untold, f)
	if t.idle == nil {
		t.idle = make(chan struct{})
		go t.tellAll()
	}
}

func (t *teller) tellAll() {
	for {
		t.mu.Lock()
		all := t.untold
		t.untold = nil
		if len(all) == 0 {
			close(t.idle)
			t.idle, t.stuck = nil, false
			t.mu.Unlock()
			return
		}
		t.mu.Unlock()
		for _, f := range all {
			t.safely(f)
		}
	}
}

// safely calls the observer. Its first panic is logged.
func (t *teller) safely(f func()) {
	defer func() {
		if p := recover(); p != nil && !t.panicked {
			t.panicked = true // of one goroutine at a time
			t.log.Warn("the observer panicked, and is told on", "panic", p, "stack", string(debug.Stack()))
		}
	}()
	f()
}

// carry returns the context that the observer gives to an attempt.
func (t *teller) carry(ctx context.Context, run pawl.RunID, key pawl.Key, attempt int) context.Context {
	carrier, ok := t.to.(observe.Carrier)
	if !ok {
		return ctx
	}
	got := make(chan context.Context, 1)
	t.mu.Lock()
	if t.stuck || len(t.untold) >= maxUntold {
		t.mu.Unlock()
		return ctx
	}
	t.add(func() { got <- carrier.Carry(ctx, run, key, attempt) })
	t.mu.Unlock()
	select {
	case carried := <-got:
		return carried
	case <-time.After(patienceWithObserver):
		t.mu.Lock()
		t.stuck = t.idle != nil
		t.mu.Unlock()
		return ctx
	}
}

// wait returns when all is told, or the observer has taken too long.
func (t *teller) wait() {
	t.mu.Lock()
	idle := t.idle
	t.mu.Unlock()
	if idle == nil {
		return
	}
	select {
	case <-idle:
	case <-time.After(patienceWithObserver):
	}
}
