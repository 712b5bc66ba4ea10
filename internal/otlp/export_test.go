package otlp_test

import (
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/pawlrun/pawl/internal/otlp"
	"github.com/pawlrun/pawl/internal/otlp/collectortest"
)

// Nothing is sent unless a standard variable asks for it, and what is asked for that there
// is not is said.
func TestRead(t *testing.T) {
	for name, tt := range map[string]struct {
		env  map[string]string
		want otlp.Settings
		warn []string // parts of the warnings
	}{
		"nothing":         {nil, otlp.Settings{}, nil},
		"endpoint":        {map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "http://x:4318"}, otlp.Settings{Traces: true, Metrics: true}, nil},
		"own endpoint":    {map[string]string{"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://x:4318/v1/traces"}, otlp.Settings{Traces: true}, nil},
		"exporter":        {map[string]string{"OTEL_METRICS_EXPORTER": "otlp"}, otlp.Settings{Metrics: true}, nil},
		"none":            {map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "http://x", "OTEL_METRICS_EXPORTER": "none"}, otlp.Settings{Traces: true}, nil},
		"disabled":        {map[string]string{"OTEL_SDK_DISABLED": "TRUE", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://x", "OTEL_TRACES_EXPORTER": "zipkin"}, otlp.Settings{}, nil},
		"console":         {map[string]string{"OTEL_TRACES_EXPORTER": "console"}, otlp.Settings{}, []string{`OTEL_TRACES_EXPORTER is "console"`}},
		"prometheus":      {map[string]string{"OTEL_METRICS_EXPORTER": "prometheus"}, otlp.Settings{}, nil},
		"grpc":            {map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "http://x:4317", "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}, otlp.Settings{}, []string{`OTEL_EXPORTER_OTLP_PROTOCOL is "grpc": only http/protobuf`}},
		"grpc for one":    {map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "http://x", "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL": "grpc"}, otlp.Settings{Metrics: true}, []string{"OTEL_EXPORTER_OTLP_TRACES_PROTOCOL"}},
		"protocol":        {map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "http://x", "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf"}, otlp.Settings{Traces: true, Metrics: true}, nil},
		"newest names":    {map[string]string{"OTEL_SEMCONV_STABILITY_OPT_IN": "http, gen_ai_latest_experimental,openinference"}, otlp.Settings{Latest: true, OpenInference: true}, nil},
		"content":         {map[string]string{"OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT": "true"}, otlp.Settings{Content: true}, nil},
		"content of span": {map[string]string{"OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT": "SPAN_ONLY"}, otlp.Settings{Content: true}, nil},
		"no content":      {map[string]string{"OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT": "EVENT_ONLY"}, otlp.Settings{}, nil},
	} {
		got := otlp.Read(func(name string) string { return tt.env[name] })
		fits := len(got.Warnings) == len(tt.warn)
		for i, part := range tt.warn {
			fits = fits && strings.Contains(got.Warnings[i], part)
		}
		if !fits {
			t.Errorf("%s: warns %q", name, got.Warnings)
		}
		got.Warnings = nil
		if got.Traces != tt.want.Traces || got.Metrics != tt.want.Metrics || got.Latest != tt.want.Latest || got.OpenInference != tt.want.OpenInference || got.Content != tt.want.Content {
			t.Errorf("%s: got %+v", name, got)
		}
	}
}

// emit makes a span and a measurement.
func emit(t *testing.T, e *otlp.Export) {
	t.Helper()
	_, span := e.Tracers.Tracer("test").Start(t.Context(), "a span")
	span.End()
	n, err := e.Meters.Meter("test").Int64Counter("a.counter")
	if err != nil {
		t.Fatal(err)
	}
	n.Add(t.Context(), 1)
}

func TestExport(t *testing.T) {
	c := collectortest.New(t)
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", c.URL)
	e, err := otlp.Open(t.Context(), otlp.Options{Settings: otlp.Settings{Traces: true, Metrics: true}, Service: "desk", Warn: func(text string) { t.Error(text) }})
	if err != nil {
		t.Fatal(err)
	}
	emit(t, e)
	e.Close(t.Context())
	if spans := c.Spans(); len(spans) != 1 || spans[0].Name != "a span" || !c.Has("a.counter") || !c.IsOf("desk") {
		t.Errorf("got %s", c.Text())
	}
}

func TestServiceNameOfTheEnvironment(t *testing.T) {
	c := collectortest.New(t)
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", c.URL)
	t.Setenv("OTEL_SERVICE_NAME", "mine")
	e, err := otlp.Open(t.Context(), otlp.Options{Settings: otlp.Settings{Traces: true, Metrics: true}, Service: "desk"})
	if err != nil {
		t.Fatal(err)
	}
	emit(t, e)
	e.Close(t.Context())
	if !c.IsOf("mine") || c.IsOf("desk") {
		t.Errorf("got %s", c.Text())
	}
}

// A collector that is not there, or that never answers, costs one warning.
func TestDeadCollector(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	silent := "http://" + l.Addr().String() // connections wait to be accepted, for ever
	defer l.Close()
	gone, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	refuses := "http://" + gone.Addr().String()
	gone.Close()
	for endpoint, want := range map[string]string{silent: "the collector does not answer", refuses: "refused"} {
		t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint)
		var warnings []string
		warned := make(chan string, 100)
		e, err := otlp.Open(t.Context(), otlp.Options{Settings: otlp.Settings{Traces: true, Metrics: true}, Service: "desk", Warn: func(text string) { warned <- text }})
		if err != nil {
			t.Fatal(err)
		}
		for range 5000 { // more than is kept to be sent
			emit(t, e)
		}
		e.Close(t.Context())
		for len(warned) > 0 {
			warnings = append(warnings, <-warned)
		}
		if len(warnings) != 1 || !strings.Contains(warnings[0], want) {
			t.Errorf("%s: warned %q", endpoint, warnings)
		}
	}
}

// Metrics are served for this machine alone, unless it is told otherwise.
func TestListen(t *testing.T) {
	e, err := otlp.Open(t.Context(), otlp.Options{Serve: true, Service: "desk"})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close(t.Context())
	n, _ := e.Meters.Meter("test").Int64Counter("a.counter")
	n.Add(t.Context(), 3)
	for _, address := range []string{"x", "1.2.3.4", "localhost:", "localhost:x", ":::"} {
		if s, err := e.Listen(address); err == nil {
			s.Close()
			t.Errorf("%q is listened at", address)
		}
	}
	s, err := e.Listen("0")
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if !strings.HasPrefix(s.URL, "http://127.0.0.1:") {
		t.Errorf("serves at %s", s.URL)
	}
	get := func(path, host string) (int, string) {
		req, _ := http.NewRequestWithContext(t.Context(), "GET", strings.TrimSuffix(s.URL, "/metrics")+path, nil)
		req.Host = host
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		body, _ := io.ReadAll(resp.Body)
		return resp.StatusCode, string(body)
	}
	if code, body := get("/metrics", ""); code != 200 || !slices.Contains(strings.Split(body, "\n"), "a_counter_total 3") {
		t.Errorf("%d %s", code, body)
	}
	if code, body := get("/healthz", "localhost:80"); code != 200 || body != "ok\n" {
		t.Errorf("%d %s", code, body)
	}
	if code, body := get("/metrics", "evil.example"); code != 403 || strings.Contains(body, "a_counter") {
		t.Errorf("%d %s", code, body)
	}
	if code, _ := get("/else", ""); code != 404 {
		t.Errorf("%d", code)
	}
}
