package openai_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pawlrun/pawl/internal/responsestest"
	"github.com/pawlrun/pawl/llm"
	"github.com/pawlrun/pawl/llm/internal/llmtest"
	"github.com/pawlrun/pawl/llm/openai"
)

func message(phase, content string) string {
	return `{"type":"message","id":"m","role":"assistant","status":"completed","phase":` + phase + `,"content":[` + content + `]}`
}

func outputText(s string) string {
	return `{"type":"output_text","annotations":[],"text":"` + s + `"}`
}

const usageJSON = `{"input_tokens":12,"input_tokens_details":{"cached_tokens":8},"output_tokens":5,"output_tokens_details":{"reasoning_tokens":2},"total_tokens":17}`

// object is an answer as it stands on the wire, with one terminal event around it
// for a stream.
func object(status, rest string) string {
	return `{"id":"resp_1","object":"response","model":"gpt-5.4-mini-2026","status":` + status + `,` + rest + `}`
}

func limited() llm.Request {
	req := ask("Hello.")
	req.MaxTokens = 1000
	return req
}

// everyMode sends an object as a plain body and in a terminal event.
func everyMode(t *testing.T, event, body string, check func(t *testing.T, resp llm.Response, err error)) {
	t.Helper()
	t.Run("plain", func(t *testing.T) {
		srv, model := start(t)
		reply(srv, responsestest.Raw(200, "application/json", body))
		resp, err := model.Generate(t.Context(), limited(), nil)
		check(t, resp, err)
	})
	t.Run("stream", func(t *testing.T) {
		srv, model := start(t)
		reply(srv, responsestest.Raw(200, "text/event-stream", `data: {"type":"`+event+`","response":`+body+"}\n\n"))
		resp, err := model.Generate(t.Context(), limited(), ignore)
		check(t, resp, err)
	})
}

func TestAnswers(t *testing.T) {
	reasoning := `{"type":"reasoning","id":"r","summary":[{"type":"summary_text","text":"hm"}]}`
	usage := &llm.Usage{InputTokens: 12, OutputTokens: 5, CachedTokens: 8}
	for _, tt := range []struct {
		name, rest string
		text       string
		usage      *llm.Usage
	}{
		{"one message", `"output":[` + message("null", outputText("Hi")) + `],"usage":` + usageJSON, "Hi", usage},
		{"reasoning first", `"output":[` + reasoning + `,` + message("null", outputText("Hi")) + `],"usage":` + usageJSON, "Hi", usage},
		{"several parts", `"output":[` + message("null", outputText("Hi")+","+outputText(" you")) + `],"usage":` + usageJSON, "Hi you", usage},
		{"commentary is left out", `"output":[` + message(`"commentary"`, outputText("I look.")) + "," + message(`"final_answer"`, outputText("Hi")) + `],"usage":` + usageJSON, "Hi", usage},
		{"a message twice", `"output":[` + message("null", outputText("Hi")) + "," + message("null", outputText("Hi")) + `]`, "Hi", nil},
		{"a draft before the last message", `"output":[` + message("null", outputText("Hm")) + "," + reasoning + "," + message("null", outputText("Hi")) + `]`, "Hi", nil},
		{"an empty message behind", `"output":[` + message("null", outputText("Hi")) + "," + message("null", outputText("")) + `]`, "Hi", nil},
		{"an unmarked draft before the answer", `"output":[` + message("null", outputText("Hm")) + "," + message(`"final_answer"`, outputText("Hi")) + `]`, "Hi", nil},
		{"an unmarked message behind the answer", `"output":[` + message(`"final_answer"`, outputText("Hi")) + "," + message("null", outputText("Hm")) + `]`, "Hi", nil},
		{"other phases", `"output":[` + message(`"analysis"`, outputText("Hm")) + "," + message(`"final"`, outputText("Hi")) + "," + message(`"summary"`, outputText("Hm")) + `]`, "Hi", nil},
		{"a draft that declines", `"output":[` + message("null", `{"type":"refusal","refusal":"No."}`) + "," + message(`"final_answer"`, outputText("Hi")) + `]`, "Hi", nil},
		{"the question repeated", `"output":[{"type":"message","role":"user","content":[` + outputText("Hello.") + `]},` + message("null", outputText("Hi")) + `,{"type":"message","role":"user","content":[` + outputText("Hello.") + `]}]`, "Hi", nil},
		{"content as a string", `"output":[{"type":"message","role":"assistant","content":"Hi"}]`, "Hi", nil},
		{"fields of another type", `"error":false,"incomplete_details":[],"usage":"none","output":[17,{"type":"message","id":7,"phase":0,"status":1,"content":[` + outputText("Hi") + `]}]`, "Hi", nil},
		{"usage in broken numbers", `"output":[` + message("null", outputText("Hi")) + `],"usage":{"input_tokens":12.0,"input_tokens_details":{"cached_tokens":8.0},"output_tokens":5.0}`, "Hi", usage},
		{"reasoning beside the answer", `"output":[` + message("null", outputText("Hi")) + `],"usage":{"input_tokens":12,"output_tokens":5,"total_tokens":25}`, "Hi", &llm.Usage{InputTokens: 12, OutputTokens: 13, UnboundedTokens: 8}},
		{"unknown items and parts", `"output":[{"type":"new_thing","x":1},` + message("null", `{"type":"new_part"},`+outputText("Hi")) + `],"usage":` + usageJSON, "Hi", usage},
		{"no usage", `"output":[` + message("null", outputText("Hi")) + `]`, "Hi", nil},
		{"usage null", `"output":[` + message("null", outputText("Hi")) + `],"usage":null`, "Hi", nil},
		{"usage below zero", `"output":[` + message("null", outputText("Hi")) + `],"usage":{"input_tokens":-1,"output_tokens":3}`, "Hi", nil},
		{"error null", `"error":null,"incomplete_details":null,"output":[` + message("null", outputText("Hi")) + `]`, "Hi", nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			everyMode(t, "response.completed", object(`"completed"`, tt.rest), func(t *testing.T, resp llm.Response, err error) {
				if err != nil {
					t.Fatal(err)
				}
				want := llm.Response{Text: tt.text, Model: "gpt-5.4-mini-2026", ID: "resp_1", Usage: tt.usage}
				if diff := cmp.Diff(want, resp); diff != "" {
					t.Errorf("answer (-want +got):\n%s", diff)
				}
			})
		})
	}
}

func TestAnswersThatAreNone(t *testing.T) {
	text := `"output":[` + message("null", outputText("Hi")) + `],"usage":` + usageJSON
	failed := func(code, msg string) string {
		return `"output":[],"error":{"code":"` + code + `","message":"` + msg + `"}`
	}
	for _, tt := range []struct {
		name, event, status, rest string
		kind                      llm.ErrorKind
		message, partial          string
	}{
		{"nothing", "completed", `"completed"`, `"output":[],"usage":` + usageJSON, llm.Overloaded, "no text", ""},
		{"reasoning only", "completed", `"completed"`, `"output":[{"type":"reasoning","id":"r","summary":[]}]`, llm.Overloaded, "no text", ""},
		{"reasoning that is said", "completed", `"completed"`, `"output":[{"type":"reasoning","id":"r","summary":[{"type":"summary_text","text":"hm"}]}]`, llm.Overloaded, "nothing except reasoning", ""},
		{"reasoning in full", "completed", `"completed"`, `"output":[{"type":"reasoning","id":"r","summary":[],"content":[{"type":"reasoning_text","text":"hm"}]}]`, llm.Overloaded, "nothing except reasoning", ""},
		{"commentary only", "completed", `"completed"`, `"output":[` + message(`"commentary"`, outputText("I look.")) + `]`, llm.Overloaded, "no text", ""},
		{"output null", "completed", `"completed"`, `"output":null`, llm.Overloaded, "no text", ""},
		{"refusal beside text", "completed", `"completed"`, `"output":[` + message("null", outputText("Hm.")+`,{"type":"refusal","refusal":"No."}`) + `]`, llm.Refused, "No.", "Hm."},
		{"refusal without words", "completed", `"completed"`, `"output":[` + message("null", `{"type":"refusal","refusal":""}`) + `]`, llm.Refused, "did not say why", ""},
		{"refusal cut short", "incomplete", `"incomplete"`, `"incomplete_details":{"reason":"max_output_tokens"},"output":[` + message("null", `{"type":"refusal","refusal":"I ca"}`) + `]`, llm.Refused, "I ca", ""},
		{"the limit is reached, and called complete", "completed", `"completed"`, `"output":[` + message("null", outputText("Hi")) + `],"usage":{"input_tokens":12,"output_tokens":1000}`, llm.Truncated, "1000", "Hi"},
		{"the limit in capitals", "incomplete", `"incomplete"`, `"incomplete_details":{"reason":"MAX_TOKENS"},` + text, llm.Truncated, "limit", "Hi"},
		{"incomplete, and stopped", "incomplete", `"incomplete"`, `"incomplete_details":{"reason":"stop"},` + text, llm.Overloaded, "incomplete", "Hi"},
		{"incomplete without a reason", "incomplete", `"incomplete"`, text, llm.Overloaded, "incomplete", "Hi"},
		{"canceled", "done", `"cancelled"`, text, llm.Overloaded, "canceled", "Hi"},
		{"queued", "done", `"queued"`, text, llm.Invalid, "background", "Hi"},
		{"in progress", "done", `"in_progress"`, text, llm.Invalid, "background", "Hi"},
		{"unknown status", "done", `"great"`, text, llm.Overloaded, `"great"`, "Hi"},

		{"failed", "failed", `"failed"`, failed("server_error", "sorry"), llm.Overloaded, "sorry", ""},
		{"failed: rate limit", "failed", `"failed"`, failed("rate_limit_exceeded", "slow"), llm.RateLimit, "slow", ""},
		{"failed: quota", "failed", `"failed"`, failed("insufficient_quota", "pay"), llm.Quota, "pay", ""},
		{"failed: prompt", "failed", `"failed"`, failed("invalid_prompt", "bad"), llm.Filtered, "bad", ""},
		{"failed: policy", "failed", `"failed"`, failed("bio_policy", "bad"), llm.Filtered, "bad", ""},
		{"failed: context", "failed", `"failed"`, failed("context_length_exceeded", "long"), llm.ContextLength, "long", ""},
		{"failed: image", "failed", `"failed"`, failed("image_too_large", "big"), llm.Invalid, "big", ""},
		{"failed: residency", "failed", `"failed"`, failed("data_residency_mismatch", "eu"), llm.Invalid, "eu", ""},
		{"failed: timeout", "failed", `"failed"`, failed("vector_store_timeout", "slow"), llm.Timeout, "slow", ""},
		{"failed: key", "failed", `"failed"`, failed("invalid_api_key", "key"), llm.Auth, "key", ""},
		{"failed: unknown code", "failed", `"failed"`, failed("solar_flare", "oh"), llm.Overloaded, "oh", ""},
		{"failed without an error", "failed", `"failed"`, `"output":[],"error":null`, llm.Overloaded, "did not say why", ""},
		{"completed with an error", "completed", `"completed"`, failed("server_error", "sorry"), llm.Overloaded, "sorry", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			everyMode(t, "response."+tt.event, object(tt.status, tt.rest), func(t *testing.T, _ llm.Response, err error) {
				e := wantKind(t, err, tt.kind)
				if !strings.Contains(e.Message, tt.message) || e.Partial != tt.partial || e.Status != 0 {
					t.Errorf("got %+v, wants message %q and partial %q", e, tt.message, tt.partial)
				}
			})
		})
	}
}

func TestBodiesThatAreNoAnswer(t *testing.T) {
	for _, tt := range []struct {
		name, contentType, body string
		kind                    llm.ErrorKind
		message                 string
	}{
		{"an empty object", "application/json", `{}`, llm.Overloaded, "status"},
		{"an error in a success", "application/json", `{"error":{"code":"rate_limit_exceeded","message":"slow"}}`, llm.RateLimit, "slow"},
		{"no content type", "", object(`"completed"`, `"output":[`+message("null", outputText("Hi"))+`]`), "", ""},
		{"text", "text/plain", "It works!", llm.Overloaded, "It works!"},
		{"another API", "application/json", `{"id":"c","object":"chat.completion","choices":[]}`, llm.Overloaded, "status"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			srv, model := start(t)
			reply(srv, responsestest.Raw(200, tt.contentType, tt.body))
			_, err := model.Generate(t.Context(), ask("Hello."), nil)
			if tt.kind == "" {
				if err != nil {
					t.Fatal(err)
				}
				return
			}
			if e := wantKind(t, err, tt.kind); !strings.Contains(e.Message, tt.message) || e.Answered {
				t.Errorf("message %q, wants %q; answered: %v", e.Message, tt.message, e.Answered)
			}
		})
	}
}

// endless repeats a text for ever.
type endless struct {
	text string
	at   int
}

func (e *endless) Read(p []byte) (int, error) {
	n := copy(p, e.text[e.at:])
	e.at = (e.at + n) % len(e.text)
	return n, nil
}

func (e *endless) Close() error { return nil }

// An answer without end is not read for ever.
func TestEndlessAnswers(t *testing.T) {
	blank := strings.Repeat(" ", 64<<10)
	for _, tt := range []struct {
		name, contentType, text string
		status                  int
		stream                  func(llm.Delta)
		kind                    llm.ErrorKind
	}{
		{"plain", "application/json", blank, 200, nil, llm.Invalid},
		{"one line of a stream", "text/event-stream", blank, 200, ignore, llm.Invalid},
		{"comments of a stream", "text/event-stream", ":" + blank + "\n", 200, ignore, llm.Invalid},
		{"error", "text/plain", "no ", 500, nil, llm.Overloaded},
	} {
		t.Run(tt.name, func(t *testing.T) {
			model := openai.New(&openai.Options{APIKey: llmtest.Key, HTTPClient: &http.Client{
				Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
					return &http.Response{StatusCode: tt.status, Header: http.Header{"Content-Type": {tt.contentType}}, Body: &endless{text: tt.text}, Request: r}, nil
				}),
			}})
			_, err := model.Generate(t.Context(), ask("Hello."), tt.stream)
			if e := wantKind(t, err, tt.kind); len(e.Message) > 1000 {
				t.Errorf("the message has %d bytes", len(e.Message))
			}
		})
	}
}
