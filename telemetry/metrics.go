package telemetry

import (
	"context"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/observe"
)

// metrics are the instruments, of which those that a dialect has not are nil.
type metrics struct {
	activations, steps, attempts, repairs, gateFailures, blocked, lost, missed metric.Int64Counter
	active                                                                     metric.Int64UpDownCounter
	cost                                                                       metric.Float64Counter
	activation, queued, attemptWait, blocker, commit, call, first              metric.Float64Histogram
	events, tokens                                                             metric.Int64Histogram
	input, output, cached, written                                             metric.Int64Counter
}

// maker makes instruments, and remembers the first error.
type maker struct {
	meter metric.Meter
	err   error
}

func (m *maker) keep(err error) {
	if m.err == nil {
		m.err = err
	}
}

func (m *maker) counter(name, unit, what string) metric.Int64Counter {
	i, err := m.meter.Int64Counter(name, metric.WithUnit(unit), metric.WithDescription(what))
	m.keep(err)
	return i
}

func (m *maker) seconds(name, what string, buckets []float64) metric.Float64Histogram {
	i, err := m.meter.Float64Histogram(name, metric.WithUnit("s"), metric.WithDescription(what), metric.WithExplicitBucketBoundaries(buckets...))
	m.keep(err)
	return i
}

func (m *maker) sizes(name, unit, what string, buckets []float64) metric.Int64Histogram {
	i, err := m.meter.Int64Histogram(name, metric.WithUnit(unit), metric.WithDescription(what), metric.WithExplicitBucketBoundaries(buckets...))
	m.keep(err)
	return i
}

func newMetrics(meter metric.Meter, latest bool) (*metrics, error) {
	k := &maker{meter: meter}
	m := &metrics{
		activations:  k.counter(metricActivations, "{activation}", "Activations of runs that have ended, by how the run rests."),
		steps:        k.counter(metricSteps, "{step}", "Steps that came to a result."),
		attempts:     k.counter(metricAttempts, "{attempt}", "Attempts at models and code, by their outcome."),
		repairs:      k.counter(metricRepairs, "{attempt}", "Attempts after an answer that was turned down."),
		gateFailures: k.counter(metricGateFailures, "{failure}", "Gates that turned a result down."),
		blocked:      k.counter(metricBlocked, "{blocker}", "Times that something stood in the way of a run."),
		lost:         k.counter(metricClaimsLost, "{claim}", "Runs that another process took."),
		missed:       k.counter(metricMissed, "{event}", "Events that telemetry was too slow for."),
		activation:   k.seconds(metricActivation, "How long runs were executed at a stretch.", secondsBuckets),
		queued:       k.seconds(metricQueued, "From when a run was made until a process took it up.", waitBuckets),
		attemptWait:  k.seconds(metricAttemptWait, "Wait of calls for a place among those in flight.", secondsBuckets),
		blocker:      k.seconds(metricBlocker, "How long runs stood still.", waitBuckets),
		commit:       k.seconds(metricCommit, "How long the journal took to store events.", commitBuckets),
		events:       k.sizes(metricCommitEvents, "{event}", "Events of a run that were stored at once.", eventBuckets),
	}
	var err error
	m.active, err = meter.Int64UpDownCounter(metricActive, metric.WithUnit("{run}"), metric.WithDescription("Runs that this process executes."))
	k.keep(err)
	m.cost, err = meter.Float64Counter(metricCost, metric.WithUnit("{USD}"), metric.WithDescription("What calls of models have cost, by the price list; those without a price are not in it."))
	k.keep(err)
	if latest {
		m.call = k.seconds(latestCallDuration, "GenAI operation duration.", secondsBuckets)
		m.first = k.seconds(latestFirstChunk, "Time until the first piece of an answer.", firstBuckets)
		m.input = k.counter(latestInputTokens, "{token}", "Input tokens, cached ones included.")
		m.output = k.counter(latestOutputTokens, "{token}", "Output tokens, reasoning included.")
		m.cached = k.counter(latestCacheReadTokens, "{token}", "Input tokens that a provider had cached.")
		m.written = k.counter(latestCacheWritten, "{token}", "Input tokens that were written into a provider's cache.")
		m.activation = k.seconds(latestRunDuration, "How long runs were executed at a stretch.", secondsBuckets)
	} else {
		m.call = k.seconds(metricCallDuration, "GenAI operation duration.", secondsBuckets)
		m.first = k.seconds(metricFirstChunk, "Time until the first piece of an answer.", firstBuckets)
		m.tokens = k.sizes(metricTokens, "{token}", "Number of input and output tokens used.", tokenBuckets)
	}
	return m, k.err
}

// take counts an event.
func (m *metrics) take(ctx context.Context, e observe.Event) {
	switch e := e.(type) {
	case observe.Activated:
		m.active.Add(ctx, 1, of(flowName.String(e.Flow)))
		if e.First {
			m.queued.Record(ctx, e.Waited.Seconds(), of(flowName.String(e.Flow)))
		}
	case observe.Rested:
		m.rested(ctx, e)
	case observe.AttemptBegan:
		m.began(ctx, e)
	case observe.AttemptEnded:
		m.ended(ctx, e)
	case observe.StepEnded:
		m.steps.Add(ctx, 1, of(flowName.String(e.Flow), stepKind.String(string(e.Kind)), stepOutcome.String(string(e.Outcome))))
	case observe.BlockerOpened:
		m.blocked.Add(ctx, 1, of(flowName.String(e.Flow), blockerKind.String(string(e.Blocker))))
	case observe.BlockerLifted:
		m.blocker.Record(ctx, max(0, e.At.Sub(e.Since).Seconds()), of(flowName.String(e.Flow), blockerKind.String(string(e.Blocker))))
	case observe.Committed:
		m.commit.Record(ctx, e.Took.Seconds())
		m.events.Record(ctx, int64(e.Events))
	case observe.Missed:
		m.missed.Add(ctx, int64(e.Events))
	}
}

func of(attrs ...attribute.KeyValue) metric.MeasurementOption {
	return metric.WithAttributes(attrs...)
}

func (m *metrics) rested(ctx context.Context, e observe.Rested) {
	flow := flowName.String(e.Flow)
	m.active.Add(ctx, -1, of(flow))
	attrs := []attribute.KeyValue{flow, runStatus.String(string(e.Status))}
	if e.Class != "" {
		attrs = append(attrs, classOf(e.Class))
	}
	m.activations.Add(ctx, 1, of(attrs...))
	m.activation.Record(ctx, e.Ran.Seconds(), of(attrs...))
	if e.Lost {
		m.lost.Add(ctx, 1, of(flow))
	}
}

func (m *metrics) began(ctx context.Context, e observe.AttemptBegan) {
	if e.Model != "" {
		_, model := providerOf(e.Model)
		m.attemptWait.Record(ctx, e.Waited.Seconds(), of(genRequestModel.String(model)))
	}
	if e.Repairs {
		m.repairs.Add(ctx, 1, of(flowName.String(e.Flow), stepKind.String(string(e.Kind))))
	}
}

func (m *metrics) ended(ctx context.Context, e observe.AttemptEnded) {
	flow, kind := flowName.String(e.Flow), stepKind.String(string(e.Kind))
	for _, g := range e.Gates {
		if !g.OK {
			m.gateFailures.Add(ctx, 1, of(flow, kind))
		}
	}
	attrs := []attribute.KeyValue{flow, kind, attemptResult.String(string(e.Outcome))}
	if e.Class != "" {
		attrs = append(attrs, classOf(e.Class))
	}
	if e.Model == "" {
		m.attempts.Add(ctx, 1, of(attrs...))
		return
	}
	provider, model := providerOf(e.Model)
	m.attempts.Add(ctx, 1, of(append(attrs, genRequestModel.String(model))...))
	call := []attribute.KeyValue{genOperation.String(operationAsk), genProvider.String(provider), genRequestModel.String(model)}
	if e.FirstPiece > 0 {
		m.first.Record(ctx, e.FirstPiece.Seconds(), of(call...))
	}
	m.took(ctx, e, flow, call)
	if e.Outcome == pawl.OutcomeFailed {
		call = append(call, classOf(e.Class))
	}
	m.call.Record(ctx, max(0, e.At.Sub(e.Began).Seconds()), of(call...))
}

// took adds up tokens and cost.
func (m *metrics) took(ctx context.Context, e observe.AttemptEnded, flow attribute.KeyValue, call []attribute.KeyValue) {
	if e.CostUSD != nil {
		m.cost.Add(ctx, *e.CostUSD, of(append(call[:len(call):len(call)], flow)...))
	}
	switch u := e.Usage; {
	case u == nil:
	case m.tokens != nil:
		m.tokens.Record(ctx, u.InputTokens, of(append(call[:len(call):len(call)], genTokenType.String("input"))...))
		m.tokens.Record(ctx, u.OutputTokens, of(append(call[:len(call):len(call)], genTokenType.String("output"))...))
	default:
		m.input.Add(ctx, u.InputTokens, of(call...))
		m.output.Add(ctx, u.OutputTokens, of(call...))
		m.cached.Add(ctx, u.CachedTokens, of(call...))
		m.written.Add(ctx, u.CacheWriteTokens, of(call...))
	}
}
