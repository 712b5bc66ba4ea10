package telemetry

import (
	"context"
	"sync"
	"time"

	"go.opentelemetry.io/otel/metric"

	"github.com/pawlrun/pawl"
)

// Gauges is how things stand in a store. What is nil is not known.
type Gauges struct {
	Queued   *int64        // runs that nobody executes and that may go on
	Blockers []OpenBlocker // that are open; empty, not nil: none is
	DiskFree *int64        // bytes
}

// OpenBlocker is one that is open now.
type OpenBlocker struct {
	Kind  pawl.BlockerKind
	Since time.Time
}

// gaugesEvery is how old what gauges show may be: several readers look at one store.
const gaugesEvery = 5 * time.Second

// observeGauges has the gauges looked at whenever metrics are collected.
func observeGauges(meter metric.Meter, look func(context.Context) Gauges) error {
	k := &maker{meter: meter}
	queued := k.gauge(metricQueueDepth, "{run}", "Runs that wait for a process to take them up; 1000 is so many or more.")
	open := k.gauge(metricBlockersOpen, "{blocker}", "Blockers that are open, of all runs.")
	oldest := k.gauge(metricBlockersOldest, "s", "Age of the oldest open blocker.")
	free := k.gauge(metricDiskFree, "By", "Space that is left where runs are kept.")
	if k.err != nil {
		return k.err
	}
	var mu sync.Mutex
	var last Gauges
	var at time.Time
	_, err := meter.RegisterCallback(func(ctx context.Context, o metric.Observer) error {
		mu.Lock()
		defer mu.Unlock()
		if at.IsZero() || time.Since(at) >= gaugesEvery {
			last, at = look(ctx), time.Now()
		}
		if last.Queued != nil {
			o.ObserveInt64(queued, *last.Queued)
		}
		if last.DiskFree != nil {
			o.ObserveInt64(free, *last.DiskFree)
		}
		if last.Blockers == nil {
			return nil
		}
		n, age := map[pawl.BlockerKind]int64{}, map[pawl.BlockerKind]time.Duration{}
		for _, kind := range []pawl.BlockerKind{pawl.BlockerApproval, pawl.BlockerInput, pawl.BlockerFailure} { // which alerts are about
			n[kind] = 0
		}
		for _, b := range last.Blockers {
			n[b.Kind]++
			age[b.Kind] = max(age[b.Kind], time.Since(b.Since))
		}
		for kind := range n {
			o.ObserveInt64(open, n[kind], of(blockerKind.String(string(kind))))
			o.ObserveInt64(oldest, int64(age[kind].Seconds()), of(blockerKind.String(string(kind))))
		}
		return nil
	}, queued, open, oldest, free)
	return err
}

func (m *maker) gauge(name, unit, what string) metric.Int64ObservableGauge {
	i, err := m.meter.Int64ObservableGauge(name, metric.WithUnit(unit), metric.WithDescription(what))
	m.keep(err)
	return i
}
