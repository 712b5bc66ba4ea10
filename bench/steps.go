package main

import (
	"context"
	"fmt"
	"path/filepath"
	"sync"
	"time"

	"github.com/pawlrun/pawl"
)

// chainOfSteps measures steps of which each is durable before the next begins.
// Rounds alternate with as many commits of SQLite alone, so that both meet the
// same disk.
func chainOfSteps(ctx context.Context, p place) ([]figure, error) {
	const n = 200
	e, alone, closeBoth, err := openBoth(ctx, p)
	if err != nil {
		return nil, err
	}
	defer closeBoth()
	var steps, commits, ratios []float64
	for range p.rounds(15) {
		commit, err := alone.commits(ctx, n, 1)
		if err != nil {
			return nil, err
		}
		_, took, err := run(ctx, e, chain, size{n})
		if err != nil {
			return nil, err
		}
		steps = append(steps, microseconds(took)/n)
		commits = append(commits, microseconds(commit))
		ratios = append(ratios, microseconds(took)/n/microseconds(commit))
	}
	return []figure{
		{What: "a step of 200, one after another", Value: median(steps), Unit: "us", Durability: fullSync, Limit: median(commits)},
		{What: "a step, in commits of SQLite alone", Value: median(ratios), Unit: "x", AtMost: 1.5, Durability: fullSync},
	}, nil
}

// openBoth opens an engine, and SQLite alone for what the same disk gives it.
func openBoth(ctx context.Context, p place) (e engine, alone *rows, closeBoth func(), err error) {
	if e, err = openEngine(ctx, filepath.Join(p.dir, "data"), "offline"); err != nil {
		return e, nil, nil, err
	}
	if alone, err = openRows(ctx, p, stepBytes); err != nil {
		e.close(ctx)
		return e, nil, nil, err
	}
	return e, alone, func() { alone.close(); e.close(ctx) }, nil
}

// busyRuns measures many runs at once.
func busyRuns(ctx context.Context, p place) ([]figure, error) {
	const runs, n = 200, 20
	e, alone, closeBoth, err := openBoth(ctx, p)
	if err != nil {
		return nil, err
	}
	defer closeBoth()
	var rates, limits []float64
	for range p.rounds(7) {
		commit, err := alone.commits(ctx, 10, 100)
		if err != nil {
			return nil, err
		}
		took, err := atOnce(ctx, e, runs, n)
		if err != nil {
			return nil, err
		}
		rates = append(rates, runs*n/took.Seconds())
		limits = append(limits, 100/commit.Seconds())
	}
	peak, err := peakMemory()
	if err != nil {
		return nil, err
	}
	return []figure{
		{What: "steps of 200 runs at once, 20 each", Value: median(rates), Unit: "steps/s", AtLeast: 30_000, Durability: fullSync, Limit: median(limits)},
		{What: "peak of resident memory", Value: peak, Unit: "MiB", AtMost: 80},
	}, nil
}

// atOnce returns how long so many runs of n steps take.
func atOnce(ctx context.Context, e engine, runs, n int) (time.Duration, error) {
	errs := make(chan error, runs)
	var all sync.WaitGroup
	begin := time.Now()
	for range runs {
		all.Go(func() {
			if _, _, err := run(ctx, e, chain, size{n}); err != nil {
				errs <- err
			}
		})
	}
	all.Wait()
	took := time.Since(begin)
	select {
	case err := <-errs:
		return 0, err
	default:
		return took, nil
	}
}

// mapItems measures a map over many items, and how its time grows.
func mapItems(ctx context.Context, p place) ([]figure, error) {
	e, alone, closeBoth, err := openBoth(ctx, p)
	if err != nil {
		return nil, err
	}
	defer closeBoth()
	var figures []figure
	var each [2]float64
	for i, f := range []struct {
		n, rounds int
		reach     float64
	}{{1000, 7, 80}, {10_000, 3, 1000}} {
		var took, limit []float64
		for range p.rounds(f.rounds) {
			commit, err := alone.commits(ctx, 10, 100)
			if err != nil {
				return nil, err
			}
			_, d, err := run(ctx, e, items, size{f.n})
			if err != nil {
				return nil, err
			}
			took = append(took, milliseconds(d))
			limit = append(limit, milliseconds(commit)*float64(f.n)/100)
		}
		each[i] = median(took) / float64(f.n)
		figures = append(figures, figure{What: fmt.Sprintf("map over %d items", f.n), Value: median(took), Unit: "ms", AtMost: f.reach, Durability: fullSync, Limit: median(limit)})
	}
	return append(figures, figure{What: "an item of 10000 to one of 1000", Value: each[1] / each[0], Unit: "x", AtMost: 1.1}), nil
}

// longRun measures whether steps get slower as their run's history grows.
func longRun(ctx context.Context, p place) ([]figure, error) {
	e, err := openEngine(ctx, filepath.Join(p.dir, "data"), "offline")
	if err != nil {
		return nil, err
	}
	defer e.close(ctx)
	const n, window = 10_000, 500
	at := make([]time.Time, 0, n+1)
	long := pawl.New("long", "Does one step after another and looks at the clock.", func(r *pawl.Run, in size) (int, error) {
		for i := range in.N {
			at = append(at, time.Now())
			pawl.Do(r, "step", i, same, pawl.Repeatable)
		}
		at = append(at, time.Now())
		return in.N, nil
	})
	if _, _, err := run(ctx, e, long, size{n}); err != nil {
		return nil, err
	}
	typical := func(from int) float64 {
		var took []float64
		for i := from; i < from+window; i++ {
			took = append(took, microseconds(at[i+1].Sub(at[i])))
		}
		return median(took)
	}
	first, last := typical(10), typical(n-window)
	return []figure{
		{What: "step 10 and after", Value: first, Unit: "us", Durability: fullSync},
		{What: "step 10000 and before", Value: last, Unit: "us", Durability: fullSync},
		{What: "growth", Value: last / first, Unit: "x", AtMost: 1.15},
	}, nil
}
