package telemetry

import (
	"log/slog"

	"go.opentelemetry.io/otel/trace"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/observe"
)

// log writes what happens, but for steps and commits, of which there are many.
func (t *Observer) log(e observe.Event, span trace.Span) {
	if t.o.Logger == nil {
		return
	}
	level, message := slog.LevelInfo, ""
	var attrs []slog.Attr
	add := func(of observe.Of, more ...slog.Attr) {
		attrs = append([]slog.Attr{slog.String("run", string(of.Run)), slog.String("flow", of.Flow)}, more...)
		trace := t.traces.last[of.Run]
		if span != nil {
			trace = span.SpanContext()
		}
		if trace.IsValid() {
			attrs = append(attrs, slog.String("trace_id", trace.TraceID().String()), slog.String("span_id", trace.SpanID().String()))
		}
	}
	step := func(s observe.Step) slog.Attr { return slog.String("step", string(s.Key)) }
	switch e := e.(type) {
	case observe.Activated:
		message = "run goes on"
		if e.First {
			message = "run begins"
		}
		add(e.Of)
	case observe.Rested:
		message = "run rests"
		more := []slog.Attr{slog.String("status", string(e.Status))}
		if e.Class != "" {
			more = append(more, class(e.Class))
			level = slog.LevelWarn
		}
		add(e.Of, more...)
	case observe.AttemptBegan:
		message = "attempt begins"
		add(e.Of, step(e.Step), slog.Int("attempt", e.Number))
	case observe.AttemptEnded:
		message = "attempt " + string(e.Outcome)
		more := []slog.Attr{step(e.Step), slog.Int("attempt", e.Number), slog.Int64("took_ms", e.At.Sub(e.Began).Milliseconds())}
		if e.Model != "" {
			more = append(more, slog.String("model", e.Model))
		}
		if e.Class != "" {
			more = append(more, class(e.Class))
			level = slog.LevelWarn
		}
		add(e.Of, more...)
	case observe.BlockerOpened:
		message = "run stands still"
		add(e.Of, step(e.Step), slog.String("blocker", string(e.Blocker)))
	case observe.BlockerLifted:
		message = "blocker lifted"
		add(e.Of, step(e.Step), slog.String("blocker", string(e.Blocker)), slog.String("decision", string(e.Decision)))
	case observe.Missed:
		level, message = slog.LevelWarn, "telemetry was too slow"
		attrs = []slog.Attr{slog.Int("missed", e.Events)}
	default:
		return
	}
	t.o.Logger.LogAttrs(t.ctx, level, message, attrs...)
}

func class(k pawl.ErrorKind) slog.Attr { return slog.String("error", classOf(k).Value.AsString()) }
