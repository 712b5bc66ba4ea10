package anthropic_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/pawlrun/pawl/internal/responsestest"
	"github.com/pawlrun/pawl/llm"
	"github.com/pawlrun/pawl/llm/internal/llmtest"
	"github.com/pawlrun/pawl/schema"
)

// sent makes a call and returns what arrived.
func sent(t *testing.T, req llm.Request) responsestest.Call {
	t.Helper()
	srv, model := start(t)
	if _, err := model.Generate(t.Context(), req, nil); err != nil {
		t.Fatal(err)
	}
	if v := srv.Violations(); len(v) > 0 {
		t.Errorf("violations: %q", v)
	}
	return srv.Calls()[0]
}

func TestRequest(t *testing.T) {
	type verdict struct {
		Why  string `json:"why" pawl:"len=1..90"`
		Kind string `json:"kind" pawl:"enum=right|wrong"`
	}
	s, err := schema.For[verdict]()
	if err != nil {
		t.Fatal(err)
	}
	c := sent(t, llm.Request{
		Model: "claude-haiku-5-5", MaxTokens: 900, Temperature: new(0.5), Effort: "xhigh", Schema: s, SchemaName: "verdict",
		Messages: []llm.Message{llm.System("Judge."), llm.User("<A> & B"), llm.Assistant("{}"), llm.System("Mind it."), llm.User("Again.")},
	})
	// To the byte: an item of a batch under way is known by a digest of it.
	const want = `{"max_tokens":900,"messages":[{"content":[{"text":"\u003cA\u003e \u0026 B","type":"text"}],"role":"user"},` +
		`{"content":[{"text":"{}","type":"text"}],"role":"assistant"},` +
		`{"content":[{"text":"Mind it.","cache_control":{"type":"ephemeral"},"type":"text"},{"text":"Again.","type":"text"}],"role":"user"}],` +
		`"model":"claude-haiku-5-5","temperature":0.5,"system":[{"text":"Judge.","cache_control":{"type":"ephemeral"},"type":"text"}],` +
		`"output_config":{"effort":"xhigh","format":{"type":"json_schema","schema":` +
		`{"type":"object","properties":{"why":{"type":"string","description":"1 to 90 characters"},"kind":{"type":"string","enum":["right","wrong"]}},"required":["why","kind"],"additionalProperties":false}}}}`
	if got := strings.TrimSpace(string(c.Body)); got != want {
		t.Errorf("sent  %s\nwants %s", got, want)
	}
	for name, value := range map[string]string{"X-Api-Key": llmtest.Key, "Authorization": "", "Anthropic-Version": "2023-06-01", "Anthropic-Beta": ""} {
		if got := c.Header.Get(name); got != value {
			t.Errorf("%s: %q, wants %q", name, got, value)
		}
	}
	if agent := c.Header.Get("User-Agent"); !strings.HasPrefix(agent, "pawl/") {
		t.Errorf("the request comes from %q", agent)
	}
}

// Blank texts are left out, and a request of nothing else is not sent: some servers answer it with
// a failure that would be tried again.
func TestBlanksAlone(t *testing.T) {
	srv, model := start(t)
	_, err := model.Generate(t.Context(), llm.Request{Model: "claude-haiku-5-5", Messages: []llm.Message{llm.System(""), llm.User(" \n")}}, nil)
	if llmtest.WantKind(t, err, llm.Invalid); len(srv.Calls()) != 0 {
		t.Errorf("sent %s", srv.Calls()[0].Body)
	}
}

// The API demands a limit, and takes no effort none or minimal.
func TestWhatTheAPILacks(t *testing.T) {
	req := ask("Hi.")
	if c := sent(t, req); c.MaxTokens != llm.LimitOf("anthropic/"+req.Model).Default || strings.Contains(string(c.Body), "output_config") || strings.Contains(string(c.Body), "thinking") {
		t.Errorf("sent %s", c.Body)
	}
	for effort, want := range map[string]string{"none": `"model":"claude-haiku-5-5","thinking":{"type":"disabled"}}`, "minimal": `"output_config":{"effort":"low"}`, "max": `"output_config":{"effort":"max"}`} {
		req.Effort = effort
		if c := sent(t, req); !strings.Contains(string(c.Body), want) {
			t.Errorf("effort %s: sent %s, wants %s", effort, c.Body, want)
		}
	}
	req.Effort = ""
	req.MaxTokens = 200_000 // which Anthropic's SDK would refuse, since nothing is streamed
	if c := sent(t, req); c.MaxTokens != 200_000 || c.Stream {
		t.Errorf("sent %s", c.Body)
	}
}

func TestMarks(t *testing.T) {
	sys, doc, q, answer := llm.System("Rules."), llm.User("A document."), llm.User("A question?"), llm.Assistant("An answer.")
	for _, tt := range []struct {
		name     string
		messages []llm.Message
		marked   string // the texts behind which there is a mark
	}{
		{"a question", []llm.Message{q}, ""},
		{"with a system prompt", []llm.Message{sys, q}, "Rules."},
		{"with a system prompt of two messages", []llm.Message{llm.System("First."), sys, q}, "Rules."},
		{"with a document", []llm.Message{sys, doc, q}, "Rules. A document."},
		{"a repair", []llm.Message{sys, q, answer, llm.User("That is wrong.")}, "Rules."},
		{"a conversation", []llm.Message{sys, q, answer, q, llm.Assistant("Another."), q}, "Rules. Another."},
		{"only a system prompt", []llm.Message{sys}, ""},
		{"empty texts", []llm.Message{llm.System(" "), sys, llm.System(""), llm.User("\n"), q}, "Rules."},
	} {
		c := sent(t, llm.Request{Model: "claude-haiku-5-5", Messages: tt.messages})
		var marked []string
		for _, m := range c.Messages {
			if m.Marked {
				marked = append(marked, m.Text)
			}
		}
		if got := strings.Join(marked, " "); got != tt.marked {
			t.Errorf("%s: marked %q, wants %q", tt.name, got, tt.marked)
		}
	}
}

// What the vendor cannot say fails before anything is sent, with the field.
func TestNotSent(t *testing.T) {
	type many struct {
		A map[string]int `json:"a"`
	}
	s, err := schema.For[struct {
		List []many `json:"list"`
	}]()
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		message string
		change  func(*llm.Request)
	}{
		{`for Anthropic: field List[].A`, func(r *llm.Request) { r.Schema = s }},
		{"field List[].A: map[string]int has names that are not known before", func(r *llm.Request) { r.Schema = s }},
		{"the temperature is 1.5, wants 0 to 1", func(r *llm.Request) { r.Temperature = new(1.5) }},
	} {
		srv, model := start(t)
		req := ask("Hi.")
		tt.change(&req)
		_, err := model.Generate(t.Context(), req, nil)
		if e := llmtest.WantKind(t, err, llm.Invalid); !strings.Contains(e.Message, tt.message) {
			t.Errorf("got %q, wants %q", e.Message, tt.message)
		}
		if n := len(srv.Calls()); n != 0 {
			t.Errorf("%d requests", n)
		}
	}
}

// A model that writes less is asked for less from then on.
func TestMostTokens(t *testing.T) {
	srv, model := start(t)
	srv.On(func(c responsestest.Call) responsestest.Reply {
		if c.MaxTokens > 4096 {
			return responsestest.Status(400, "", fmt.Sprintf("max_tokens: %d > 4096, which is the maximum allowed number of output tokens for m", c.MaxTokens))
		}
		return responsestest.Text("Hello.")
	})
	for i := range 2 {
		if resp, err := model.Generate(t.Context(), ask("Hi."), nil); err != nil || resp.MostTokens != 4096 {
			t.Errorf("call %d: %+v, %v", i+1, resp, err)
		}
	}
	if n := len(srv.Calls()); n != 3 || model.MostTokens("claude-haiku-5-5") != 4096 {
		t.Errorf("%d requests for two calls, the most is %d", n, model.MostTokens("claude-haiku-5-5"))
	}
}

// A model without structured outputs, or to which a schema is too much, is told it in words.
func TestModelsWithoutForms(t *testing.T) {
	s, err := schema.For[struct {
		Kind string `json:"kind" pawl:"enum=right|wrong"`
	}]()
	if err != nil {
		t.Fatal(err)
	}
	for _, refusal := range []string{
		"'claude-3-haiku-20240307' does not support output format.",
		"output_config: Extra inputs are not permitted",
		"The compiled grammar is too large, which would cause performance issues. Simplify your tool schemas or reduce the number of strict tools.",
	} {
		srv, model := start(t)
		srv.On(func(c responsestest.Call) responsestest.Reply {
			if c.JSON {
				return responsestest.Status(http.StatusBadRequest, "", refusal)
			}
			return responsestest.Text("```json\n{\"kind\":\"right\"}\n```")
		})
		req := ask("Judge.")
		req.Schema = s
		resp, err := model.Generate(t.Context(), req, nil)
		if err != nil || resp.Text != `{"kind":"right"}` || resp.Requests != 2 || !strings.Contains(resp.Hint, "output_config.format json_schema") {
			t.Errorf("%s: %+v, %v", refusal, resp, err)
		}
		if c := srv.Calls()[1]; len(c.Messages) != 2 || c.Messages[0].Role != "system" || !strings.Contains(c.Messages[0].Text, `"enum":["right","wrong"]`) {
			t.Errorf("%s: sent %s", refusal, c.Body)
		}
	}
}
