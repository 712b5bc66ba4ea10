package temporal

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"github.com/pawlrun/pawl"
)

// deadlock is for how long a workflow may compute before its task is given up: as long as
// Temporal waits for a task. A long history is repeated in one go, and the SDK's own second
// is too short for that on a busy machine.
const deadlock = 10 * time.Second

// stopPatience is how long a worker that is stopped waits for calls that are not cut.
const stopPatience = 24 * time.Hour

// member is a worker of this process: it asks one task queue.
type member struct {
	worker.Worker
	cut context.CancelFunc // cuts the calls that it makes
}

func members(workers []worker.Worker, cut context.CancelFunc) (all []member) {
	for _, w := range workers {
		all = append(all, member{w, cut})
	}
	return all
}

// served is a task queue that this process asks for work.
type served struct {
	queue string
	does  part
	rate  Rate // of the calls there
}

// queues are those that this process asks: its build's, and those of calls with a rate.
func (k *keeper) queues(does part) (all []served) {
	s := k.settings
	if does&calls != 0 {
		for _, name := range slices.Sorted(maps.Keys(s.Rates)) {
			all = append(all, served{s.queueOf(name), calls, s.Rates[name]})
		}
	}
	return append(all, served{k.queue, does, Rate{s.CallsPerSecond, 0}})
}

// beginWorkers begins a worker for each queue, or none.
func (e *Engine) beginWorkers(does part) error {
	ctx, cut := context.WithCancel(e.keeper.settings.ctx)
	begun, err := e.begun(ctx, e.keeper.queues(does))
	if err != nil {
		cut()
		for _, w := range begun {
			w.Stop()
		}
		return unreachable(e.keeper.settings.Client.HostPort, err)
	}
	e.does |= does
	e.workers = append(e.workers, members(begun, cut)...)
	return nil
}

// begun are workers for queues that have begun, also with an error. Their calls are cut when ctx
// ends.
func (e *Engine) begun(ctx context.Context, queues []served) (all []worker.Worker, err error) {
	if err := e.keeper.boundAll(ctx, queues); err != nil {
		return nil, err
	}
	for _, q := range queues {
		w := e.worker(ctx, q)
		if err := w.Start(); err != nil {
			return all, err
		}
		all = append(all, w)
	}
	return all, nil
}

// worker is one for a queue, which has not begun yet.
func (e *Engine) worker(ctx context.Context, q served) worker.Worker {
	s := e.keeper.settings
	o := e.options(q)
	o.BackgroundActivityContext = ctx
	o.DisableEagerActivities = q.does == advances|calls && e.keeper.isBound(ctx, q) // of those Temporal counts none
	w := worker.New(e.client, q.queue, o)
	if q.does&advances != 0 {
		w.RegisterWorkflowWithOptions(s.run, workflow.RegisterOptions{Name: workflowType})
	}
	if q.does&calls != 0 {
		w.RegisterActivityWithOptions(s.ask, activity.RegisterOptions{Name: askActivity})
	}
	return w
}

// options are those of the worker for a queue.
func (e *Engine) options(q served) worker.Options {
	s := e.keeper.settings
	return worker.Options{
		MaxConcurrentActivityExecutionSize:     cmp.Or(q.rate.Calls, s.Calls, 64),
		TaskQueueActivitiesPerSecond:           max(0, q.rate.PerSecond), // for a server that keeps none
		MaxConcurrentWorkflowTaskExecutionSize: int(s.limit.Load()),
		DeadlockDetectionTimeout:               deadlock,
		WorkerStopTimeout:                      stopPatience,
		LocalActivityWorkerOnly:                q.does == advances,
		DisableWorkflowWorker:                  q.does == calls,
		OnFatalError:                           e.refused,
	}
}

// refused is called when Temporal refuses a worker for good, which asks for no more work then. The
// others of this process end with it: a part of what a worker does is none that others could count
// on. It returns when their calls have ended, or are cut by Close.
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
	s.log.Error("this process executes no runs any more", "error", err.Error())
	s.works.Store(false)
	e.stop()
}

// stop has the workers of this process take nothing more, all at once: while one lets its calls end
// the others are to take no more. It returns when all that they do has ended, and what this process
// does for runs of others. None is begun any more by whoever calls it.
func (e *Engine) stop() {
	e.mu.Lock()
	ended, first := e.ended, e.ended == nil
	if first {
		ended = make(chan struct{})
		e.ended = ended
	}
	workers, sweep := e.workers, e.sweep
	e.mu.Unlock()
	if !first {
		<-ended
		return
	}
	defer close(ended)
	if e.keeper.settings.lasts.Swap(false) { // it is given no more runs, and those of its calls are left to it
		e.sign.turn(passing)
	}
	var all sync.WaitGroup
	if sweep != nil {
		all.Go(sweep)
	}
	for _, w := range workers {
		all.Go(w.Stop)
	}
	all.Wait()
	e.sign.turn(gone)
}
