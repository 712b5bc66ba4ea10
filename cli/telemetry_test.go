package cli

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"strings"
	"testing"

	"github.com/pawlrun/pawl"
	"github.com/pawlrun/pawl/engine/local"
	"github.com/pawlrun/pawl/internal/checktest"
	"github.com/pawlrun/pawl/internal/otlp/collectortest"
	"github.com/pawlrun/pawl/llm"
	"github.com/pawlrun/pawl/llm/offline"
)

type letter struct {
	Text  string `json:"text"`
	Token string `json:"token" pawl:"sensitive"`
}

// replying is a flow whose prompt holds what is sensitive.
var replying = pawl.New("replying", "Asks.", func(r *pawl.Run, in letter) (string, error) {
	return pawl.Ask(r, "reply", pawl.Messages[string]("Replying", llm.System("Be brief about the weather."), llm.User(in.Text+" under "+in.Token))), nil
})

// sending is a command whose telemetry goes to an address.
func sending(t *testing.T, url string) *command {
	c := newCommand(t, replying)
	c.env["OTEL_EXPORTER_OTLP_ENDPOINT"] = url
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", url) // which the exporters read
	return c
}

var runReplying = []string{"run", "replying", "--text", "Hello tides", "--token", "xyzzy-4711", "--model", "offline"}

// A run's spans and metrics go where the standard variables say, without content, and none
// go anywhere without them.
func TestTelemetryOfARun(t *testing.T) {
	collector := collectortest.New(t)
	c := sending(t, collector.URL)
	delete(c.env, "OTEL_EXPORTER_OTLP_ENDPOINT")
	c.ok(runReplying...)
	if text := collector.Text(); text != "" {
		t.Errorf("sent %s", text)
	}
	c.env["OTEL_EXPORTER_OTLP_ENDPOINT"] = collector.URL
	c.env["TRACEPARENT"] = "00-11111111111111111111111111111111-2222222222222222-01"
	c.ok(runReplying...)
	names, links := map[string]bool{}, 0
	for _, s := range collector.Spans() {
		names[s.Name] = true
		links += len(s.Links)
		if s.Name == "chat offline" && (collectortest.Attribute(s, "gen_ai.operation.name") != "chat" || collectortest.Attribute(s, "pawl.step.key") != "reply") {
			t.Errorf("%v", s)
		}
	}
	if len(names) != 2 || !names["invoke_workflow replying"] || !names["chat offline"] || links != 1 || !collector.IsOf("pawl") || !collector.Has("gen_ai.client.token.usage") {
		t.Errorf("spans %v with %d links, %s", names, links, collector.Text())
	}
	for _, content := range []string{"tides", "weather", "xyzzy"} {
		if strings.Contains(collector.Text(), content) {
			t.Errorf("%q has left: %s", content, collector.Text())
		}
	}
	c.ok("runs")
	c.ok("show", "last")
	if n := len(collector.Spans()); n != 2 {
		t.Errorf("%d spans, of commands that show runs too", n)
	}
}

// One standard switch has content leave, and what is sensitive is masked.
func TestTelemetryWithContent(t *testing.T) {
	collector := collectortest.New(t)
	c := sending(t, collector.URL)
	c.env["OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT"] = "true"
	c.ok(runReplying...)
	text := collector.Text()
	for _, content := range []string{"Hello tides under ***", "Be brief about the weather.", "gen_ai.output.messages"} {
		if !strings.Contains(text, content) {
			t.Errorf("%q has not left: %s", content, text)
		}
	}
	if strings.Contains(text, "xyzzy") {
		t.Errorf("a secret has left: %s", text)
	}
}

// A collector that is not there costs one line, and none with --quiet; the run is what it
// is without.
func TestTelemetryThatGoesNowhere(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	url := "http://" + l.Addr().String()
	l.Close()
	c := sending(t, url)
	stdout, stderr := c.ok(runReplying...)
	if stdout == "" || strings.Count(stderr, "telemetry is not sent: ") != 1 || !strings.Contains(stderr, "refused") {
		t.Errorf("%q, %s", stdout, stderr)
	}
	if _, stderr := c.ok(append(runReplying, "--quiet")...); strings.Contains(stderr, "telemetry") {
		t.Error(stderr)
	}
	c.env["OTEL_TRACES_EXPORTER"] = "console\x1b[31m"
	c.env["OTEL_METRICS_EXPORTER"] = "none"
	if _, stderr := c.ok(runReplying...); !strings.Contains(stderr, "only otlp and none are known here") || strings.Contains(stderr, "\x1b") {
		t.Errorf("%q", stderr)
	}
}

// A worker's log is a line of JSON for each thing that happens, with the ids that find it
// elsewhere.
func TestWorkerLogsJSON(t *testing.T) {
	collector := collectortest.New(t)
	c := sending(t, collector.URL)
	c.ok(append(runReplying, "--detach")...)
	stdout, stderr := c.ok("worker", "--drain", "--log-format", "json", "--metrics", "0")
	if stdout != "" {
		t.Errorf("wrote %q", stdout)
	}
	messages := map[string]string{}
	for line := range strings.Lines(stderr) {
		var r struct {
			Msg     string
			TraceID string `json:"trace_id"`
		}
		if err := json.Unmarshal([]byte(line), &r); err != nil {
			t.Errorf("%v in %q", err, line)
		}
		messages[r.Msg] = r.TraceID
	}
	spans := collector.Spans()
	if messages["run begins"] == "" || messages["run begins"] != messages["attempt accepted"] || messages["run rests"] == "" || len(spans) != 2 {
		t.Errorf("logged %v, sent %d", messages, len(spans))
	}
	if !strings.Contains(stderr, "metrics are served at http://127.0.0.1:") || !collector.Has("pawl.queue.depth") || !collector.Has("pawl.disk.free") {
		t.Errorf("%s\n%s", stderr, collector.Text())
	}
	for _, bad := range [][]string{{"--log-format", "xml"}, {"--metrics", "nowhere"}, {"--metrics", "127.0.0.1:x"}} {
		code, _, stderr := c.run(append([]string{"worker", "--drain"}, bad...)...)
		if code != 2 || !strings.Contains(stderr, bad[0]) {
			t.Errorf("%v: %d, %s", bad, code, stderr)
		}
	}
}

// Gauges name a blocker as all else does: a flow that does not fit what is recorded is a
// mismatch, and no failure of a step.
func TestGaugesOfBlockers(t *testing.T) {
	j := checktest.Memory(t)
	id := pawl.NewRunID()
	for _, want := range []pawl.BlockerKind{pawl.BlockerFailure, pawl.BlockerMismatch} {
		f := pawl.New("odd", "Changes.", func(r *pawl.Run, in letter) (string, error) {
			if want == pawl.BlockerMismatch {
				pawl.Parallel(r, "step", pawl.Go("one", func(*pawl.Run) error { return nil }))
			}
			return pawl.Do(r, "step", "", func(context.Context, string) (string, error) { return "", errors.New("no") }), nil
		})
		e := local.New(&local.Options{Journal: j, Models: llm.Catalog{"offline": offline.Model{}}, Model: "offline", Flows: []pawl.Flow{f}})
		var err error
		if want == pawl.BlockerFailure {
			_, err = e.Start(t.Context(), f, []byte(`{"text":"","token":""}`), &pawl.StartOptions{ID: id})
		} else {
			err = e.Direct(t.Context(), id, pawl.Directive{What: pawl.DirectResume})
		}
		if err == nil {
			_, err = e.Wait(t.Context(), id)
		}
		if err := errors.Join(err, e.Close(t.Context())); err != nil {
			t.Fatal(err)
		}
		open := (&telemetrics{journal: j}).gauges(nil)(t.Context()).Blockers
		if len(open) != 1 || open[0].Kind != want || open[0].Since.IsZero() {
			t.Errorf("%v, wants a %s", open, want)
		}
	}
}
