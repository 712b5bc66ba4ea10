package otlp

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlpmetric/otlpmetrichttp"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	otelprometheus "go.opentelemetry.io/otel/exporters/prometheus"
	"go.opentelemetry.io/otel/metric"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

// Patience is how long Close waits for a collector.
const Patience = 1500 * time.Millisecond

// Options are for Open.
type Options struct {
	Settings
	Service string            // what it is called, unless OTEL_SERVICE_NAME or OTEL_RESOURCE_ATTRIBUTES say
	Version string            // of the program; may be empty
	Serve   bool              // metrics are served to Prometheus
	Warn    func(text string) // is told, once, that something was not sent
}

// Export is what sends.
type Export struct {
	Tracers trace.TracerProvider // nil: no spans are wanted
	Meters  metric.MeterProvider // nil: no metrics are
	Serve   http.Handler         // of metrics, for Prometheus; nil: none is wanted

	spans  *sdktrace.TracerProvider
	meters *sdkmetric.MeterProvider
	warn   func(text string)
	warned atomic.Bool
}

// Open begins to send. Where they go, with which headers and so on, the exporters read from
// the process's environment. The error is of a variable that makes no sense.
func Open(ctx context.Context, o Options) (*Export, error) {
	e := &Export{warn: o.Warn}
	otel.SetErrorHandler(otel.ErrorHandlerFunc(e.failed))
	silence(otel.SetLogger)
	about, err := resource.New(ctx, resource.WithTelemetrySDK(), resource.WithHost(),
		resource.WithAttributes(attribute.String("service.name", o.Service), attribute.String("service.version", o.Version)), resource.WithFromEnv())
	if err != nil {
		return nil, fmt.Errorf("OTEL_RESOURCE_ATTRIBUTES: %w", err)
	}
	if o.Traces {
		exporter, err := otlptracehttp.New(ctx)
		if err != nil {
			return nil, err
		}
		e.spans = sdktrace.NewTracerProvider(sdktrace.WithBatcher(exporter), sdktrace.WithResource(about))
		e.Tracers = e.spans
	}
	if !o.Metrics && !o.Serve {
		return e, nil
	}
	options := []sdkmetric.Option{sdkmetric.WithResource(about)}
	if o.Metrics {
		exporter, err := otlpmetrichttp.New(ctx)
		if err != nil {
			return nil, err
		}
		options = append(options, sdkmetric.WithReader(sdkmetric.NewPeriodicReader(exporter)))
	}
	if o.Serve {
		registry := prometheus.NewRegistry()
		reader, err := otelprometheus.New(otelprometheus.WithRegisterer(registry), otelprometheus.WithoutScopeInfo())
		if err != nil {
			return nil, err
		}
		options = append(options, sdkmetric.WithReader(reader))
		e.Serve = promhttp.HandlerFor(registry, promhttp.HandlerOpts{})
	}
	e.meters = sdkmetric.NewMeterProvider(options...)
	e.Meters = e.meters
	return e, nil
}

// silence gives a function the logger that says nothing.
func silence[L any](set func(L)) {
	var none L
	set(none)
}

// failed says once that something was not sent.
func (e *Export) failed(err error) {
	if e.warn == nil || !e.warned.CompareAndSwap(false, true) {
		return
	}
	if errors.Is(err, context.DeadlineExceeded) {
		err = errors.New("the collector does not answer")
	}
	e.warn(fmt.Sprintf("telemetry is not sent: %v", err))
}

// Close sends what is left, as far as that takes no longer than Patience.
func (e *Export) Close(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, Patience)
	defer cancel()
	done := make(chan struct{})
	go func() {
		defer close(done)
		if e.meters != nil {
			e.report(e.meters.ForceFlush(ctx))
		}
	}()
	if e.spans != nil {
		e.report(e.spans.ForceFlush(ctx))
	}
	<-done
	if e.spans != nil {
		_ = e.spans.Shutdown(ctx) // nothing is left to be sent
	}
	if e.meters != nil {
		ended, end := context.WithCancel(ctx)
		end() // it would send once more
		_ = e.meters.Shutdown(ended)
	}
}

func (e *Export) report(err error) {
	if err != nil {
		e.failed(err)
	}
}
