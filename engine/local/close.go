package local

import (
	"context"
	"time"
)

// patience is how long Close waits for runs whose calls it has cut.
const patience = 5 * time.Second

// Close implements pawl.Engine.
func (e *Engine) Close(ctx context.Context) error {
	e.mu.Lock()
	e.closed = true
	var live []*activation
	for _, a := range e.live {
		live = append(live, a)
	}
	e.mu.Unlock()
	e.sleepers.stop()
	for _, a := range live {
		a.inbox.put(func() { a.closing = true })
	}
	down := make(chan struct{})
	go func() {
		defer close(down)
		for _, a := range live {
			<-a.over
		}
		e.calls.Wait()
	}()
	select {
	case <-down:
		return nil
	case <-ctx.Done():
	}
	for _, a := range live {
		a.inbox.put(a.cutCalls)
	}
	late := time.NewTimer(patience)
	defer late.Stop()
	select {
	case <-down:
	case <-late.C: // code that does not listen to its context is left behind
	}
	return nil
}
