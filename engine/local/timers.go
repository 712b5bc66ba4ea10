package local

import (
	"container/heap"
	"context"
	"errors"
	"sync"
	"time"

	"github.com/pawlrun/pawl"
)

// timers are the runs that this engine has put to rest until a time. Of each it
// keeps the id and the time; all else is in the journal.
type timers struct {
	wake func(ctx context.Context, s timer) // called on a goroutine of its own

	mu      sync.Mutex // guards all below
	queue   timerQueue
	asleep  map[pawl.RunID]int64 // the last of its sleeps, by number
	sleeps  int64
	timer   *time.Timer
	stopped bool
	ctx     context.Context // of journal calls

	waking sync.WaitGroup
}

// checkEvery bounds how long a timer of the system is trusted: it does not see
// the clock being set, nor the machine being suspended.
const checkEvery = time.Minute

func (t *timers) add(ctx context.Context, id pawl.RunID, until time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.stopped {
		return
	}
	t.sleeps++
	t.ctx, t.asleep[id] = ctx, t.sleeps
	heap.Push(&t.queue, timer{until.UnixMilli(), id, t.sleeps})
	if t.queue[0].n == t.sleeps {
		t.set()
	}
}

// forget ends a run's sleep: something else has woken it.
func (t *timers) forget(id pawl.RunID) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.asleep, id)
}

func (t *timers) has(id pawl.RunID) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.asleep[id] != 0
}

// stop forgets all, which the journal has, and returns when none is being woken.
func (t *timers) stop() {
	t.mu.Lock()
	t.stopped, t.queue, t.asleep = true, nil, nil
	t.set()
	t.mu.Unlock()
	t.waking.Wait()
}

// set sets the timer for the first of the queue. It is called with mu held.
func (t *timers) set() {
	if t.timer != nil {
		t.timer.Stop()
	}
	if len(t.queue) > 0 {
		t.timer = time.AfterFunc(min(time.Until(time.UnixMilli(t.queue[0].until)), checkEvery), t.due)
	}
}

// maxWaking is how many runs are woken at once.
const maxWaking = 64

// due wakes all whose time has come, some at a time, and sets the timer anew. A
// goroutine wakes one after another: a new one for each would have to grow its
// stack for the journal each time.
func (t *timers) due() {
	work := make(chan timer)
	defer close(work)
	for wakers := 0; ; {
		next, ctx, ok := t.pop()
		if !ok {
			return
		}
		if wakers < maxWaking {
			select {
			case work <- next: // one is free
				continue
			default:
			}
			wakers++
			t.waking.Go(func() {
				for w := range work {
					t.wake(ctx, w)
					t.waking.Done()
				}
			})
		}
		work <- next
	}
}

// pop takes the next whose time has come off the queue; whoever wakes it ends with
// t.waking.Done. If there is none it sets the timer.
func (t *timers) pop() (next timer, ctx context.Context, ok bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for !t.stopped && len(t.queue) > 0 && t.queue[0].until <= time.Now().UnixMilli() {
		if next = heap.Pop(&t.queue).(timer); t.asleep[next.id] == next.n {
			t.waking.Add(1)
			return next, t.ctx, true
		}
	}
	t.set()
	return next, nil, false
}

// woken ends one sleep. By then the run may have begun the next.
func (t *timers) woken(was timer) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.asleep[was.id] == was.n {
		delete(t.asleep, was.id)
	}
}

// timer is a run in the queue.
type timer struct {
	until int64 // milliseconds since 1970
	id    pawl.RunID
	n     int64 // of the sleep
}

// timerQueue is a heap, the next to wake at its top.
type timerQueue []timer

func (q timerQueue) Len() int           { return len(q) }
func (q timerQueue) Less(i, j int) bool { return q[i].until < q[j].until }
func (q timerQueue) Swap(i, j int)      { q[i], q[j] = q[j], q[i] }
func (q *timerQueue) Push(x any)        { *q = append(*q, x.(timer)) }
func (q *timerQueue) Pop() any {
	old := *q
	x := old[len(old)-1]
	*q = old[:len(old)-1]
	return x
}

// wakeTime is how long a run that was woken counts among those being woken.
const wakeTime = 100 * time.Millisecond

// wake goes on with a run whose time has come, unless someone else does. While
// this engine works, that is its worker.
func (e *Engine) wake(ctx context.Context, s timer) {
	id := s.id
	e.mu.Lock()
	w := e.worker
	e.mu.Unlock()
	if w != nil {
		e.timers.woken(s)
		w.nudge()
		return
	}
	r, err := e.takeUp(ctx, id)
	e.timers.woken(s)
	switch {
	case errors.Is(err, pawl.ErrNotFound): // it was removed
	case err != nil && !errors.Is(err, pawl.ErrConflict) && !errors.Is(err, pawl.ErrStopped):
		e.mu.Lock()
		e.dropped[id] = err
		e.mu.Unlock()
		e.log.Error("run not woken", "run", id, "error", err)
	case r != nil:
		select {
		case <-r.Done():
		case <-time.After(wakeTime):
		}
	}
}

// elapsed returns a channel that is closed after d, and what has it never be. It stands
// for a timer's own channel where that may run out before anybody waits for it: Go's
// race detector (1.26) cannot follow that in a bubble of testing/synctest.
func elapsed(d time.Duration) (<-chan struct{}, func() bool) {
	done := make(chan struct{})
	return done, time.AfterFunc(d, func() { close(done) }).Stop
}
