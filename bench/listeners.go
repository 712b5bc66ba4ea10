package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pawlrun/pawl"
)

// listeners measures many who follow one busy run: how long after it is done the last of
// them has heard all of it.
func listeners(ctx context.Context, p place) ([]figure, error) {
	const many, n = 1000, 200
	gate := make(chan struct{}, 1)
	held := pawl.New("held", "Does steps when it may.", func(r *pawl.Run, in size) (int, error) {
		pawl.Do(r, "wait", in.N, func(ctx context.Context, n int) (int, error) {
			select {
			case <-gate:
				return n, nil
			case <-ctx.Done():
				return 0, ctx.Err()
			}
		}, pawl.Repeatable)
		for i := range in.N {
			pawl.Do(r, "step", i, same, pawl.Repeatable)
		}
		return in.N, nil
	})
	s, err := openSite(ctx, filepath.Join(p.dir, "data"), held)
	if err != nil {
		return nil, err
	}
	var behind, alone, rates []float64
	for range p.rounds(5) {
		took, err := s.busy(ctx, gate, n, 0)
		if err != nil {
			return nil, errors.Join(err, s.close(ctx))
		}
		alone = append(alone, milliseconds(took.done))
		if took, err = s.busy(ctx, gate, n, many); err != nil {
			return nil, errors.Join(err, s.close(ctx))
		}
		behind = append(behind, milliseconds(took.heard-took.done))
		rates = append(rates, many*n/took.heard.Seconds())
	}
	peak, err := peakMemory()
	return []figure{
		{What: "1000 listeners of a run of 200 steps: done until all have heard it", Value: median(behind), Unit: "ms", AtMost: 1000, Durability: fullSync},
		{What: "events that they hear", Value: median(rates), Unit: "events/s", Durability: fullSync},
		{What: "the run while nobody listens", Value: median(alone), Unit: "ms", Durability: fullSync},
		{What: "peak of resident memory, theirs included", Value: peak, Unit: "MiB"},
	}, errors.Join(err, s.close(ctx))
}

// heard is how long a run took, and how long until all have heard of its end.
type heard struct{ done, heard time.Duration }

// busy makes a run of n steps beside so many listeners, none of whom may miss a thing.
func (s *site) busy(ctx context.Context, gate chan struct{}, n, many int) (heard, error) {
	id, err := s.begin(ctx, "held", n)
	if err != nil {
		return heard{}, err
	}
	var all sync.WaitGroup
	var events atomic.Int64
	for range many {
		ended, err := s.listen(ctx, "/runs/"+string(id)+"/stream", func(line []byte) {
			if bytes.Equal(line, []byte("event: event")) {
				events.Add(1)
			}
		})
		if err != nil {
			return heard{}, err
		}
		all.Go(func() { <-ended })
	}
	begin := time.Now()
	gate <- struct{}{}
	rec, err := s.Wait(ctx, id)
	took := heard{done: time.Since(begin)}
	if err == nil {
		err = rec.Failure()
	}
	all.Wait()
	took.heard = time.Since(begin)
	if want := int64(many) * int64(rec.LastSeq); err == nil && events.Load() != want {
		err = fmt.Errorf("%d events were heard, wants %d", events.Load(), want)
	}
	return took, err
}
