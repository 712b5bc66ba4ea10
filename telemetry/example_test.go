package telemetry_test

import (
	"context"
	"fmt"

	"go.opentelemetry.io/otel/sdk/metric"
	tracing "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/local"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/llm"
	"github.com/pawlrun/pawl/llm/offline"
	"github.com/pawlrun/pawl/telemetry"
)

type greeting struct {
	Name string `json:"name"`
}

var flow = pawl.New("greet", "Greet someone.", func(r *pawl.Run, in greeting) (string, error) {
	return pawl.Ask(r, "greet", pawl.Messages[string]("Greeting", llm.User("Greet "+in.Name+"."))), nil
})

// A program's own providers get the spans and metrics of its engine's runs.
func Example() {
	spans := tracetest.NewInMemoryExporter()
	tracers, meters := tracing.NewTracerProvider(tracing.WithSyncer(spans)), metric.NewMeterProvider()
	if err := greet(context.Background(), tracers, meters, journal.NewMemory(), llm.Catalog{"offline": offline.Model{}}, greeting{"Ada"}); err != nil {
		fmt.Println(err)
	}
	for _, s := range spans.GetSpans() {
		fmt.Println(s.Name)
	}
	// Output:
	// chat offline
	// invoke_workflow greet
}

func greet(ctx context.Context, tracers *tracing.TracerProvider, meters *metric.MeterProvider, db journal.Journal, models llm.Catalog, in greeting) error {
	observer, err := telemetry.New(ctx, &telemetry.Options{Tracers: tracers, Meters: meters})
	if err != nil {
		return err
	}
	engine := local.New(&local.Options{Journal: db, Models: models, Model: "offline", Observe: observer})
	defer engine.Close(ctx)
	run, err := pawl.Start(ctx, engine, flow, in, &pawl.StartOptions{Trace: telemetry.Traceparent(ctx)})
	if err != nil {
		return err
	}
	_, err = run.Result(ctx)
	return err
}
