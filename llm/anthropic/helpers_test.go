package anthropic_test

import (
	"testing"

	"github.com/pawlrun/pawl/internal/responsestest"
	"github.com/pawlrun/pawl/llm"
	"github.com/pawlrun/pawl/llm/anthropic"
	"github.com/pawlrun/pawl/llm/internal/llmtest"
)

// start makes a server and a model that uses it over connections of its own.
func start(t *testing.T) (*responsestest.Server, *anthropic.Model) {
	t.Helper()
	srv := responsestest.New(t)
	return srv, anthropic.New(&anthropic.Options{APIKey: llmtest.Key, BaseURL: srv.URL(), HTTPClient: llmtest.Client(t)})
}

func ask(text string) llm.Request {
	return llm.Request{Model: "claude-haiku-5-5", Messages: []llm.Message{llm.User(text)}}
}

// reply has every call answered with r.
func reply(srv *responsestest.Server, r responsestest.Reply) {
	srv.On(func(responsestest.Call) responsestest.Reply { return r })
}
