package temporal

import (
	"cmp"
	"context"
	"fmt"
	"sync"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/local"
)

// deadlock is for how long a workflow may compute before its task is given up: as long as
// Temporal waits for a task. A long history is repeated in one go, and the SDK's own second
// is too short for that on a busy machine.
const deadlock = 10 * time.Second

// stopPatience is how long a worker that is stopped waits for calls that are not cut.
const stopPatience = 24 * time.Hour

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
		if err := e.beginWorker(does); err != nil {
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

func (e *Engine) beginWorker(does part) error {
	s := e.keeper.settings
	ctx, cut := context.WithCancel(s.ctx)
	o := e.options(does)
	o.BackgroundActivityContext = ctx
	if does&calls != 0 {
		bounded, err := e.keeper.bound(ctx, e.keeper.queue, s.CallsPerSecond)
		if err != nil {
			cut()
			return unreachable(s.Client.HostPort, err)
		}
		o.DisableEagerActivities = bounded // of those Temporal counts none
	}
	w := worker.New(e.client, e.keeper.queue, o)
	if does&advances != 0 {
		w.RegisterWorkflowWithOptions(s.run, workflow.RegisterOptions{Name: workflowType})
	}
	if does&calls != 0 {
		w.RegisterActivityWithOptions(s.ask, activity.RegisterOptions{Name: askActivity})
	}
	var rated []worker.Worker
	var err error
	if does&calls != 0 {
		rated, err = e.beginRated(ctx)
	}
	if err == nil {
		err = w.Start()
	}
	if err != nil {
		cut()
		for _, other := range rated {
			other.Stop()
		}
		return unreachable(s.Client.HostPort, err)
	}
	e.does |= does
	e.workers = append(e.workers, member{w, cut})
	for _, w := range rated {
		e.workers = append(e.workers, member{w, cut})
	}
	return nil
}

// options are those of a worker.
func (e *Engine) options(does part) worker.Options {
	s := e.keeper.settings
	return worker.Options{
		MaxConcurrentActivityExecutionSize:     cmp.Or(s.Calls, 64),
		TaskQueueActivitiesPerSecond:           max(0, s.CallsPerSecond),
		MaxConcurrentWorkflowTaskExecutionSize: int(s.limit.Load()),
		DeadlockDetectionTimeout:               deadlock,
		WorkerStopTimeout:                      stopPatience,
		LocalActivityWorkerOnly:                does == advances,
		DisableWorkflowWorker:                  does == calls,
		OnFatalError:                           e.refused,
	}
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
		newSweeper(e.keeper).until(ctx)
	}()
	e.sweep = func() {
		cancel()
		<-done
	}
}

// refused is called when Temporal refuses a worker for good, which asks for no more work then.
func (e *Engine) refused(err error) {
	e.mu.Lock()
	first := e.why == nil
	if first {
		e.why = &pawl.Error{Kind: pawl.ErrStorage, Message: fmt.Sprintf("Temporal refuses this worker: %v", err), Err: err}
		close(e.died)
	}
	e.mu.Unlock()
	if !first {
		return
	}
	s := e.keeper.settings
	s.works.Store(false)
	s.lasts.Store(false)
	s.log.Error("this process executes no runs any more", "error", err.Error())
	e.rest()
	e.sign.turn(gone)
}

// rest ends what this process does for runs of others.
func (e *Engine) rest() {
	e.mu.Lock()
	sweep := e.sweep
	e.sweep = nil
	e.mu.Unlock()
	if sweep != nil {
		sweep()
	}
}

// member is a worker of this process.
type member struct {
	worker.Worker
	cut context.CancelFunc // cuts the calls that it makes
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
	e.workers, e.closed = nil, true
	e.mu.Unlock()
	if e.keeper.settings.lasts.Load() { // it is given no more runs, and those of its calls are left to it
		e.sign.turn(passing)
	}
	stopped := make(chan struct{})
	go func() { // all at once: while one lets its calls end the others are to take no more
		defer close(stopped)
		var all sync.WaitGroup
		all.Go(e.rest)
		for _, w := range workers {
			all.Go(w.Stop)
		}
		all.Wait()
	}()
	select {
	case <-stopped:
	case <-ctx.Done():
	}
	for _, w := range workers {
		w.cut()
	}
	<-stopped
	e.sign.turn(gone)
	return e.Engine.Close(ctx)
}
