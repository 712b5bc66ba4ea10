package openai_test

import (
	"errors"
	"net/http"
	"testing"

	"github.com/pawlrun/pawl/internal/responsestest"
	"github.com/pawlrun/pawl/llm"
	"github.com/pawlrun/pawl/llm/internal/llmtest"
	"github.com/pawlrun/pawl/llm/openai"
)

// start makes a server and a model that uses it over connections of its own.
func start(t *testing.T) (*responsestest.Server, *openai.Model) {
	t.Helper()
	srv := responsestest.New(t)
	return srv, openai.New(&openai.Options{APIKey: llmtest.Key, BaseURL: srv.URL(), HTTPClient: client(t)})
}

func client(t *testing.T) *http.Client {
	tr := &http.Transport{}
	t.Cleanup(tr.CloseIdleConnections)
	return &http.Client{Transport: tr}
}

func ask(text string) llm.Request {
	return llm.Request{Model: "gpt-5.4-mini", Messages: []llm.Message{llm.User(text)}}
}

// reply has every call answered with r.
func reply(srv *responsestest.Server, r responsestest.Reply) {
	srv.On(func(responsestest.Call) responsestest.Reply { return r })
}

func wantKind(t *testing.T, err error, kind llm.ErrorKind) *llm.Error {
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

// ignore is a stream callback for tests that only want the answer.
func ignore(llm.Delta) {}
