package main

import (
	"context"
	"errors"
	"path/filepath"
	"runtime"
	"time"

	"github.com/pawlrun/pawl/flows/blog"
)

// work is one of the engine's own workloads, done over and over for a while.
type work struct {
	what  string
	times int
	do    func() error
}

// took is what work took: from its begin to its end, and of processors for the server and
// the engine.
type took struct{ wall, cpu time.Duration }

// watchedRuns measures what a hundred who watch cost those who work: rounds of the engine's
// own workloads alternate with the same ones while they do. Some watch as the studio's pages
// do, the others hear each event. They are a process of their own, see watchers.
func watchedRuns(ctx context.Context, p place) ([]figure, error) {
	s, err := openSite(ctx, filepath.Join(p.dir, "data"), chain, blog.Flow)
	if err != nil {
		return nil, err
	}
	var figures []figure
	for _, w := range []work{
		{"200 steps, one after another", 40, func() error { _, _, err := run(ctx, s.engine, chain, size{200}); return err }},
		{"a blog post, 200 ms a call", 2, func() error { _, _, err := run(ctx, s.engine, blog.Flow, blogInput); return err }},
		{"100 runs at once", 40, func() error { _, err := atOnce(ctx, s.engine, 100, 20); return err }},
	} {
		f, err := s.compareWatched(w, p.rounds(7))
		if err != nil {
			return nil, errors.Join(err, s.close(ctx))
		}
		figures = append(figures, f...)
	}
	return figures, s.close(ctx)
}

// compareWatched compares work while many watch with the same just before and behind it, while
// nobody does: as the rounds go on the directory grows, and so does what its runs cost.
func (s *site) compareWatched(w work, rounds int) ([]figure, error) {
	const many = 100
	ways := []struct {
		path, what    string
		wall, cpu     []float64
		bytes, theirs []float64
	}{{path: "/stream?brief=true", what: "100 pages watch"}, {path: "/stream", what: "100 hear each event"}, {what: "nobody watches, either"}}
	before, err := w.measure()
	if err != nil {
		return nil, err
	}
	for range rounds {
		for i := range ways {
			way := &ways[i]
			with, seen, err := s.measureWatched(w, way.path, many)
			if err != nil {
				return nil, err
			}
			behind, err := w.measure()
			if err != nil {
				return nil, err
			}
			way.wall = append(way.wall, 2*with.wall.Seconds()/(before.wall+behind.wall).Seconds())
			way.cpu = append(way.cpu, 2*with.cpu.Seconds()/(before.cpu+behind.cpu).Seconds())
			before = behind
			way.bytes = append(way.bytes, float64(seen.Bytes)/(1<<20)/with.wall.Seconds())
			way.theirs = append(way.theirs, milliseconds(seen.cpu)/with.wall.Seconds())
		}
	}
	var figures []figure
	for _, way := range ways {
		time := figure{What: w.what + " while " + way.what + ", in those while nobody does", Value: median(way.wall), Unit: "x", Durability: fullSync}
		if way.path != "" {
			time.AtMost = 1.05
		}
		figures = append(figures, time,
			figure{What: "processor time of the server and the engine then, in that while nobody does", Value: median(way.cpu), Unit: "x", Durability: fullSync})
		if way.path != "" {
			figures = append(figures,
				figure{What: "sent then to all", Value: median(way.bytes), Unit: "MiB/s"},
				figure{What: "processor time of those who watch", Value: median(way.theirs), Unit: "ms/s"})
		}
	}
	return figures, nil
}

// measureWatched does the work while many listen to a path; empty: nobody does, which shows
// how far the machine's own ups and downs go.
func (s *site) measureWatched(w work, path string, many int) (took, watching, error) {
	if path == "" {
		t, err := w.measure()
		return t, watching{}, err
	}
	those, err := watch(s.addr, path, many)
	if err != nil {
		return took{}, watching{}, err
	}
	t, err := w.measure()
	seen, gone := those.end()
	return t, seen, errors.Join(err, gone)
}

// measure does the work. It begins with a heap that was collected, so that no way pays for
// what another left behind.
func (w work) measure() (took, error) {
	runtime.GC()
	begin, before := time.Now(), processorTime()
	for range w.times {
		if err := w.do(); err != nil {
			return took{}, err
		}
	}
	return took{time.Since(begin), processorTime() - before}, nil
}
