package main

import (
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"sync/atomic"
	"time"

	"github.com/pawlrun/pawl"
)

// waitingRuns measures runs that sleep: the memory while all of them do, and the
// time from when all are due until the last is done.
func waitingRuns(n int, memory, seconds float64) func(context.Context, place) ([]figure, error) {
	return func(ctx context.Context, p place) ([]figure, error) {
		if p.short && n > 10_000 {
			return nil, nil
		}
		e, err := openEngine(ctx, filepath.Join(p.dir, "data"), "offline")
		if err != nil {
			return nil, err
		}
		defer e.close(ctx)
		s := &sleepersFlow{due: time.Now().Add(24 * time.Hour)}
		const some = 200
		begin := time.Now()
		if err := startAsleep(ctx, e, s.flow(), some); err != nil {
			return nil, err
		}
		each := time.Since(begin) / some
		s.due = time.Now().Add(each*time.Duration(n)*2 + 5*time.Second)
		if err := startAsleep(ctx, e, s.flow(), n); err != nil {
			return nil, err
		}
		if late := time.Since(s.due); late > 0 {
			return nil, fmt.Errorf("%d runs were started %s after they were to be woken", n, late)
		}
		runtime.GC()
		debug.FreeOSMemory()
		resident, err := memoryNow()
		if err != nil {
			return nil, err
		}
		time.Sleep(time.Until(s.due))
		for s.done.Load() < int64(n) {
			time.Sleep(time.Millisecond)
		}
		took := time.Since(s.due)
		if err := s.check(ctx, e, n); err != nil {
			return nil, err
		}
		return []figure{
			{What: fmt.Sprintf("resident memory while %d runs wait", n), Value: resident, Unit: "MiB", AtMost: memory},
			{What: fmt.Sprintf("%d of them due until all are done", n), Value: took.Seconds(), Unit: "s", AtMost: seconds, Durability: fullSync},
		}, nil
	}
}

// sleepersFlow makes runs that do a step, sleep until due, and do another.
type sleepersFlow struct {
	due  time.Time
	done atomic.Int64
}

func (s *sleepersFlow) flow() pawl.Flow {
	return pawl.New("sleeper", "Sleeps between two steps.", func(r *pawl.Run, in size) (int, error) {
		pawl.Do(r, "before", in.N, same, pawl.Repeatable)
		pawl.Sleep(r, "sleep", time.Until(s.due))
		pawl.Do(r, "after", in.N, same, pawl.Repeatable)
		s.done.Add(1)
		return in.N, nil
	})
}

// startAsleep starts n runs of a flow and returns when each has been put to rest.
func startAsleep(ctx context.Context, e engine, f pawl.Flow, n int) error {
	return each(n, func(i int) error {
		input, err := json.Marshal(size{i})
		if err != nil {
			return err
		}
		id, err := e.Start(ctx, f, input, nil)
		if err != nil {
			return err
		}
		return asleep(ctx, e, id)
	})
}

// asleep returns when a run has been put to rest.
func asleep(ctx context.Context, e engine, id pawl.RunID) error {
	for ev, err := range e.Events(ctx, id, 0) {
		if err != nil {
			return err
		}
		if ev.Type == pawl.EventReleased {
			return nil
		}
	}
	return fmt.Errorf("run %s did not sleep", id)
}

// check makes sure that n runs are done, durably.
func (s *sleepersFlow) check(ctx context.Context, e engine, n int) error {
	for end := time.Now().Add(10 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		runs, err := e.List(ctx, pawl.RunFilter{Flow: "sleeper"})
		if err != nil {
			return err
		}
		done := 0
		for _, r := range runs {
			if r.Status == pawl.StatusDone {
				done++
			}
		}
		if done >= n {
			return nil
		}
		if time.Now().After(end) {
			return fmt.Errorf("%d of %d runs are done", done, n)
		}
	}
}
