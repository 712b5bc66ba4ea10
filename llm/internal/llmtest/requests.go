package llmtest

import (
	"strings"
	"sync"
	"testing"

	"github.com/pawlrun/pawl/llm"
	"github.com/pawlrun/pawl/schema"
)

func schemaOf[T any](t *testing.T) *schema.Schema {
	t.Helper()
	s, err := schema.For[T]()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// refusedRequests makes requests that cannot be right: what is wrong with one is
// said before anything is sent.
func refusedRequests(t *testing.T, setup func(t *testing.T) (Server, llm.Model)) {
	for _, tt := range []struct {
		name, message string
		change        func(*llm.Request)
	}{
		{"no model", "no model", func(r *llm.Request) { r.Model = "" }},
		{"no messages", "no messages", func(r *llm.Request) { r.Messages = nil }},
		{"unknown role", `message 1 has the unknown role "tool"`, func(r *llm.Request) { r.Messages[0].Role = "tool" }},
		{"unknown part", `message 1 has a part of type "image"`, func(r *llm.Request) { r.Messages[0].Parts[0].Type = "image" }},
		{"negative max tokens", "max tokens is -1", func(r *llm.Request) { r.MaxTokens = -1 }},
		{"temperature", "the temperature is 2.5, wants 0 to 2", func(r *llm.Request) { r.Temperature = new(2.5) }},
		{"effort", `the effort is "lots", wants one of none`, func(r *llm.Request) { r.Effort = "lots" }},
		{"schema name", `schema name "a b"`, func(r *llm.Request) { r.Schema, r.SchemaName = schemaOf[verdict](t), "a b" }},
		{"long schema name", `schema name "xxxxxxxx`, func(r *llm.Request) { r.Schema, r.SchemaName = schemaOf[verdict](t), strings.Repeat("x", 65) }},
		{"schema that cannot be strict", `schema "answer"`, func(r *llm.Request) { r.Schema = schemaOf[[]string](t) }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			srv, model := setup(t)
			req := question()
			tt.change(&req)
			_, err := model.Generate(t.Context(), req, nil)
			if e := WantKind(t, err, llm.Invalid); !strings.Contains(e.Message, tt.message) || e.Status != 0 {
				t.Errorf("got %+v, wants %q", e, tt.message)
			}
			if n := srv.Calls(); n != 0 {
				t.Errorf("%d requests", n)
			}
		})
	}
}

// manyAtOnce makes calls side by side, half of them streams.
func manyAtOnce(t *testing.T, srv Server, model llm.Model) {
	const calls = 24
	req := question()
	req.Schema, req.SchemaName = schemaOf[verdict](t), "verdict"
	srv.Play(Exchange{MadeUp: true})
	var all sync.WaitGroup
	for i := range calls {
		all.Go(func() {
			stream, _ := listener(i%2 == 0)
			if _, err := model.Generate(t.Context(), req, stream); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if n := srv.Calls(); n != calls {
		t.Errorf("%d requests for %d calls", n, calls)
	}
}
