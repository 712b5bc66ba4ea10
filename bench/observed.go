package main

import (
	"context"
	"path/filepath"

	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/pawlrun/pawl/telemetry"
)

// observedRuns measures what it costs to be observed: rounds of many runs at once, with an
// engine that makes spans and metrics and with one that does not, alternate.
func observedRuns(ctx context.Context, p place) ([]figure, error) {
	const runs, n = 100, 20
	observer, err := telemetry.New(ctx, &telemetry.Options{
		Tracers: sdktrace.NewTracerProvider(sdktrace.WithBatcher(nowhere{})),
		Meters:  sdkmetric.NewMeterProvider(sdkmetric.WithReader(sdkmetric.NewManualReader())),
	})
	if err != nil {
		return nil, err
	}
	observed, err := openObserved(ctx, filepath.Join(p.dir, "observed"), "offline", observer)
	if err != nil {
		return nil, err
	}
	defer observed.close(ctx)
	alone, err := openEngine(ctx, filepath.Join(p.dir, "alone"), "offline")
	if err != nil {
		return nil, err
	}
	defer alone.close(ctx)
	var ratios []float64
	for range p.rounds(9) {
		without, err := atOnce(ctx, alone, runs, n)
		if err != nil {
			return nil, err
		}
		with, err := atOnce(ctx, observed, runs, n)
		if err != nil {
			return nil, err
		}
		ratios = append(ratios, with.Seconds()/without.Seconds())
	}
	return []figure{{What: "100 runs at once with spans and metrics, in those without", Value: median(ratios), Unit: "x", AtMost: 2, Durability: fullSync}}, nil
}

// nowhere takes spans and drops them.
type nowhere struct{}

func (nowhere) ExportSpans(context.Context, []sdktrace.ReadOnlySpan) error { return nil }
func (nowhere) Shutdown(context.Context) error                             { return nil }
