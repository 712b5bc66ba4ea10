package local

import (
	"context"
	"time"

	"github.com/pawlrun/pawl/engine/internal/exec"
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
	var running []*exec.Run
	for _, r := range e.running {
		running = append(running, r)
	}
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
	late := time.NewTimer(patience)
	defer late.Stop()
	select {
	case <-down:
	case <-late.C: // code that does not listen to its context is left behind
	}
	return nil
}
