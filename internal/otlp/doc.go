// Package otlp sends a process's spans and metrics to where the standard OTEL_ variables say,
// over OTLP by HTTP, and serves metrics to Prometheus. Without those variables nothing is
// sent. A collector that is not there costs a warning and, at the end, at most [Patience].
//
// It sets what OpenTelemetry has that is global, its error handler and log, so it is the
// command's alone.
package otlp
