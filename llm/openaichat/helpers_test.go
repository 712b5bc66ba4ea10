package openaichat_test

import (
	"net/http"
	"testing"

	"github.com/pawlrun/pawl/internal/responsestest"
	"github.com/pawlrun/pawl/llm"
	"github.com/pawlrun/pawl/llm/internal/llmtest"
	"github.com/pawlrun/pawl/llm/openaichat"
	"github.com/pawlrun/pawl/schema"
)

// start makes a server and a model that uses it over connections of its own.
func start(t *testing.T) (*responsestest.Server, *openaichat.Model) {
	t.Helper()
	srv := responsestest.New(t)
	return srv, openaichat.New(&openaichat.Options{APIKey: llmtest.Key, BaseURL: srv.URL(), HTTPClient: client(t)})
}

var (
	client   = llmtest.Client
	wantKind = llmtest.WantKind
	modes    = llmtest.Modes
	ignore   = llmtest.Ignore
)

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

const modelName = "qwen3:8b"

func ask(text string) llm.Request {
	return llm.Request{Model: modelName, Messages: []llm.Message{llm.User(text)}}
}

// review has its properties out of alphabetical order on purpose: the reasoning
// must be written before the verdict.
type review struct {
	Reasoning string  `json:"reasoning" jsonschema:"think <first> & aloud"`
	Score     float64 `json:"score" pawl:"min=0,max=1"`
	Approved  bool    `json:"approved"`
	Advice    string  `json:"advice,omitempty"`
}

func askReview(t *testing.T) llm.Request {
	t.Helper()
	s, err := schema.For[review]()
	if err != nil {
		t.Fatal(err)
	}
	req := ask("Review this.")
	req.Schema, req.SchemaName = s, "review"
	return req
}

// reply has every call answered with r.
func reply(srv *responsestest.Server, r responsestest.Reply) {
	srv.On(func(responsestest.Call) responsestest.Reply { return r })
}
