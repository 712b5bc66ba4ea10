package telemetry

import (
	"context"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/observe"
	"github.com/pawlrun/pawl/llm"
)

// Carry implements observe.Carrier: what an attempt calls is in its span.
func (t *Observer) Carry(ctx context.Context, run pawl.RunID, key pawl.Key, attempt int) context.Context {
	if a := t.runs[run]; a != nil {
		if of := a.attempts[attemptID{key, attempt}]; of != nil {
			return trace.ContextWithSpan(ctx, trace.SpanFromContext(of))
		}
	}
	return ctx
}

// attempt begins the span of an attempt, and returns its context.
func (t *Observer) attempt(e observe.AttemptBegan) context.Context {
	attrs := append(t.step(e.Run, e.Step), attemptNumber.Int(e.Number))
	name, kind := spanDo+" "+string(e.Key), trace.SpanKindInternal
	if e.Model != "" {
		provider, model := providerOf(e.Model)
		name, kind = operationAsk+" "+model, trace.SpanKindClient
		attrs = append(attrs, genOperation.String(operationAsk), genProvider.String(provider), genRequestModel.String(model), genConversation.String(string(e.Run)))
		attrs = append(attrs, t.settings(e)...)
	}
	ctx, _ := t.tracer.Start(t.parent(e.Run, e.Key), name, trace.WithSpanKind(kind), trace.WithTimestamp(e.At), trace.WithAttributes(attrs...))
	if a := t.runs[e.Run]; a != nil {
		a.attempts[attemptID{e.Key, e.Number}] = ctx
	}
	return ctx
}

// settings are those of a call.
func (t *Observer) settings(e observe.AttemptBegan) []attribute.KeyValue {
	attrs := []attribute.KeyValue{genOutputType.String("text")}
	if e.JSON {
		attrs[0] = genOutputType.String("json")
	}
	if e.MaxTokens > 0 {
		attrs = append(attrs, genMaxTokens.Int(e.MaxTokens))
	}
	if e.Temperature != nil {
		attrs = append(attrs, genTemperature.Float64(*e.Temperature))
	}
	if t.o.Latest {
		attrs = append(attrs, genStream.Bool(true))
		if e.Effort != "" {
			attrs = append(attrs, genReasoning.String(e.Effort))
		}
	}
	if t.o.OpenInference {
		_, model := providerOf(e.Model)
		attrs = append(attrs, inferenceModel.String(model))
	}
	return attrs
}

// attemptEnded ends it, with what came of it.
func (t *Observer) attemptEnded(e observe.AttemptEnded) trace.Span {
	id := attemptID{e.Key, e.Number}
	var open map[attemptID]context.Context
	if a := t.runs[e.Run]; a != nil {
		open = a.attempts
	}
	ctx := open[id]
	if ctx == nil { // how it began was missed
		began := e.Of
		began.At = e.Began
		ctx = t.attempt(observe.AttemptBegan{Of: began, Step: e.Step, Number: e.Number, Model: e.Model})
	}
	delete(open, id)
	span := trace.SpanFromContext(ctx)
	span.SetAttributes(attemptResult.String(string(e.Outcome)))
	for _, g := range e.Gates {
		span.AddEvent(eventGate, trace.WithTimestamp(e.At), trace.WithAttributes(gateName.String(g.Name), gateOK.Bool(g.OK)))
	}
	if e.Outcome == pawl.OutcomeFailed { // one whose answer was turned down went well as a call
		span.SetAttributes(classOf(e.Class))
		span.SetStatus(codes.Error, "")
	}
	if e.Model != "" {
		span.SetAttributes(t.answered(e)...)
		span.SetAttributes(t.content(e)...)
	}
	span.End(trace.WithTimestamp(e.At))
	return span
}

// answered is what a call took, and who answered.
func (t *Observer) answered(e observe.AttemptEnded) (attrs []attribute.KeyValue) {
	if e.ResponseID != "" {
		attrs = append(attrs, genResponseID.String(e.ResponseID))
	}
	if e.ResponseModel != "" {
		attrs = append(attrs, genResponseModel.String(e.ResponseModel))
	}
	if reason := finish(e); reason != "" {
		attrs = append(attrs, genFinish.StringSlice([]string{reason}))
	}
	if e.FirstPiece > 0 {
		attrs = append(attrs, genFirstChunk.Float64(e.FirstPiece.Seconds()))
	}
	if u := e.Usage; u != nil {
		attrs = append(attrs, genInput.Int64(u.InputTokens), genOutput.Int64(u.OutputTokens), genCacheRead.Int64(u.CachedTokens))
		switch {
		case u.CacheWriteTokens == 0: // as with most providers, which do not tell it apart
		case t.o.Latest:
			attrs = append(attrs, latestCacheWrite.Int64(u.CacheWriteTokens))
		default:
			attrs = append(attrs, genCacheWrite.Int64(u.CacheWriteTokens))
		}
		if key := tierKey(e.Model); u.ServiceTier != "" {
			attrs = append(attrs, key.String(u.ServiceTier))
		}
		if t.o.OpenInference {
			attrs = append(attrs, inferenceIn.Int64(u.InputTokens), inferenceOut.Int64(u.OutputTokens))
		}
	}
	if e.CostUSD != nil {
		attrs = append(attrs, costUSD.Float64(*e.CostUSD))
	}
	return attrs
}

// tierKey is the attribute that names the service tier of a model's answer.
func tierKey(model string) attribute.Key {
	if provider, _ := providerOf(model); provider == "openai" {
		return openAITier
	}
	return serviceTier
}

// finish is why the answer ended; empty: not known.
func finish(e observe.AttemptEnded) string {
	switch {
	case e.Outcome == pawl.OutcomeAccepted || e.Outcome == pawl.OutcomeRejected:
		return "stop"
	case e.Class == pawl.ErrorKind(llm.Truncated):
		return "length"
	case e.Class == pawl.ErrorKind(llm.Filtered):
		return "content_filter"
	}
	return ""
}

// inference are the attributes that OpenInference has for a span; none unless they are
// wanted.
func (t *Observer) inference(run pawl.RunID, kind string) []attribute.KeyValue {
	if !t.o.OpenInference || kind == "" {
		return nil
	}
	return []attribute.KeyValue{inferenceKind.String(kind), inferenceSession.String(string(run))}
}
