package telemetry_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"

	"go.opentelemetry.io/otel/trace"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/telemetry"
)

// exported is all that a scene has made, as text.
func exported(s *scene) string {
	var text strings.Builder
	for _, span := range s.spans.GetSpans() {
		fmt.Fprintf(&text, "%+v\n", span)
	}
	return text.String() + numbers(s.t, s.reader)
}

// Nothing of what the flow handles leaves: its input, prompts, answers, complaints, errors,
// results and questions all hold the secret.
func TestNothingLeaves(t *testing.T) {
	for _, o := range []telemetry.Options{{}, {Latest: true, OpenInference: true}} {
		synctest.Test(t, func(t *testing.T) {
			var logged bytes.Buffer
			o.Logger = slog.New(slog.NewJSONHandler(&logged, nil))
			s := newScene(t, o)
			told(s)
			for what, text := range map[string]string{"exported": exported(s), "logged": logged.String()} {
				if strings.Contains(text, secret) || !strings.Contains(text, "reply") {
					t.Errorf("%s: %s", what, text)
				}
			}
		})
	}
}

// Content is what the caller's function gives, and leaves where that has nothing.
func TestContent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScene(t, telemetry.Options{OpenInference: true, Content: func(_ context.Context, _ pawl.RunID, key pawl.Key, attempt int) (telemetry.Content, error) {
			if attempt == 2 {
				return telemetry.Content{}, fmt.Errorf("the journal is closed")
			}
			return telemetry.Content{Messages: []pawl.Message{{Role: "system", Text: "Be brief"}, {Role: "user", Text: "a <b>"}}, Answer: string(key)}, nil
		}})
		told(s)
		text := tree(s.spans.GetSpans())
		for _, want := range []string{
			`gen_ai.system_instructions=[{"type":"text","content":"Be brief"}]`,
			`gen_ai.input.messages=[{"role":"user","parts":[{"type":"text","content":"a \u003cb\u003e"}]}]`,
			`gen_ai.output.messages=[{"role":"assistant","parts":[{"type":"text","content":"reply"}],"finish_reason":"stop"}]`,
			"input.value=a <b>", "output.value=reply",
		} {
			if strings.Count(text, want) != 1 {
				t.Errorf("%s is there %d times", want, strings.Count(text, want))
			}
		}
	})
}

// A class that a flow has made up is one of few: it may hold anything, and labels must stay
// few.
func TestClassesAreFew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScene(t, telemetry.Options{})
		f := pawl.New("odd", "Fails oddly.", func(r *pawl.Run, in order) (string, error) {
			return "", &pawl.Error{Kind: secret, Message: secret}
		})
		id, err := s.engine.Start(t.Context(), f, []byte(`{"text":"","token":""}`), nil)
		if err != nil {
			t.Fatal(err)
		}
		if rec := s.rest(id); rec.Error == nil || rec.Error.Kind != secret {
			t.Fatalf("the run failed with %+v", rec.Error)
		}
		s.close()
		if text := exported(s); strings.Contains(text, secret) || !strings.Contains(text, "error.type=_OTHER") {
			t.Error(text)
		}
	})
}

// What an attempt calls is in its span, also where the observer comes from a process that is
// in a trace of its own.
func TestCallsAreInTheSpan(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScene(t, telemetry.Options{})
		var in trace.SpanContext
		f := pawl.New("calls", "Calls.", func(r *pawl.Run, _ order) (string, error) {
			return pawl.Do(r, "call", "", func(ctx context.Context, _ string) (string, error) {
				in = trace.SpanContextFromContext(ctx)
				return "", nil
			}), nil
		})
		id, err := s.engine.Start(telemetry.WithTraceparent(t.Context(), startTrace), f, []byte(`{"text":"","token":""}`), nil)
		if err != nil {
			t.Fatal(err)
		}
		s.rest(id)
		s.close()
		for _, span := range s.spans.GetSpans() {
			if span.Name == "pawl.do call" && span.SpanContext.SpanID() == in.SpanID() && span.SpanContext.TraceID() == in.TraceID() {
				return
			}
		}
		t.Errorf("the code was in %s", in.SpanID())
	})
}

// The log has the ids of run, step, attempt and trace.
func TestLog(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var logged bytes.Buffer
		s := newScene(t, telemetry.Options{Logger: slog.New(slog.NewJSONHandler(&logged, nil))})
		told(s)
		traces := map[string]bool{}
		for _, span := range s.spans.GetSpans() {
			traces[span.SpanContext.TraceID().String()+span.SpanContext.SpanID().String()] = true
		}
		messages := map[string]int{}
		for line := range strings.Lines(logged.String()) {
			var r struct {
				Msg, Run, Flow, Step, Model, Error string
				Attempt                            int
				TraceID                            string `json:"trace_id"`
				SpanID                             string `json:"span_id"`
			}
			if err := json.Unmarshal([]byte(line), &r); err != nil {
				t.Fatal(err)
			}
			messages[r.Msg]++
			if r.Run == "" || r.Flow != "desk" || !traces[r.TraceID+r.SpanID] || strings.HasPrefix(r.Msg, "attempt") && (r.Step == "" || r.Attempt == 0) {
				t.Errorf("%s", line)
			}
		}
		want := map[string]int{"run begins": 2, "run goes on": 2, "run rests": 4, "attempt begins": 6, "attempt rejected": 1, "attempt accepted": 3, "attempt failed": 2, "run stands still": 1, "blocker lifted": 1}
		if fmt.Sprint(messages) != fmt.Sprint(want) {
			t.Errorf("logged %v", messages)
		}
	})
}

func TestTraceparent(t *testing.T) {
	for given, want := range map[string]string{startTrace: startTrace, "": "", "nonsense": "", strings.ToUpper(startTrace) + "x": ""} {
		if got := telemetry.Traceparent(telemetry.WithTraceparent(t.Context(), given)); got != want {
			t.Errorf("%q becomes %q", given, got)
		}
	}
}
