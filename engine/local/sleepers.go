package local

import (
	"container/heap"
	"context"
	"errors"
	"sync"
	"time"

	"github.com/pawlrun/pawl"
)

// sleepers are the runs that this engine has put to rest until a time. Of each it
// keeps the id and the time; all else is in the journal.
type sleepers struct {
	wake func(ctx context.Context, s sleeper) // called on a goroutine of its own

	mu      sync.Mutex // guards all below
	queue   sleepQueue
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

func (s *sleepers) add(ctx context.Context, id pawl.RunID, until time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stopped {
		return
	}
	if s.asleep == nil {
		s.asleep = map[pawl.RunID]int64{}
	}
	s.sleeps++
	s.ctx, s.asleep[id] = ctx, s.sleeps
	heap.Push(&s.queue, sleeper{until.UnixMilli(), id, s.sleeps})
	if s.queue[0].n == s.sleeps {
		s.set()
	}
}

// forget ends a run's sleep: something else has woken it.
func (s *sleepers) forget(id pawl.RunID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.asleep, id)
}

func (s *sleepers) has(id pawl.RunID) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.asleep[id] != 0
}

// stop forgets all, which the journal has, and returns when none is being woken.
func (s *sleepers) stop() {
	s.mu.Lock()
	s.stopped, s.queue, s.asleep = true, nil, nil
	if s.timer != nil {
		s.timer.Stop()
	}
	s.mu.Unlock()
	s.waking.Wait()
}

// set sets the timer for the first of the queue. It is called with mu held.
func (s *sleepers) set() {
	if s.timer != nil {
		s.timer.Stop()
	}
	if len(s.queue) > 0 && !s.stopped {
		s.timer = time.AfterFunc(min(time.Until(time.UnixMilli(s.queue[0].until)), checkEvery), s.due)
	}
}

// maxWaking is how many runs are woken at once.
const maxWaking = 64

// due wakes all whose time has come, some at a time, and sets the timer anew. A
// goroutine wakes one after another: a new one for each would have to grow its
// stack for the journal each time.
func (s *sleepers) due() {
	work := make(chan sleeper)
	defer close(work)
	for wakers := 0; ; {
		next, ctx, ok := s.pop()
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
			s.waking.Go(func() {
				for w := range work {
					s.wake(ctx, w)
					s.waking.Done()
				}
			})
		}
		work <- next
	}
}

// pop takes the next whose time has come off the queue; whoever wakes it ends with
// s.waking.Done. If there is none it sets the timer.
func (s *sleepers) pop() (next sleeper, ctx context.Context, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for !s.stopped && len(s.queue) > 0 && s.queue[0].until <= time.Now().UnixMilli() {
		if next = heap.Pop(&s.queue).(sleeper); s.asleep[next.id] == next.n {
			s.waking.Add(1)
			return next, s.ctx, true
		}
	}
	s.set()
	return next, nil, false
}

// woken ends one sleep. By then the run may have begun the next.
func (s *sleepers) woken(was sleeper) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.asleep[was.id] == was.n {
		delete(s.asleep, was.id)
	}
}

// sleeper is a run in the queue.
type sleeper struct {
	until int64 // milliseconds since 1970
	id    pawl.RunID
	n     int64 // of the sleep
}

// sleepQueue is a heap, the next to wake at its top.
type sleepQueue []sleeper

func (q sleepQueue) Len() int           { return len(q) }
func (q sleepQueue) Less(i, j int) bool { return q[i].until < q[j].until }
func (q sleepQueue) Swap(i, j int)      { q[i], q[j] = q[j], q[i] }
func (q *sleepQueue) Push(x any)        { *q = append(*q, x.(sleeper)) }
func (q *sleepQueue) Pop() any {
	old := *q
	x := old[len(old)-1]
	*q = old[:len(old)-1]
	return x
}

// wakeTime is how long a run that was woken counts among those being woken.
const wakeTime = 100 * time.Millisecond

// wake goes on with a run whose time has come, unless someone else does. While
// this engine works, that is its worker.
func (e *Engine) wake(ctx context.Context, s sleeper) {
	id := s.id
	e.mu.Lock()
	w := e.worker
	e.mu.Unlock()
	if w != nil {
		e.sleepers.woken(s)
		w.nudge()
		return
	}
	a, err := e.take(ctx, id)
	e.sleepers.woken(s)
	switch {
	case err != nil && !errors.Is(err, pawl.ErrConflict) && !errors.Is(err, pawl.ErrStopped):
		e.mu.Lock()
		e.stopped[id] = err
		e.mu.Unlock()
		e.log.Error("run not woken", "run", id, "error", err)
	case a != nil:
		select {
		case <-a.over:
		case <-time.After(wakeTime):
		}
	}
}
