package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"sync/atomic"
	"time"

	"go.temporal.io/sdk/client"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/temporal"
)

// work is a worker, until it is killed.
func work(ctx context.Context, at client.Options, queue string) error {
	e, err := open(ctx, at, queue, true)
	if err != nil {
		return err
	}
	defer e.Close(ctx)
	<-ctx.Done()
	return nil
}

// stepsOfKilled are the steps of each of the runs.
const stepsOfKilled = 3

// killed has two workers execute runs, kills one when a fifth is done, and waits for all.
func killed(ctx context.Context, at client.Options, n int) error {
	queue := "bench-" + string(pawl.NewRunID())
	first, err := child(queue)
	if err != nil {
		return err
	}
	defer end(first)
	second, err := child(queue)
	if err != nil {
		return err
	}
	defer end(second)
	e, err := open(ctx, at, queue, false)
	if err != nil {
		return err
	}
	defer e.Close(ctx)

	begin := time.Now()
	var done, repeated atomic.Int64
	var once sync.Once
	results := make(chan error, n)
	places := make(chan bool, 50) // runs under way
	for range n {
		go func() {
			places <- true
			defer func() { <-places }()
			id, err := pawlRun(ctx, e, chain, stepsOfKilled)
			if err == nil {
				err = count(ctx, e, id, &repeated)
			}
			if done.Add(1) > int64(n/5) {
				once.Do(func() { end(first) })
			}
			results <- err
		}()
	}
	var failed error
	for range n {
		failed = errors.Join(failed, <-results)
	}
	if failed != nil {
		return failed
	}
	fmt.Printf("%d runs of %d steps, two workers, one killed: all done in %.1f s; %d calls of unknown outcome were made again\n", n, stepsOfKilled, time.Since(begin).Seconds(), repeated.Load())
	return nil
}

// count adds up the calls of a run that were made again: those that left, but for one of each
// step. That each step has its answer, the run's result says.
func count(ctx context.Context, e *temporal.Engine, id pawl.RunID, repeated *atomic.Int64) error {
	for ev, err := range e.Events(ctx, id, 0) {
		if err != nil {
			return err
		}
		if ev.Type == pawl.EventIntent {
			repeated.Add(1)
		}
	}
	repeated.Add(-stepsOfKilled)
	return nil
}

// child starts this program as a worker.
func child(queue string) (*exec.Cmd, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(self, "-worker", queue)
	cmd.Stderr = os.Stderr
	return cmd, cmd.Start()
}

// end kills a process as SIGKILL does.
func end(cmd *exec.Cmd) {
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
}
