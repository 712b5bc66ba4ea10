// Package collectortest is a small OTLP collector, for tests over real sockets.
package collectortest

import (
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	metrics "go.opentelemetry.io/proto/otlp/collector/metrics/v1"
	traces "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
)

// Collector takes spans and metrics.
type Collector struct {
	URL string

	mu       sync.Mutex
	spans    []*tracepb.Span
	services map[string]bool
	metrics  map[string]bool
	all      string
}

// New serves until the test ends.
func New(t testing.TB) *Collector {
	c := &Collector{services: map[string]bool{}, metrics: map[string]bool{}}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1/traces", func(w http.ResponseWriter, r *http.Request) {
		var req traces.ExportTraceServiceRequest
		answer(t, w, r, &req, &traces.ExportTraceServiceResponse{}, func() { c.takeSpans(&req) })
	})
	mux.HandleFunc("POST /v1/metrics", func(w http.ResponseWriter, r *http.Request) {
		var req metrics.ExportMetricsServiceRequest
		answer(t, w, r, &req, &metrics.ExportMetricsServiceResponse{}, func() { c.takeMetrics(&req) })
	})
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	c.URL = s.URL
	return c
}

func answer(t testing.TB, w http.ResponseWriter, r *http.Request, req, resp proto.Message, take func()) {
	body := r.Body
	var err error
	if r.Header.Get("Content-Encoding") == "gzip" {
		body, err = gzip.NewReader(r.Body)
	}
	var raw []byte
	if err == nil {
		raw, err = io.ReadAll(body)
	}
	if err == nil {
		err = proto.Unmarshal(raw, req)
	}
	if err != nil || r.Header.Get("Content-Type") != "application/x-protobuf" {
		t.Errorf("%s: %s, %v", r.URL.Path, r.Header.Get("Content-Type"), err)
	}
	take()
	out, _ := proto.Marshal(resp)
	w.Header().Set("Content-Type", "application/x-protobuf")
	_, _ = w.Write(out)
}

func (c *Collector) takeSpans(req *traces.ExportTraceServiceRequest) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.all += protojson.Format(req)
	for _, r := range req.ResourceSpans {
		for _, a := range r.Resource.Attributes {
			if a.Key == "service.name" {
				c.services[a.Value.GetStringValue()] = true
			}
		}
		for _, s := range r.ScopeSpans {
			c.spans = append(c.spans, s.Spans...)
		}
	}
}

func (c *Collector) takeMetrics(req *metrics.ExportMetricsServiceRequest) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.all += protojson.Format(req)
	for _, r := range req.ResourceMetrics {
		for _, s := range r.ScopeMetrics {
			for _, m := range s.Metrics {
				c.metrics[m.Name] = true
			}
		}
	}
}

// Spans are those that came, in the order in which they did.
func (c *Collector) Spans() []*tracepb.Span {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]*tracepb.Span{}, c.spans...)
}

// Has reports whether a metric of that name came.
func (c *Collector) Has(metric string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.metrics[metric]
}

// IsOf reports whether something came of a service.
func (c *Collector) IsOf(service string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.services[service]
}

// Text is all that came, as JSON.
func (c *Collector) Text() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.all
}

// Attribute is one of a span as text; empty: it has none of that name.
func Attribute(s *tracepb.Span, key string) string {
	for _, a := range s.Attributes {
		if a.Key == key {
			if text := a.Value.GetStringValue(); text != "" {
				return text
			}
			return fmt.Sprint(a.Value)
		}
	}
	return ""
}
