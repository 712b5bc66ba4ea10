package telemetry

import (
	"context"
	"strings"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/observe"
)

// activation is a run that this process executes.
type activation struct {
	ctx      context.Context
	span     trace.Span
	scopes   map[pawl.Key]context.Context
	attempts map[attemptID]context.Context
	reused   int
}

type attemptID struct {
	key    pawl.Key
	number int
}

// span takes an event in, and returns the span that it is about; nil: none.
func (t *Observer) span(e observe.Event) trace.Span {
	switch e := e.(type) {
	case observe.Activated:
		return t.activated(e)
	case observe.Rested:
		return t.rested(e)
	case observe.ScopeOpened:
		t.openScope(e.Of, e.Step, branches.Int(e.Branches))
	case observe.ScopeClosed:
		if a := t.runs[e.Run]; a != nil {
			endSpan(a.scopes, e.Key, e.At)
		}
	case observe.AttemptBegan:
		return trace.SpanFromContext(t.attempt(e))
	case observe.AttemptEnded:
		return t.attemptEnded(e)
	case observe.BlockerLifted:
		return t.waited(e)
	case observe.StepEnded:
		if a := t.runs[e.Run]; a != nil && e.Outcome == observe.StepReused {
			a.reused++
		}
		if e.Kind == pawl.KindSleep && e.Outcome == observe.StepExecuted {
			return t.wait(e.Of, e.Step, timerKind, e.Began, nil)
		}
	}
	return nil
}

// activated begins the trace of an activation.
func (t *Observer) activated(e observe.Activated) trace.Span {
	name := genWorkflow
	if t.o.Latest {
		name = genAgent
	}
	attrs := []attribute.KeyValue{genOperation.String(operationRun), name.String(e.Flow), genConversation.String(string(e.Run)),
		runID.String(string(e.Run)), flowName.String(e.Flow), runFirst.Bool(e.First)}
	if e.Base != "" {
		attrs = append(attrs, runBase.String(string(e.Base)))
	}
	ctx, span := t.tracer.Start(t.ctx, operationRun+" "+e.Flow, trace.WithNewRoot(), trace.WithTimestamp(e.At), trace.WithAttributes(append(attrs, t.inference(e.Run, "CHAIN")...)...))
	for _, to := range []trace.SpanContext{t.traces.put(e.Run, span.SpanContext()), spanOf(t.ctx, e.Trace)} {
		if to.IsValid() {
			span.AddLink(trace.Link{SpanContext: to})
		}
	}
	t.runs[e.Run] = &activation{ctx: ctx, span: span, scopes: map[pawl.Key]context.Context{}, attempts: map[attemptID]context.Context{}}
	for _, s := range e.Open {
		t.openScope(e.Of, s)
	}
	return span
}

// rested ends it, with what is still open: an attempt that the process gave up.
func (t *Observer) rested(e observe.Rested) trace.Span {
	a := t.runs[e.Run]
	if a == nil {
		return nil
	}
	delete(t.runs, e.Run)
	for id := range a.attempts {
		trace.SpanFromContext(a.attempts[id]).SetAttributes(attemptResult.String(string(pawl.OutcomeUnknown)))
		endSpan(a.attempts, id, e.At)
	}
	for key := range a.scopes {
		endSpan(a.scopes, key, e.At)
	}
	a.span.SetAttributes(runStatus.String(string(e.Status)))
	if a.reused > 0 {
		a.span.SetAttributes(reusedSteps.Int(a.reused))
	}
	if e.Class != "" {
		a.span.SetAttributes(classOf(e.Class))
		if e.Status != pawl.StatusCanceled {
			a.span.SetStatus(codes.Error, "")
		}
	}
	a.span.End(trace.WithTimestamp(e.At))
	return a.span
}

func endSpan[K comparable](open map[K]context.Context, key K, at time.Time) {
	if ctx, ok := open[key]; ok {
		trace.SpanFromContext(ctx).End(trace.WithTimestamp(at))
		delete(open, key)
	}
}

// parent is the context of the innermost open scope in which a step is, or of its run. That
// of a run which nobody executes has no span.
func (t *Observer) parent(run pawl.RunID, key pawl.Key) context.Context {
	a := t.runs[run]
	if a == nil {
		return t.ctx
	}
	for at := string(key); ; {
		i := strings.LastIndexByte(at, '/')
		if i < 0 {
			return a.ctx
		}
		at = at[:i]
		scope := at
		if strings.HasSuffix(scope, "]") { // of an item
			scope = scope[:strings.LastIndexByte(scope, '[')]
		} else if _, ok := a.scopes[pawl.Key(scope)]; !ok { // of a branch of a parallel
			continue
		}
		if ctx, ok := a.scopes[pawl.Key(scope)]; ok {
			return ctx
		}
	}
}

// step are the attributes of every span that is about a step.
func (t *Observer) step(run pawl.RunID, s observe.Step) []attribute.KeyValue {
	attrs := []attribute.KeyValue{runID.String(string(run)), stepKey.String(string(s.Key)), stepKind.String(string(s.Kind)), stepBoundary.String(string(pawl.BoundaryOf(s.Kind)))}
	return append(attrs, t.inference(run, inferenceKinds[string(s.Kind)])...)
}

func (t *Observer) openScope(of observe.Of, s observe.Step, attrs ...attribute.KeyValue) {
	if a := t.runs[of.Run]; a != nil {
		a.scopes[s.Key], _ = t.tracer.Start(t.parent(of.Run, s.Key), spanScope+string(s.Kind)+" "+string(s.Key), trace.WithTimestamp(of.At), trace.WithAttributes(append(t.step(of.Run, s), attrs...)...))
	}
}

// waited is the span of what a run stood at, made now that it goes on.
func (t *Observer) waited(e observe.BlockerLifted) trace.Span {
	var attrs []attribute.KeyValue
	if e.Decision != "" {
		attrs = append(attrs, decision.String(string(e.Decision)))
	}
	if e.Who != "" {
		attrs = append(attrs, decisionBy.String(e.Who))
	}
	if e.Expired {
		attrs = append(attrs, expired.Bool(true))
	}
	var links []trace.Link
	if to := spanOf(t.ctx, e.Trace); to.IsValid() {
		links = append(links, trace.Link{SpanContext: to})
		if a := t.runs[e.Run]; a != nil { // which it woke
			a.span.AddLink(links[0])
		}
	}
	return t.wait(e.Of, e.Step, string(e.Blocker), e.Since, links, attrs...)
}

// wait makes the span of a wait that is over.
func (t *Observer) wait(of observe.Of, s observe.Step, kind string, since time.Time, links []trace.Link, attrs ...attribute.KeyValue) trace.Span {
	attrs = append(append(t.step(of.Run, s), blockerKind.String(kind)), attrs...)
	name := strings.TrimSpace(spanWait + " " + string(s.Key))
	_, span := t.tracer.Start(t.parent(of.Run, s.Key), name, trace.WithTimestamp(since), trace.WithLinks(links...), trace.WithAttributes(attrs...))
	span.End(trace.WithTimestamp(of.At))
	return span
}
