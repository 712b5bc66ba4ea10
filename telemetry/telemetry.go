package telemetry

import (
	"context"
	"log/slog"
	"slices"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	metricnoop "go.opentelemetry.io/otel/metric/noop"
	"go.opentelemetry.io/otel/trace"
	tracenoop "go.opentelemetry.io/otel/trace/noop"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/observe"
	"github.com/pawlrun/pawl/llm"
)

// Options are what a caller may choose. Nil means all defaults.
type Options struct {
	Tracers trace.TracerProvider // nil: no spans
	Meters  metric.MeterProvider // nil: no metrics

	// Latest uses the names of the newest conventions for generative AI, 0.1.0, in place of
	// those of 1.41, which backends read today.
	Latest bool

	// OpenInference adds to spans what Phoenix reads.
	OpenInference bool

	// Content returns what an attempt asked and was answered, with what is sensitive masked;
	// spans have it then. It is called once for each attempt that has ended. Nil: no content
	// leaves.
	Content func(ctx context.Context, run pawl.RunID, key pawl.Key, attempt int) (Content, error)

	// Gauges says how things stand in the store, for metrics, when these are collected; it
	// may be called from any goroutine. Nil: they are not shown.
	Gauges func(context.Context) Gauges

	// Logger is told what happens, with the ids of run, step, attempt, trace and span; nil:
	// nothing is logged.
	Logger *slog.Logger
}

// Content is what an attempt at a model asked, and what came.
type Content struct {
	Messages []pawl.Message
	Answer   string // empty: none came
}

// Observer makes spans and metrics. It is an observe.Carrier.
type Observer struct {
	o       Options
	ctx     context.Context // of spans; never canceled
	tracer  trace.Tracer
	metrics *metrics
	runs    map[pawl.RunID]*activation
	traces  traces
}

var _ observe.Carrier = (*Observer)(nil)

// New returns an observer for one engine: no two may tell it something. Spans have the
// values of ctx, and are in no trace that it is in. The error is that of a meter which
// refuses a metric.
func New(ctx context.Context, o *Options) (*Observer, error) {
	if o == nil {
		o = &Options{}
	}
	ctx = trace.ContextWithSpanContext(context.WithoutCancel(ctx), trace.SpanContext{})
	t := &Observer{o: *o, ctx: ctx, runs: map[pawl.RunID]*activation{}, traces: newTraces()}
	if t.o.Tracers == nil {
		t.o.Tracers = tracenoop.NewTracerProvider()
	}
	if t.o.Meters == nil {
		t.o.Meters = metricnoop.NewMeterProvider()
	}
	t.tracer = t.o.Tracers.Tracer(scopeName)
	var err error
	meter := t.o.Meters.Meter(scopeName)
	if t.metrics, err = newMetrics(meter, t.o.Latest); err == nil && o.Gauges != nil {
		err = observeGauges(meter, o.Gauges)
	}
	return t, err
}

// Observe implements observe.Observer.
func (t *Observer) Observe(e observe.Event) {
	t.metrics.take(t.ctx, e)
	t.log(e, t.span(e))
}

// classOf is a class of errors as an attribute: kinds that a flow's code has made up are
// one.
func classOf(k pawl.ErrorKind) attribute.KeyValue {
	if !slices.Contains(classes, k) {
		return errorType.String(other)
	}
	return errorType.String(string(k))
}

var classes = []pawl.ErrorKind{
	pawl.ErrInput, pawl.ErrNotFound, pawl.ErrDatabase, pawl.ErrStorage, pawl.ErrConflict, pawl.ErrGate, pawl.ErrStep, pawl.ErrTransient, pawl.ErrFlow,
	pawl.ErrMismatch, pawl.ErrWaiting, pawl.ErrExpired, pawl.ErrUnknown, pawl.ErrStopped, pawl.ErrCanceled, pawl.ErrRejected, pawl.ErrInterrupt, pawl.ErrInternal,
	pawl.ErrorKind(llm.RateLimit), pawl.ErrorKind(llm.Overloaded), pawl.ErrorKind(llm.Timeout), pawl.ErrorKind(llm.Network), pawl.ErrorKind(llm.Auth),
	pawl.ErrorKind(llm.Quota), pawl.ErrorKind(llm.Invalid), pawl.ErrorKind(llm.ContextLength), pawl.ErrorKind(llm.TooLarge), pawl.ErrorKind(llm.Filtered),
	pawl.ErrorKind(llm.Refused), pawl.ErrorKind(llm.Truncated), pawl.ErrorKind(llm.Canceled),
}

// providerOf splits provider/model, with the conventions' name of the provider.
func providerOf(model string) (provider, name string) {
	provider, name = llm.Split(model)
	if known, ok := providers[provider]; ok {
		provider = known
	}
	if name == "" {
		name = model
	}
	return provider, name
}
