package otlp

import (
	"fmt"
	"strings"
)

// Settings are what the variables say.
type Settings struct {
	Traces  bool // spans are sent
	Metrics bool // metrics are sent

	Latest        bool // with the newest names
	OpenInference bool // with what Phoenix reads beside
	Content       bool // with prompts and answers

	Warnings []string // about variables that ask for what there is not
}

// Read reads the variables. A value that is not understood is a warning, and nothing is sent
// for it: they may be set for all programs of a machine.
func Read(getenv func(string) string) Settings {
	var s Settings
	if isTrue(getenv("OTEL_SDK_DISABLED")) {
		return s
	}
	s.Traces = s.sends(getenv, "TRACES")
	s.Metrics = s.sends(getenv, "METRICS")
	for word := range strings.SplitSeq(getenv("OTEL_SEMCONV_STABILITY_OPT_IN"), ",") {
		switch strings.TrimSpace(word) {
		case "gen_ai_latest_experimental":
			s.Latest = true
		case "openinference":
			s.OpenInference = true
		}
	}
	switch strings.ToLower(strings.TrimSpace(getenv("OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT"))) {
	case "true", "span_only", "span_and_event":
		s.Content = true
	}
	return s
}

// sends reports whether one of the two signals is to be sent.
func (s *Settings) sends(getenv func(string) string, signal string) bool {
	exporter := "OTEL_" + signal + "_EXPORTER"
	first := func(names ...string) (name, value string) {
		for _, name := range names {
			if value := strings.TrimSpace(getenv(name)); value != "" {
				return name, value
			}
		}
		return "", ""
	}
	_, endpoint := first("OTEL_EXPORTER_OTLP_"+signal+"_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
	switch kind := strings.ToLower(strings.TrimSpace(getenv(exporter))); kind {
	case "none":
		return false
	case "otlp":
	case "":
		if endpoint == "" {
			return false
		}
	default:
		if signal != "METRICS" || kind != "prometheus" { // which is served, not sent
			s.warn("%s is %q: only otlp and none are known here, and nothing is sent for it", exporter, kind)
		}
		return false
	}
	if name, protocol := first("OTEL_EXPORTER_OTLP_"+signal+"_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL"); protocol != "" && protocol != "http/protobuf" {
		s.warn("%s is %q: only http/protobuf is spoken here, and nothing is sent for it", name, protocol)
		return false
	}
	return true
}

func (s *Settings) warn(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	for _, before := range s.Warnings {
		if before == text {
			return
		}
	}
	s.Warnings = append(s.Warnings, text)
}

func isTrue(s string) bool { return strings.EqualFold(strings.TrimSpace(s), "true") }
