package openai_test

import (
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

var (
	client   = llmtest.Client
	wantKind = llmtest.WantKind
	modes    = llmtest.Modes
	ignore   = llmtest.Ignore
)

func ask(text string) llm.Request {
	return llm.Request{Model: "gpt-5.4-mini", Messages: []llm.Message{llm.User(text)}}
}

// reply has every call answered with r.
func reply(srv *responsestest.Server, r responsestest.Reply) {
	srv.On(func(responsestest.Call) responsestest.Reply { return r })
}
