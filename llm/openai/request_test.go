package openai_test

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pawlrun/pawl/internal/responsestest"
	"github.com/pawlrun/pawl/llm"
	"github.com/pawlrun/pawl/schema"
)

// review has its properties out of alphabetical order on purpose: the reasoning
// must be written before the verdict.
type review struct {
	Reasoning string   `json:"reasoning" jsonschema:"think <first> & aloud"`
	Issues    []issue  `json:"issues"`
	Score     float64  `json:"score" pawl:"min=0,max=1"`
	Approved  bool     `json:"approved"`
	Advice    []string `json:"advice,omitempty"`
}

type issue struct {
	Where string `json:"where" pawl:"len=1..200"`
	Kind  string `json:"kind" pawl:"enum=wrong|unclear|missing"`
	About string `json:"about"`
}

func reviewSchema(t *testing.T) *schema.Schema {
	t.Helper()
	s, err := schema.For[review]()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestStructuredRequestOnTheWire(t *testing.T) {
	modes(t, func(t *testing.T, stream func(llm.Delta)) {
		srv, model := start(t)
		req := llm.Request{
			Model: "gpt-5.4-mini",
			Messages: []llm.Message{
				llm.System("You review."), llm.User("Review this: \"x\" <y> & ü\u2028."),
				llm.Assistant("{}"), llm.System("Be kind."), llm.User("Again."),
			},
			Schema:     reviewSchema(t),
			SchemaName: "review",
			MaxTokens:  4000,
			Effort:     "low",

			Temperature: new(0.0),

			Meta: llm.Meta{Run: "run-secret", Key: "key-secret", Attempt: 3, Gates: []string{"gate-secret"}},
		}
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
		if call.Model != "gpt-5.4-mini" || call.SchemaName != "review" || call.MaxTokens != 4000 || call.Effort != "low" || call.Temperature == nil || *call.Temperature != 0 || call.Stream != (stream != nil) {
			t.Errorf("call %+v", call)
		}
		if strings.Contains(string(call.Body), "secret") {
			t.Errorf("Meta was sent: %s", call.Body)
		}
		fields := []string{"input", "max_output_tokens", "model", "reasoning", "store", "temperature", "text"}
		if stream != nil {
			fields = []string{"input", "max_output_tokens", "model", "reasoning", "store", "stream", "temperature", "text"}
		}
		var body map[string]json.RawMessage
		if err := json.Unmarshal(call.Body, &body); err != nil {
			t.Fatal(err)
		}
		if got := slices.Sorted(maps.Keys(body)); !slices.Equal(got, fields) {
			t.Errorf("fields %q, wants %q", got, fields)
		}
		if string(body["store"]) != "false" {
			t.Errorf("store is %s", body["store"])
		}
	})
}

// To the byte: an item of a batch under way is known by a digest of it.
func TestBody(t *testing.T) {
	srv, model := start(t)
	req := llm.Request{
		Model: "gpt-5.4-mini", MaxTokens: 900, Temperature: new(0.7), Effort: "low", Schema: reviewSchema(t),
		Messages: []llm.Message{llm.System("Be <kind>."), llm.User("Hi & \u2028"), llm.Assistant("")},
	}
	if _, err := model.Generate(t.Context(), req, nil); err != nil {
		t.Fatal(err)
	}
	strict, err := req.Schema.Strict()
	if err != nil {
		t.Fatal(err)
	}
	want := `{"max_output_tokens":900,"store":false,"temperature":0.7,"input":[{"content":"Be <kind>.","role":"system","type":"message"},` +
		`{"content":"Hi & \u2028","role":"user","type":"message"},{"content":"","role":"assistant","type":"message"}],"model":"gpt-5.4-mini",` +
		`"reasoning":{"effort":"low"},"text":{"format":{"type":"json_schema","name":"answer","schema":` + string(strict) + `,"strict":true}}}`
	if got := strings.TrimSpace(string(srv.Calls()[0].Body)); got != want {
		t.Errorf("sent  %s\nwants %s", got, want)
	}
}

func TestPropertyOrderOnTheWire(t *testing.T) {
	modes(t, func(t *testing.T, stream func(llm.Delta)) {
		srv, model := start(t)
		req := ask("Review.")
		req.Schema = reviewSchema(t)
		if _, err := model.Generate(t.Context(), req, stream); err != nil {
			t.Fatal(err)
		}
		strict, err := req.Schema.Strict()
		if err != nil {
			t.Fatal(err)
		}
		call := srv.Calls()[0]
		if diff := cmp.Diff(keysInOrder(t, strict), keysInOrder(t, call.Schema)); diff != "" {
			t.Errorf("order of keys (-Strict +wire):\n%s", diff)
		}
		at := -1
		for _, name := range []string{`"reasoning":`, `"issues":`, `"where":`, `"kind":`, `"about":`, `"score":`, `"approved":`, `"advice":`} {
			i := strings.Index(string(call.Schema), name)
			if i <= at {
				t.Fatalf("%s stands at %d, before its predecessor at %d: %s", name, i, at, call.Schema)
			}
			at = i
		}
		if call.SchemaName != "answer" {
			t.Errorf("schema name %q, wants the default \"answer\"", call.SchemaName)
		}
	})
}

// keysInOrder lists all tokens of a JSON text: values and keys as they come.
func keysInOrder(t *testing.T, raw []byte) []any {
	t.Helper()
	var tokens []any
	d := json.NewDecoder(strings.NewReader(string(raw)))
	for d.More() || len(tokens) == 0 {
		tok, err := d.Token()
		if err != nil {
			break
		}
		tokens = append(tokens, tok)
	}
	for {
		tok, err := d.Token()
		if err != nil {
			return tokens
		}
		tokens = append(tokens, tok)
	}
}

func TestPlainTextSendsNoFormat(t *testing.T) {
	srv, model := start(t)
	if _, err := model.Generate(t.Context(), ask("Hello."), nil); err != nil {
		t.Fatal(err)
	}
	body := string(srv.Calls()[0].Body)
	for _, field := range []string{`"text"`, "format", "temperature", "top_p", "max_output_tokens", "instructions", "stream", "tools"} {
		if strings.Contains(body, field) {
			t.Errorf("%s is in the request: %s", field, body)
		}
	}
}

func TestMessagePartsAreJoined(t *testing.T) {
	srv, model := start(t)
	req := ask("")
	req.Messages[0].Parts = []llm.Part{{Type: llm.PartText, Text: "one "}, {Type: llm.PartText, Text: "two"}}
	if _, err := model.Generate(t.Context(), req, nil); err != nil {
		t.Fatal(err)
	}
	if got := srv.Calls()[0].Messages; len(got) != 1 || got[0].Text != "one two" {
		t.Errorf("messages %+v", got)
	}
}

// The answer fits the schema that was sent: the whole way there and back.
func TestStructuredAnswer(t *testing.T) {
	modes(t, func(t *testing.T, stream func(llm.Delta)) {
		_, model := start(t)
		req := ask("Review the text.")
		req.Schema = reviewSchema(t)
		resp, err := model.Generate(t.Context(), req, stream)
		if err != nil {
			t.Fatal(err)
		}
		var r review
		if err := json.Unmarshal([]byte(resp.Text), &r); err != nil || r.Reasoning == "" {
			t.Errorf("answer %q: %v", resp.Text, err)
		}
	})
}
