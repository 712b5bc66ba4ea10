package telemetry

import (
	"context"

	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"

	"github.com/pawlrun/pawl"
)

// maxTraces is how many runs' last activations are remembered, for links.
const maxTraces = 10_000

// traces are the last activations of runs that this process has executed.
type traces struct {
	last  map[pawl.RunID]trace.SpanContext
	order []pawl.RunID // the oldest first
}

func newTraces() traces {
	return traces{last: map[pawl.RunID]trace.SpanContext{}}
}

// put remembers an activation, and returns the one before it.
func (t *traces) put(run pawl.RunID, is trace.SpanContext) (was trace.SpanContext) {
	was, known := t.last[run]
	if !known {
		t.order = append(t.order, run)
	}
	if len(t.order) > maxTraces {
		delete(t.last, t.order[0])
		t.order = t.order[1:]
	}
	t.last[run] = is
	return was
}

// Traceparent returns the W3C traceparent of the span in ctx, for pawl.StartOptions.Trace
// and pawl.Decision.Trace; empty: there is none.
func Traceparent(ctx context.Context) string {
	carrier := propagation.MapCarrier{}
	propagation.TraceContext{}.Inject(ctx, carrier)
	return carrier["traceparent"]
}

// WithTraceparent returns ctx in the span that a traceparent names. One that is not valid
// changes nothing.
func WithTraceparent(ctx context.Context, traceparent string) context.Context {
	return propagation.TraceContext{}.Extract(ctx, propagation.MapCarrier{"traceparent": traceparent})
}

// spanOf is the span that a traceparent names; of one that is not valid none.
func spanOf(ctx context.Context, traceparent string) trace.SpanContext {
	return trace.SpanContextFromContext(WithTraceparent(ctx, traceparent))
}
