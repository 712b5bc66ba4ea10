package temporal

import (
	"context"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/local"
)

// part is what a process does for runs.
type part int

const (
	advances part = 1 << iota // it executes flow code, which decides
	calls                     // it asks models
)

// begin has this process execute runs, and others know as what it does: one that is gone, to
// nobody.
func (e *Engine) begin(does part, is role) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed {
		return &pawl.Error{Kind: pawl.ErrStopped, Message: "the engine is closed"}
	}
	if e.why != nil {
		return e.why
	}
	if does &^= e.does; does != 0 {
		if err := e.beginWorkers(does); err != nil {
			return err
		}
	}
	s := e.keeper.settings
	s.works.Store(true)
	switch {
	case is == lasting && !s.lasts.Swap(true):
		e.sign.turn(lasting)
		e.beginSweeping()
	case is == passing && !s.lasts.Load():
		e.sign.turn(passing)
	}
	return nil
}

// beginSweeping has this process take over what other builds leave.
func (e *Engine) beginSweeping() {
	if e.keeper.settings.Stay {
		return
	}
	ctx, cancel := context.WithCancel(e.keeper.settings.ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		newSweeper(e.sign).until(ctx)
	}()
	e.sweep = func() {
		cancel()
		<-done
	}
}

// Work has this process execute runs of its build until ctx ends or the engine is closed, as
// Options.Work does from the start; what it has begun goes on until Close. Limit is how many
// runs' code it executes at once, from 2: one that waits, for a model too, is none of them.
// Seen is told of the executions of this process. Temporal keeps the queue, so that there is
// no end of it: Drain is refused. An error is that Temporal refuses the worker for good.
func (e *Engine) Work(ctx context.Context, o *local.WorkOptions) error {
	if o == nil {
		o = &local.WorkOptions{}
	}
	if o.Drain {
		return &pawl.Error{Kind: pawl.ErrInput, Message: "work: a queue that Temporal keeps cannot be drained", Hint: "wait for the runs themselves"}
	}
	if o.Limit == 1 {
		return &pawl.Error{Kind: pawl.ErrInput, Message: "work: a worker of Temporal's executes the code of at least 2 runs at once, not of 1"}
	}
	e.keeper.settings.limit.Store(int64(o.Limit))
	if o.Seen != nil {
		t := newTelling(o.Seen)
		e.keeper.settings.seen.Store(t)
		go t.until(e.down)
	}
	if err := e.begin(advances|calls, lasting); err != nil {
		return err
	}
	if o.Ready != nil {
		o.Ready()
	}
	select {
	case <-ctx.Done():
	case <-e.down:
	case <-e.died:
		e.mu.Lock()
		defer e.mu.Unlock()
		return e.why
	}
	return nil
}

// Close implements pawl.Engine. Calls in flight of this process end, or are cut when ctx ends:
// their outcome is unknown then, and whoever goes on with the run makes them again. A run that is being
// taken over is begun anew first, which may take a minute more than ctx.
func (e *Engine) Close(ctx context.Context) error {
	e.mu.Lock()
	workers := e.workers
	if !e.closed {
		close(e.down)
	}
	e.closed = true
	e.mu.Unlock()
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		e.stop()
	}()
	select {
	case <-stopped:
	case <-ctx.Done():
	}
	for _, w := range workers {
		w.cut()
	}
	<-stopped
	return e.Engine.Close(ctx)
}
