package openaichat_test

import (
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pawlrun/pawl/internal/responsestest"
	"github.com/pawlrun/pawl/llm"
	"github.com/pawlrun/pawl/llm/internal/llmtest"
	"github.com/pawlrun/pawl/llm/openaichat"
)

func TestStructuredRequestOnTheWire(t *testing.T) {
	modes(t, func(t *testing.T, stream func(llm.Delta)) {
		srv, model := start(t)
		req := askReview(t)
		req.Messages = []llm.Message{
			llm.System("You review."), llm.User("Review this: \"x\" <y> & ü\u2028."),
			llm.Assistant("{}"), llm.System("Be kind."), llm.User("Again."),
		}
		req.MaxTokens, req.Temperature, req.Effort = 4000, new(0.0), "high"
		req.Meta = llm.Meta{Run: "run-secret", Key: "key-secret", Attempt: 3, Gates: []string{"gate-secret"}}
		if _, err := model.Generate(t.Context(), req, stream); err != nil {
			t.Fatal(err)
		}
		call := srv.Calls()[0]
		if v := srv.Violations(); len(v) > 0 {
			t.Errorf("violations: %q", v)
		}
		want := []responsestest.Message{
			{Role: "system", Text: "You review."}, {Role: "user", Text: "Review this: \"x\" <y> & ü\u2028."},
			{Role: "assistant", Text: "{}"}, {Role: "system", Text: "Be kind."}, {Role: "user", Text: "Again."},
		}
		if diff := cmp.Diff(want, call.Messages); diff != "" {
			t.Errorf("messages (-want +got):\n%s", diff)
		}
		if call.API != responsestest.Chat || call.Model != modelName || call.SchemaName != "review" || call.MaxTokens != 4000 ||
			call.Temperature == nil || *call.Temperature != 0 || call.Effort != "high" ||
			call.Stream != (stream != nil) || call.StreamUsage != (stream != nil) {
			t.Errorf("call %+v", call)
		}
		if strings.Contains(string(call.Body), "secret") {
			t.Errorf("Meta was sent: %s", call.Body)
		}
		fields := []string{"max_tokens", "messages", "model", "reasoning_effort", "response_format"}
		if stream != nil {
			fields = append(fields, "stream", "stream_options")
		}
		fields = append(fields, "temperature")
		var body map[string]json.RawMessage
		if err := json.Unmarshal(call.Body, &body); err != nil {
			t.Fatal(err)
		}
		if got := slices.Sorted(maps.Keys(body)); !slices.Equal(got, fields) {
			t.Errorf("fields %q, wants %q", got, fields)
		}
		strict, err := req.Schema.Strict()
		if err != nil {
			t.Fatal(err)
		}
		// The text of both, since the order of keys matters.
		if got := compact(t, call.Schema); got != compact(t, strict) {
			t.Errorf("schema %s, wants %s", got, compact(t, strict))
		}
	})
}

// The text of a request stays what it is: by its digest an item of a batch under way is known.
func TestTextOfRequest(t *testing.T) {
	srv, model := start(t)
	req := askReview(t)
	req.Messages = []llm.Message{llm.System("You review."), llm.User("A <b>")}
	req.MaxTokens, req.Temperature, req.Effort = 4000, new(0.5), "high"
	if _, err := model.Generate(t.Context(), req, func(llm.Delta) {}); err != nil {
		t.Fatal(err)
	}
	strict, err := req.Schema.Strict()
	if err != nil {
		t.Fatal(err)
	}
	want := `{"messages":[{"content":"You review.","role":"system"},{"content":"A <b>","role":"user"}],"model":"` + modelName +
		`","max_tokens":4000,"temperature":0.5,"reasoning_effort":"high","stream_options":{"include_usage":true},` +
		`"response_format":{"json_schema":{"name":"review","strict":true,"schema":` + string(strict) + `},"type":"json_schema"},"stream":true}`
	if got := strings.TrimSpace(string(srv.Calls()[0].Body)); got != want {
		t.Errorf("it sends\n%s\nwants\n%s", got, want)
	}
}

func compact(t *testing.T, raw json.RawMessage) string {
	t.Helper()
	b, err := json.Marshal(raw)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestPlainTextSendsNoFormat(t *testing.T) {
	srv, model := start(t)
	if _, err := model.Generate(t.Context(), ask("Hello."), nil); err != nil {
		t.Fatal(err)
	}
	var body map[string]json.RawMessage
	if err := json.Unmarshal(srv.Calls()[0].Body, &body); err != nil {
		t.Fatal(err)
	}
	if got := slices.Sorted(maps.Keys(body)); !slices.Equal(got, []string{"messages", "model"}) {
		t.Errorf("fields %q", got)
	}
}

// Guidance behind a prompt makes two user messages in a row, which the templates
// of some models refuse.
func TestNeighboursAreJoined(t *testing.T) {
	srv, model := start(t)
	req := ask("")
	req.Messages = []llm.Message{
		llm.System("a"), llm.System("b"), {Role: llm.RoleUser, Parts: []llm.Part{{Type: llm.PartText, Text: "c"}, {Type: llm.PartText, Text: "d"}}},
		llm.User("e"), llm.Assistant("f"), llm.User("g"),
	}
	if _, err := model.Generate(t.Context(), req, nil); err != nil {
		t.Fatal(err)
	}
	want := []responsestest.Message{
		{Role: "system", Text: "a\n\nb"}, {Role: "user", Text: "cd\n\ne"}, {Role: "assistant", Text: "f"}, {Role: "user", Text: "g"},
	}
	if diff := cmp.Diff(want, srv.Calls()[0].Messages); diff != "" {
		t.Errorf("messages (-want +got):\n%s", diff)
	}
	if len(req.Messages) != 6 || req.Messages[0].Text() != "a" {
		t.Errorf("the caller's messages changed: %+v", req.Messages)
	}
}

// Compatible servers know max_tokens, the vendor's reasoning models refuse it.
func TestNameOfTheLimit(t *testing.T) {
	for base, field := range map[string]string{
		"":                            "max_completion_tokens",
		"https://api.openai.com/v1":   "max_completion_tokens",
		"http://localhost:11434/v1":   "max_tokens",
		"https://gateway.example/api": "max_tokens",
	} {
		var body []byte
		model := openaichat.New(&openaichat.Options{APIKey: llmtest.Key, BaseURL: base, HTTPClient: &http.Client{
			Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
				body, _ = io.ReadAll(r.Body)
				return nil, http.ErrHandlerTimeout
			}),
		}})
		req := ask("Hello.")
		req.MaxTokens = 7
		_, err := model.Generate(t.Context(), req, nil)
		wantKind(t, err, llm.Network)
		if strings.Count(string(body), "tokens") != 1 || !strings.Contains(string(body), `"`+field+`":7`) {
			t.Errorf("base URL %q: sent %s, wants %s", base, body, field)
		}
	}
}
