package main

import (
	"context"
	"path/filepath"

	"github.com/pawlrun/pawl/flows/blog"
)

var blogInput = blog.Input{Topic: "Why small steps work", TargetLength: 1000, Style: "informative", Parallel: true}

// blogPost measures what the engine adds to a flow whose model takes its time.
// Three calls come one after another: the plan, the slowest section, the review.
func blogPost(ctx context.Context, p place) ([]figure, error) {
	const path = 3 * 200 // ms
	e, err := openEngine(ctx, filepath.Join(p.dir, "data"), "offline?latency=200ms")
	if err != nil {
		return nil, err
	}
	defer e.close(ctx)
	var took []float64
	for range p.rounds(5) {
		_, d, err := run(ctx, e, blog.Flow, blogInput)
		if err != nil {
			return nil, err
		}
		took = append(took, milliseconds(d))
	}
	return []figure{
		{What: "blog post, 200 ms a call", Value: median(took), Unit: "ms", Durability: fullSync, Limit: path},
		{What: "over its critical path", Value: (median(took)/path - 1) * 100, Unit: "%", AtMost: 1},
	}, nil
}
