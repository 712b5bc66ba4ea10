package telemetry_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.opentelemetry.io/otel/attribute"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/local"
	"github.com/pawlrun/pawl/internal/checktest"
	"github.com/pawlrun/pawl/journal"
	"github.com/pawlrun/pawl/llm"
	"github.com/pawlrun/pawl/telemetry"
)

// secret is what no telemetry may hold: input, prompts, answers, complaints, errors and
// questions of the flow below have it.
const secret = "xyzzy-4711"

type order struct {
	Text  string `json:"text"`
	Token string `json:"token" pawl:"sensitive"`
}

// desk is a flow that is repaired, goes through a map, does something and asks a person.
var desk = pawl.New("desk", "Answers a letter.", func(r *pawl.Run, in order) (string, error) {
	q := pawl.Messages[string]("Answering", llm.System("Be brief about "+secret), llm.User(in.Text+in.Token)).Temperature(0.2).MaxTokens(100).
		Gate("short", func(s string) error {
			if len(s) > 30 {
				return fmt.Errorf("%s is too long", s)
			}
			return nil
		})
	reply := pawl.Ask(r, "reply", q)
	pawl.Map(r, "lines", []string{"a", "b"}, func(r *pawl.Run, s string) (string, error) {
		return pawl.Do(r, "keep", s, func(context.Context, string) (string, error) { return s + secret, nil }), nil
	})
	_, err := pawl.TryDo(r, "post", reply, func(context.Context, string) (string, error) { return "", fmt.Errorf("no post for %s", secret) })
	if err == nil {
		return "", fmt.Errorf("the post went well")
	}
	pawl.Sleep(r, "pause", time.Minute)
	a := pawl.Approve(r, "send", reply, "Send "+secret+"?", pawl.Who("the desk"))
	return a.Value, nil
})

// model answers too long, and then well.
func model() llm.Model {
	return llm.Func(func(_ context.Context, req llm.Request, stream func(llm.Delta)) (llm.Response, error) {
		time.Sleep(time.Second)
		stream(llm.Delta{Text: secret})
		time.Sleep(time.Second)
		text := secret
		if req.Meta.Attempt == 1 {
			text = strings.Repeat(secret, 5)
		}
		return llm.Response{Text: text, Model: "one-2026", ID: fmt.Sprintf("r%d", req.Meta.Attempt), Usage: &llm.Usage{InputTokens: 100, OutputTokens: 10, CachedTokens: 40, CacheWriteTokens: 20, ServiceTier: "standard"}}, nil
	})
}

// scene is a journal, and what processes that execute its runs export.
type scene struct {
	t       *testing.T
	journal *journal.Memory
	o       telemetry.Options
	spans   *tracetest.InMemoryExporter
	tracers *sdktrace.TracerProvider
	reader  *sdkmetric.ManualReader
	engine  *local.Engine
}

func newScene(t *testing.T, o telemetry.Options) *scene {
	s := &scene{t: t, journal: checktest.Memory(t), o: o, spans: tracetest.NewInMemoryExporter(), reader: sdkmetric.NewManualReader()}
	s.tracers = sdktrace.NewTracerProvider(sdktrace.WithSyncer(s.spans))
	s.o.Tracers, s.o.Meters = s.tracers, sdkmetric.NewMeterProvider(sdkmetric.WithReader(s.reader))
	s.open()
	return s
}

// open begins a process: an engine with an observer of its own.
func (s *scene) open() {
	observer, err := telemetry.New(s.t.Context(), &s.o)
	if err != nil {
		s.t.Fatal(err)
	}
	s.engine = local.New(&local.Options{Journal: s.journal, Models: llm.Catalog{"test": model()}, Model: "test/one", Flows: []pawl.Flow{desk}, Observe: observer,
		Prices: llm.Prices{"test/one": {Input: 1, Output: 10}}})
}

func (s *scene) close() {
	if err := s.engine.Close(s.t.Context()); err != nil {
		s.t.Error(err)
	}
}

func (s *scene) start(o *pawl.StartOptions) pawl.RunID {
	raw, _ := json.Marshal(order{Text: secret, Token: secret})
	id, err := s.engine.Start(s.t.Context(), desk, raw, o)
	if err != nil {
		s.t.Fatal(err)
	}
	s.rest(id)
	return id
}

func (s *scene) rest(id pawl.RunID) pawl.RunRecord {
	rec, err := s.engine.Wait(s.t.Context(), id)
	if err != nil {
		s.t.Fatal(err)
	}
	return rec
}

const (
	startTrace  = "00-11111111111111111111111111111111-2222222222222222-01"
	decideTrace = "00-33333333333333333333333333333333-4444444444444444-01"
)

// told runs the whole story: a run is repaired, waits for time and a person, another process
// goes on with it, and a third takes a rerun over.
func told(s *scene) {
	id := s.start(&pawl.StartOptions{ID: "000000000001", Trace: startTrace})
	time.Sleep(2 * time.Minute)
	s.rest(id)
	s.close()
	s.open()
	if err := s.engine.Decide(s.t.Context(), id, pawl.Decision{Key: "send", What: pawl.DecideApprove, Who: "anna", Comment: secret, Trace: decideTrace}); err != nil {
		s.t.Fatal(err)
	}
	if rec := s.rest(id); rec.Status != pawl.StatusDone {
		s.t.Fatalf("the run is %s: %s", rec.Status, rec.Reason)
	}
	s.start(&pawl.StartOptions{ID: "000000000002", Base: &pawl.Base{Run: id}})
	time.Sleep(2 * time.Minute)
	s.close()
	_ = s.tracers.ForceFlush(s.t.Context())
}

func TestSpans(t *testing.T) {
	for name, o := range map[string]telemetry.Options{"spans": {}, "latest": {Latest: true, OpenInference: true}} {
		synctest.Test(t, func(t *testing.T) {
			s := newScene(t, o)
			told(s)
			golden(t, name+".golden", tree(s.spans.GetSpans())+"\n"+numbers(t, s.reader))
		})
	}
}

// golden compares with a file, which -update writes.
func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if os.Getenv("UPDATE_GOLDEN") != "" {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil || got != string(want) {
		t.Errorf("%s, %v: got\n%s", file, err, got)
	}
}

// tree is spans as text: traces in the order in which they begin, children below parents,
// times from the first span on.
func tree(spans tracetest.SpanStubs) string {
	slices.SortStableFunc(spans, func(a, b tracetest.SpanStub) int {
		if c := a.StartTime.Compare(b.StartTime); c != 0 {
			return c
		}
		return strings.Compare(a.Name, b.Name)
	})
	names := map[trace.SpanID]string{}
	for _, s := range spans {
		names[s.SpanContext.SpanID()] = s.Name
	}
	var text strings.Builder
	first := spans[0].StartTime
	var print func(parent trace.SpanID, traceID trace.TraceID, depth string)
	print = func(parent trace.SpanID, traceID trace.TraceID, depth string) {
		for _, s := range spans {
			if s.Parent.SpanID() != parent || traceID.IsValid() && s.SpanContext.TraceID() != traceID {
				continue
			}
			fmt.Fprintf(&text, "%s%s (%s) %s +%s %s\n", depth, s.Name, s.SpanKind, s.StartTime.Sub(first), s.EndTime.Sub(s.StartTime), s.Status.Code)
			for _, a := range sorted(s.Attributes) {
				fmt.Fprintf(&text, "%s  | %s\n", depth, a)
			}
			for _, e := range s.Events {
				fmt.Fprintf(&text, "%s  * %s %s\n", depth, e.Name, strings.Join(sorted(e.Attributes), " "))
			}
			for _, l := range s.Links {
				to := names[l.SpanContext.SpanID()]
				if to == "" {
					to = l.SpanContext.TraceID().String()
				}
				fmt.Fprintf(&text, "%s  > %s\n", depth, to)
			}
			print(s.SpanContext.SpanID(), s.SpanContext.TraceID(), depth+"    ")
		}
	}
	print(trace.SpanID{}, trace.TraceID{}, "")
	return text.String()
}

func sorted(attrs []attribute.KeyValue) (all []string) {
	for _, a := range attrs {
		all = append(all, fmt.Sprintf("%s=%s", a.Key, a.Value.String()))
	}
	slices.Sort(all)
	return all
}

// numbers are metrics as text: what was counted, or how often something was measured and its
// sum.
func numbers(t *testing.T, reader sdkmetric.Reader) string {
	var all metricdata.ResourceMetrics
	if err := reader.Collect(t.Context(), &all); err != nil {
		t.Fatal(err)
	}
	var lines []string
	line := func(name string, set attribute.Set, format string, args ...any) {
		lines = append(lines, fmt.Sprintf("%s {%s} ", name, strings.Join(sorted(set.ToSlice()), " "))+fmt.Sprintf(format, args...))
	}
	for _, scope := range all.ScopeMetrics {
		for _, m := range scope.Metrics {
			switch data := m.Data.(type) {
			case metricdata.Sum[int64]:
				for _, p := range data.DataPoints {
					line(m.Name, p.Attributes, "%d", p.Value)
				}
			case metricdata.Gauge[int64]:
				for _, p := range data.DataPoints {
					line(m.Name, p.Attributes, "%d", p.Value)
				}
			case metricdata.Sum[float64]:
				for _, p := range data.DataPoints {
					line(m.Name, p.Attributes, "%g", p.Value)
				}
			case metricdata.Histogram[int64]:
				for _, p := range data.DataPoints {
					line(m.Name, p.Attributes, "%s, %d", times(m.Name, p.Count), p.Sum)
				}
			case metricdata.Histogram[float64]:
				for _, p := range data.DataPoints {
					line(m.Name, p.Attributes, "%s, %g", times(m.Name, p.Count), p.Sum)
				}
			}
		}
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n") + "\n"
}

// times says how often something was measured. Events that become known at the same moment are
// committed together or one after the other, so the number of commits is not told.
func times(name string, n uint64) string {
	if strings.HasPrefix(name, "pawl.commit.") && n > 0 {
		return "some times"
	}
	return fmt.Sprintf("%d times", n)
}
