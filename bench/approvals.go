package main

import (
	"context"
	"fmt"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"sync"
	"time"

	"github.com/pawlrun/pawl"
)

// approved are runs that do a step, have a person approve it, and do another.
var approved = pawl.New("approved", "Has a person approve it.", func(r *pawl.Run, in size) (int, error) {
	n := pawl.Do(r, "before", in.N, same, pawl.Repeatable)
	a := pawl.Approve(r, "publish", size{n}, "Publish it?")
	return pawl.Do(r, "after", a.Value.N, same, pawl.Repeatable), a.Err()
})

// approvals measures runs that wait for approval: the memory while all of them do,
// and the time to list them, to approve each, and until the last is done.
func approvals(n int, memory, seconds float64) func(context.Context, place) ([]figure, error) {
	return func(ctx context.Context, p place) ([]figure, error) {
		e, err := openEngine(ctx, filepath.Join(p.dir, "data"), "offline")
		if err != nil {
			return nil, err
		}
		defer e.close(ctx)
		if err := startAsleep(ctx, e, approved, n); err != nil {
			return nil, err
		}
		runtime.GC()
		debug.FreeOSMemory()
		resident, err := memoryNow()
		if err != nil {
			return nil, err
		}
		begin := time.Now()
		inbox, err := e.Inbox(ctx, pawl.RunFilter{})
		if err != nil {
			return nil, err
		}
		listed := time.Since(begin)
		if len(inbox) != n {
			return nil, fmt.Errorf("%d blockers in the inbox, wants %d", len(inbox), n)
		}
		err = each(n, func(i int) error {
			d := pawl.Decision{Key: inbox[i].Key, What: pawl.DecideApprove, Who: "bench", Digest: inbox[i].Digest}
			if err := e.Decide(ctx, inbox[i].Run, d); err != nil {
				return err
			}
			_, err := e.Wait(ctx, inbox[i].Run)
			return err
		})
		if err != nil {
			return nil, err
		}
		took := time.Since(begin)
		runs, err := e.List(ctx, pawl.RunFilter{})
		if err != nil {
			return nil, err
		}
		for _, r := range runs {
			if r.Status != pawl.StatusDone {
				return nil, fmt.Errorf("run %s is %s (%s)", r.ID, r.Status, r.Reason)
			}
		}
		return []figure{
			{What: fmt.Sprintf("resident memory while %d runs wait for approval", n), Value: resident, Unit: "MiB", AtMost: memory},
			{What: fmt.Sprintf("inbox of %d", n), Value: milliseconds(listed), Unit: "ms"},
			{What: fmt.Sprintf("%d of them listed, approved and done", n), Value: took.Seconds(), Unit: "s", AtMost: seconds, Durability: fullSync},
		}, nil
	}
}

// each calls f for 0 to n-1, 64 at once, and returns an error if there was one.
func each(n int, f func(int) error) error {
	errs := make(chan error, n)
	places := make(chan struct{}, 64)
	var all sync.WaitGroup
	for i := range n {
		places <- struct{}{}
		all.Go(func() {
			defer func() { <-places }()
			if err := f(i); err != nil {
				errs <- err
			}
		})
	}
	all.Wait()
	select {
	case err := <-errs:
		return err
	default:
		return nil
	}
}
