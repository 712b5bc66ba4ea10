package local

import (
	"context"
	"maps"
	"slices"
	"time"
)

// patience is how long Close waits for runs whose calls it has cut.
const patience = 5 * time.Second

// Close implements pawl.Engine.
func (e *Engine) Close(ctx context.Context) error {
	if e.teller != nil {
		defer e.teller.wait()
	}
	e.mu.Lock()
	e.closed = true
	running := slices.Collect(maps.Values(e.running))
	e.mu.Unlock()
	e.timers.stop()
	for _, r := range running {
		r.CloseGate()
	}
	down := make(chan struct{})
	go func() {
		defer close(down)
		for _, r := range running {
			<-r.Done()
		}
		e.calls.Wait()
	}()
	select {
	case <-down:
		return nil
	case <-ctx.Done():
	}
	for _, r := range running {
		r.CutCalls()
	}
	select {
	case <-down:
	case <-time.After(patience): // code that does not listen to its context is left behind
	}
	return nil
}
