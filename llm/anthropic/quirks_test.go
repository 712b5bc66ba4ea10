package anthropic_test

import (
	"strings"
	"testing"
	"time"

	"github.com/pawlrun/pawl/internal/responsestest"
	"github.com/pawlrun/pawl/llm"
	"github.com/pawlrun/pawl/llm/internal/llmtest"
)

// quirk is an answer as it comes over the wire, and what must be made of it.
type quirk struct {
	name, body string

	kind    llm.ErrorKind // empty: it is a good answer
	text    string        // of the answer, or what arrived of it
	message string        // part of it
	code    string
	after   time.Duration
	usage   string // "input/cached/output, 3 written"; empty: none
	nobody  bool   // no model answered, so that nothing is billed
}

// whole is a message with one text block.
func whole(stop, more string) string {
	return `{"id":"msg_1","type":"message","role":"assistant","model":"m","content":[{"type":"text","text":"Hello."}],"stop_reason":` + stop + more + `,"usage":{"input_tokens":10,"output_tokens":5}}`
}

var bodies = []quirk{
	{name: "null", body: `null`, kind: llm.Overloaded, message: "no message", nobody: true},
	{name: "an empty object", body: `{}`, kind: llm.Overloaded, message: "no message", nobody: true},
	{name: "another API's answer", body: `{"object":"chat.completion","choices":[]}`, kind: llm.Overloaded, message: "no message", nobody: true},
	{name: "overloaded with 200", body: `{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}`, kind: llm.Overloaded, message: "Overloaded", nobody: true},
	{name: "rate limited with 200", body: `{"type":"error","error":{"type":"rate_limit_error","message":"Please try again in 3s."}}`, kind: llm.RateLimit, after: 3 * time.Second, nobody: true},
	{name: "a wrong key with 200", body: `{"type":"error","error":{"type":"authentication_error","message":"invalid x-api-key"}}`, kind: llm.Auth, nobody: true},
	{name: "a wrong request with 200", body: `{"type":"error","error":{"type":"invalid_request_error","message":"no"}}`, kind: llm.Invalid, nobody: true},
	{name: "no stop reason", body: whole(`null`, ""), kind: llm.Overloaded, text: "Hello.", message: "does not say why", usage: "10/0/5"},
	{name: "an unknown stop reason", body: whole(`"eclipse"`, ""), kind: llm.Overloaded, text: "Hello.", message: `"eclipse"`, code: "eclipse", usage: "10/0/5"},
	{name: "a tool", body: whole(`"tool_use"`, ""), kind: llm.Overloaded, text: "Hello.", message: "tool", usage: "10/0/5"},
	{name: "a pause", body: whole(`"pause_turn"`, ""), kind: llm.Overloaded, text: "Hello.", code: "pause_turn", usage: "10/0/5"},
	{name: "a full context", body: whole(`"model_context_window_exceeded"`, ""), kind: llm.ContextLength, text: "Hello.", usage: "10/0/5"},
	{name: "a stop sequence", body: whole(`"stop_sequence"`, ""), text: "Hello.", usage: "10/0/5"},
	{name: "a refusal with a reason", body: whole(`"refusal"`, `,"stop_details":{"type":"refusal","category":"cyber","explanation":"Not that."}`), kind: llm.Refused, text: "Hello.", message: "Not that.", code: "cyber", usage: "10/0/5"},
	{name: "a refusal without one", body: whole(`"refusal"`, `,"stop_details":null`), kind: llm.Refused, text: "Hello.", message: "did not say why", code: "refusal", usage: "10/0/5"},
	{name: "thoughts", body: `{"id":"msg_1","type":"message","model":"m","content":[{"type":"thinking","thinking":"hm","signature":"s"},{"type":"redacted_thinking","data":"x"},{"type":"text","text":"Hel"},{"type":"text","text":"lo."}],"stop_reason":"end_turn","usage":{"input_tokens":1,"output_tokens":7,"output_tokens_details":{"thinking_tokens":3}}}`,
		text: "Hello.", usage: "1/0/7"},
	{name: "nothing but thoughts", body: `{"id":"msg_1","type":"message","model":"m","content":[{"type":"thinking","thinking":"hm"}],"stop_reason":"end_turn","usage":{"input_tokens":1,"output_tokens":7}}`,
		kind: llm.Overloaded, message: "reasoning", usage: "1/0/7"},
	{name: "nothing but a thought that is hidden", body: `{"id":"msg_1","type":"message","model":"m","content":[{"type":"redacted_thinking","data":"x"}],"stop_reason":"end_turn","usage":{"input_tokens":1,"output_tokens":7}}`,
		kind: llm.Overloaded, message: "reasoning", usage: "1/0/7"},
	{name: "as many tokens as the limit, and called complete", body: strings.Replace(whole(`"end_turn"`, ""), `"output_tokens":5`, `"output_tokens":32000`, 1), kind: llm.Truncated, text: "Hello.", usage: "10/0/32000"},
	{name: "cut short within thoughts", body: `{"id":"msg_1","type":"message","model":"m","content":[{"type":"thinking","thinking":"hm"}],"stop_reason":"max_tokens","usage":{"input_tokens":1,"output_tokens":7}}`,
		kind: llm.Truncated, usage: "1/0/7"},
	{name: "no content", body: `{"id":"msg_1","type":"message","model":"m","content":[],"stop_reason":"end_turn","usage":{"input_tokens":1,"output_tokens":2}}`, kind: llm.Overloaded, message: "no text", usage: "1/0/2"},
	{name: "a cache", body: strings.Replace(whole(`"end_turn"`, ""), `"input_tokens":10`, `"input_tokens":10,"cache_read_input_tokens":200,"cache_creation_input_tokens":3000`, 1), text: "Hello.", usage: "3210/200/5, 3000 written"},
	{name: "all of it from a cache", body: strings.Replace(whole(`"end_turn"`, ""), `"input_tokens":10`, `"input_tokens":0,"cache_read_input_tokens":200`, 1), text: "Hello.", usage: "200/200/5"},
	{name: "no usage", body: strings.Replace(whole(`"end_turn"`, ""), `"usage"`, `"other"`, 1), text: "Hello."},
	{name: "usage that is none", body: strings.Replace(whole(`"end_turn"`, ""), `"usage":{`, `"usage":"none","other":{`, 1), text: "Hello."},
	{name: "the answer as a list of errors", body: `[{"error":{"type":"overloaded_error","message":"busy"}}]`, kind: llm.Overloaded, message: "busy", nobody: true},
}

func TestBodies(t *testing.T) {
	for _, q := range bodies {
		t.Run(q.name, func(t *testing.T) {
			llmtest.Modes(t, func(t *testing.T, stream func(llm.Delta)) { // a server may answer a stream plainly
				q.run(t, responsestest.Raw(200, "application/json", q.body), stream)
			})
		})
	}
}

func (q quirk) run(t *testing.T, r responsestest.Reply, stream func(llm.Delta)) {
	srv, model := start(t)
	reply(srv, r)
	resp, err := model.Generate(t.Context(), ask("Say hello."), stream)
	text, usage := resp.Text, resp.Usage
	if q.kind != "" {
		e := llmtest.WantKind(t, err, q.kind)
		text, usage = e.Partial, e.Usage
		if !strings.Contains(e.Message, q.message) || q.code != "" && e.Code != q.code || e.RetryAfter != q.after {
			t.Errorf("got %+v, wants the message %q, the code %q and %v", e, q.message, q.code, q.after)
		}
		if e.Status != 0 || e.RequestID == "" {
			t.Errorf("status %d and request %q", e.Status, e.RequestID)
		}
		if q.nobody && e.Answered {
			t.Error("a model is said to have answered")
		}
	} else if err != nil {
		t.Fatal(err)
	}
	if text != q.text {
		t.Errorf("text %q, wants %q", text, q.text)
	}
	if got := counts(usage); got != q.usage {
		t.Errorf("usage %q, wants %q", got, q.usage)
	}
	if n := len(srv.Calls()); n != 1 {
		t.Errorf("%d requests for one attempt", n)
	}
}

func TestServiceTiers(t *testing.T) {
	llmtest.Modes(t, func(t *testing.T, stream func(llm.Delta)) {
		srv, model := start(t)
		llmtest.RunTiers(t, srv, model, stream)
	})
}
