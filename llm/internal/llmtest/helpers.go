package llmtest

import (
	"errors"
	"net/http"
	"testing"

	"github.com/pawlrun/pawl/llm"
)

// Client returns a client with connections of its own, which end with the test.
func Client(t *testing.T) *http.Client {
	tr := &http.Transport{}
	t.Cleanup(tr.CloseIdleConnections)
	return &http.Client{Transport: tr}
}

// WantKind fails the test unless err is an *llm.Error of that kind.
func WantKind(t *testing.T, err error, kind llm.ErrorKind) *llm.Error {
	t.Helper()
	var e *llm.Error
	if !errors.As(err, &e) {
		t.Fatalf("got %v (%T), wants an *llm.Error of kind %q", err, err, kind)
	}
	if e.Kind != kind {
		t.Fatalf("got %v, wants kind %q", err, kind)
	}
	return e
}

// Modes runs a test twice: without a stream callback and with one.
func Modes(t *testing.T, run func(t *testing.T, stream func(llm.Delta))) {
	t.Run("plain", func(t *testing.T) { run(t, nil) })
	t.Run("stream", func(t *testing.T) { run(t, Ignore) })
}

// Ignore is a stream callback for tests that only want the answer.
func Ignore(llm.Delta) {}
