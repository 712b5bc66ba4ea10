package gemini_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pawlrun/pawl/internal/responsestest"
	"github.com/pawlrun/pawl/llm"
	"github.com/pawlrun/pawl/llm/internal/llmtest"
	"github.com/pawlrun/pawl/schema"
)

func ask(text string) llm.Request {
	return llm.Request{Model: "gemini-3.5-flash", Messages: []llm.Message{llm.User(text)}}
}

// raw answers with a body, in a stream as one event of it.
func raw(srv *responsestest.Server, body string) {
	srv.On(func(c responsestest.Call) responsestest.Reply {
		if c.Stream {
			return responsestest.Raw(200, "text/event-stream", "data: "+body+"\r\n\r\n")
		}
		return responsestest.Raw(200, "application/json; charset=UTF-8", body)
	})
}

const counted = `"usageMetadata":{"promptTokenCount":12,"candidatesTokenCount":5,"totalTokenCount":17},"modelVersion":"gemini-3.5-flash-001","responseId":"r1"`

// What the wire has its own way, whole and in a stream.
func TestQuirks(t *testing.T) {
	prompt := &llm.Usage{InputTokens: 12}
	for _, tt := range []struct {
		name, body string
		text       string // of an answer; empty: an error
		kind       llm.ErrorKind
		code       string
		message    string // part of it
		usage      *llm.Usage
		answered   bool
	}{
		{name: "blocked prompt", body: `{"promptFeedback":{"blockReason":"PROHIBITED_CONTENT"},"usageMetadata":{"promptTokenCount":12,"totalTokenCount":12},"modelVersion":"m"}`,
			kind: llm.Filtered, code: "PROHIBITED_CONTENT", message: "the prompt was blocked: PROHIBITED_CONTENT", usage: prompt, answered: true},
		{name: "blocked prompt with words", body: `{"promptFeedback":{"blockReason":"MODEL_ARMOR","blockReasonMessage":"by policy 7"},"candidates":[]}`,
			kind: llm.Filtered, message: "by policy 7", answered: true},
		{name: "blocked answer without content", body: `{"candidates":[{"finishReason":"SAFETY","index":0,"safetyRatings":[{"blocked":true}]}],"usageMetadata":{"promptTokenCount":12,"totalTokenCount":12}}`,
			kind: llm.Filtered, code: "SAFETY", usage: prompt, answered: true},
		{name: "recitation", body: `{"candidates":[{"finishReason":"RECITATION"}],` + counted + `}`, kind: llm.Filtered, code: "RECITATION", usage: &llm.Usage{InputTokens: 12, OutputTokens: 5}, answered: true},
		{name: "all was thought", body: `{"candidates":[{"content":{"role":"model"},"finishReason":"MAX_TOKENS"}],"usageMetadata":{"promptTokenCount":12,"thoughtsTokenCount":90,"totalTokenCount":102}}`,
			kind: llm.Truncated, message: "token limit", usage: &llm.Usage{InputTokens: 12, OutputTokens: 90}},
		{name: "a part of an answer", body: `{"candidates":[{"content":{"parts":[{"text":"Hi"}]},"finishReason":"CONTINUATION","continuationToken":"AA=="}],` + counted + `}`,
			kind: llm.Truncated, usage: &llm.Usage{InputTokens: 12, OutputTokens: 5}},
		{name: "a tool that was not offered", body: `{"candidates":[{"content":{"parts":[{"functionCall":{"name":"f"}}]},"finishReason":"MALFORMED_FUNCTION_CALL"}],` + counted + `}`,
			kind: llm.Overloaded, message: "called a tool", usage: &llm.Usage{InputTokens: 12, OutputTokens: 5}, answered: true},
		{name: "an unknown end", body: `{"candidates":[{"content":{"parts":[{"text":"Hi"}]},"finishReason":"OTHER","finishMessage":"so it goes"}],` + counted + `}`,
			kind: llm.Overloaded, code: "OTHER", message: "so it goes", usage: &llm.Usage{InputTokens: 12, OutputTokens: 5}, answered: true},

		{name: "thoughts apart, part of it cached", body: `{"candidates":[{"content":{"parts":[{"text":"hm","thought":true},{"text":"H"},{"text":"i","thoughtSignature":"AA=="}]},"finishReason":"STOP"}],` +
			`"usageMetadata":{"promptTokenCount":12,"cachedContentTokenCount":8,"candidatesTokenCount":5,"thoughtsTokenCount":40,"totalTokenCount":57},"modelVersion":"m","responseId":"r1"}`,
			text: "Hi", usage: &llm.Usage{InputTokens: 12, OutputTokens: 45, CachedTokens: 8}},
		{name: "thoughts apart, without a total", body: `{"candidates":[{"content":{"parts":[{"text":"Hi"}]},"finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":12,"candidatesTokenCount":5,"thoughtsTokenCount":40}}`,
			text: "Hi", usage: &llm.Usage{InputTokens: 12, OutputTokens: 45}},
		{name: "counts in the total alone", body: `{"candidates":[{"content":{"parts":[{"text":"Hi"}]},"finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":12,"candidatesTokenCount":5,"totalTokenCount":57}}`,
			text: "Hi", usage: &llm.Usage{InputTokens: 12, OutputTokens: 45}},
		{name: "counts of tools, in quotes and broken", body: `{"candidates":[{"content":{"parts":[{"text":"Hi"}]},"finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":"12","toolUsePromptTokenCount":3,"candidatesTokenCount":5.0,"cachedContentTokenCount":-1}}`,
			text: "Hi", usage: &llm.Usage{InputTokens: 15, OutputTokens: 5}},
		{name: "no counts", body: `{"candidates":[{"content":{"parts":[{"text":"Hi"}]},"finishReason":"STOP"}]}`, text: "Hi"},
		{name: "counts that are none", body: `{"candidates":[{"content":{"parts":[{"text":"Hi"}]},"finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":-5,"candidatesTokenCount":true}}`, text: "Hi"},
		{name: "a field of another type", body: `{"candidates":[{"content":{"parts":[{"text":"Hi"}]},"finishReason":"STOP","index":"0","finishMessage":7}],"modelVersion":{}}`, text: "Hi"},
		{name: "only a thought", body: `{"candidates":[{"content":{"parts":[{"text":"hm","thought":true}]},"finishReason":"STOP"}],` + counted + `}`,
			kind: llm.Overloaded, message: "nothing except reasoning", usage: &llm.Usage{InputTokens: 12, OutputTokens: 5}, answered: true},

		{name: "an error in a success", body: `{"error":{"code":503,"message":"The model is overloaded.","status":"UNAVAILABLE"}}`, kind: llm.Overloaded, code: "UNAVAILABLE", message: "The model is overloaded."},
		{name: "a limit in a success", body: `{"error":{"code":429,"message":"slow down","status":"RESOURCE_EXHAUSTED"}}`, kind: llm.RateLimit, code: "RESOURCE_EXHAUSTED"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			llmtest.Modes(t, func(t *testing.T, stream func(llm.Delta)) {
				srv, model := start(t)
				raw(srv, tt.body)
				var heard strings.Builder
				if stream != nil {
					stream = func(d llm.Delta) { heard.WriteString(d.Text) }
				}
				resp, err := model.Generate(t.Context(), ask("Hello"), stream)
				if tt.text != "" {
					if err != nil || resp.Text != tt.text {
						t.Fatalf("got %q, %v", resp.Text, err)
					}
					if diff := cmp.Diff(tt.usage, resp.Usage); diff != "" {
						t.Errorf("usage (-want +got):\n%s", diff)
					}
					if stream != nil && heard.String() != tt.text {
						t.Errorf("heard %q", heard.String())
					}
					return
				}
				e := llmtest.WantKind(t, err, tt.kind)
				if tt.code != "" && e.Code != tt.code || !strings.Contains(e.Message, tt.message) {
					t.Errorf("code %q, message %q", e.Code, e.Message)
				}
				if diff := cmp.Diff(tt.usage, e.Usage); diff != "" {
					t.Errorf("usage (-want +got):\n%s", diff)
				}
				if stream == nil && e.Answered != tt.answered {
					t.Errorf("answered: %v", e.Answered)
				}
			})
		})
	}
}

// A whole answer that is none. In a stream these end early; see TestStreams.
func TestNoAnswer(t *testing.T) {
	for body, message := range map[string]string{
		`{}`:                `no candidates`,
		`null`:              `no candidates`,
		`{"candidates":[]}`: `no candidates`,
		`{"candidates":[{"content":{"parts":[{"text":"Hi"}]}}],` + counted + `}`:                                            `does not say why it ended`,
		`{"candidates":[{"content":{"parts":[{"text":"Hi"}]},"finishReason":"FINISH_REASON_UNSPECIFIED"}],` + counted + `}`: `unknown reason`,
	} {
		srv, model := start(t)
		raw(srv, body)
		_, err := model.Generate(t.Context(), ask("Hello"), nil)
		if e := llmtest.WantKind(t, err, llm.Overloaded); !strings.Contains(e.Message, message) {
			t.Errorf("%s: %v", body, e)
		}
	}
}

// A limit that bounds the answer alone: what the server calls complete is so, if the answer
// without its thoughts is below the limit.
func TestLimitBesideThoughts(t *testing.T) {
	for _, tt := range []struct {
		thoughts int64
		kind     llm.ErrorKind
	}{{90, ""}, {500, ""}, {95, llm.Truncated}} {
		srv, model := start(t)
		srv.On(func(responsestest.Call) responsestest.Reply {
			return responsestest.Text("Hi").Usage(12, tt.thoughts+5, 0).Reasoning(tt.thoughts)
		})
		req := ask("Hello")
		req.MaxTokens = 100
		if _, err := model.Generate(t.Context(), req, nil); llm.KindOf(err) != tt.kind {
			t.Errorf("%d thoughts: %v", tt.thoughts, err)
		}
	}
}

// Thoughts that stand in the total alone are thoughts.
func TestLimitBesideTotal(t *testing.T) {
	for _, tt := range []struct {
		candidates string
		unbounded  int64
		kind       llm.ErrorKind
	}{{"5", 500, ""}, {"99", 406, ""}, {"100", 405, llm.Truncated}} {
		llmtest.Modes(t, func(t *testing.T, stream func(llm.Delta)) {
			srv, model := start(t)
			raw(srv, `{"candidates":[{"content":{"parts":[{"text":"Hi"}]},"finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":12,"candidatesTokenCount":`+tt.candidates+`,"totalTokenCount":517}}`)
			req := ask("Hello")
			req.MaxTokens = 100
			resp, err := model.Generate(t.Context(), req, stream)
			if llm.KindOf(err) != tt.kind || err == nil && (resp.Usage.OutputTokens != 505 || resp.Usage.UnboundedTokens != tt.unbounded) {
				t.Errorf("%s candidates: %+v, %v", tt.candidates, resp.Usage, err)
			}
		})
	}
}

func TestStreams(t *testing.T) {
	part := func(text, finish string) string {
		if finish != "" {
			finish = `,"finishReason":"` + finish + `"`
		}
		return `data: {"candidates":[{"content":{"parts":[{"text":"` + text + `"}],"role":"model"}` + finish + `}],"usageMetadata":{"promptTokenCount":12,"candidatesTokenCount":5,"totalTokenCount":17}}` + "\r\n\r\n"
	}
	for _, tt := range []struct {
		name, body string
		kind       llm.ErrorKind // empty: the answer is Hello
		partial    string
	}{
		{"as Google sends it", part("Hel", "") + part("lo", "STOP"), "", ""},
		{"the end in a piece of its own", part("Hel", "") + part("lo", "") + part("", "STOP"), "", ""},
		{"an end in every piece", part("Hel", "STOP") + part("lo", "STOP"), "", ""},
		{"comments, names of events and a mark", ": keep-alive\n\n" + "event: message\n" + part("Hel", "") + ": ping\n\n" + part("lo", "STOP") + "data: [DONE]\n\n", "", ""},
		{"no end", part("Hel", "") + part("lo", ""), llm.Network, "Hello"},
		{"a mark and no end", part("Hel", "") + part("lo", "") + "data: [DONE]\n\n", llm.Network, "Hello"},
		{"nothing", "\n", llm.Network, ""},
		{"no candidates and the end", "data: {}\n\n", llm.Network, ""},
		{"an event that is not JSON", part("Hel", "") + "data: {\"candidates\":[\n\n", llm.Overloaded, "Hel"},
		{"an error behind some words", part("Hel", "") + `data: {"error":{"code":500,"message":"internal","status":"INTERNAL"}}` + "\n\n", llm.Overloaded, "Hel"},
		{"blocked in the middle", part("Hel", "") + `data: {"candidates":[{"finishReason":"SAFETY"}]}` + "\n\n", llm.Filtered, "Hel"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			srv, model := start(t)
			srv.On(func(responsestest.Call) responsestest.Reply {
				return responsestest.Raw(200, "text/event-stream", tt.body)
			})
			resp, err := model.Generate(t.Context(), ask("Hello"), llmtest.Ignore)
			if tt.kind == "" {
				if err != nil || resp.Text != "Hello" || resp.Usage == nil || resp.Usage.OutputTokens != 5 {
					t.Errorf("got %+v, %v", resp, err)
				}
				return
			}
			if e := llmtest.WantKind(t, err, tt.kind); e.Partial != tt.partial {
				t.Errorf("partial %q", e.Partial)
			}
		})
	}
}

// A gateway that leaves the connection open does not hold the answer back.
func TestStreamThatStaysOpen(t *testing.T) {
	srv, model := start(t)
	srv.On(func(responsestest.Call) responsestest.Reply { return responsestest.KeepOpen("Hello there") })
	resp, err := model.Generate(t.Context(), ask("Hello"), llmtest.Ignore)
	if err != nil || resp.Text != "Hello there" {
		t.Errorf("got %+v, %v", resp, err)
	}
}

// Errors in Google's words, with what stands in their details.
func TestErrors(t *testing.T) {
	for _, tt := range []struct {
		status int
		body   string
		kind   llm.ErrorKind
		code   string
		after  time.Duration
		hint   string
	}{
		{400, `{"error":{"code":400,"message":"API key not valid. Please pass a valid API key.","status":"INVALID_ARGUMENT","details":[{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"API_KEY_INVALID"}]}}`, llm.Auth, "API_KEY_INVALID", 0, "Options.APIKey"},
		{429, `{"error":{"code":429,"message":"You exceeded your current quota","status":"RESOURCE_EXHAUSTED","details":[{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"13s"}]}}`, llm.RateLimit, "RESOURCE_EXHAUSTED", 13 * time.Second, ""},
		{404, `{"error":{"code":404,"message":"models/gemini-3.5-flash is not found for API version v1beta, or is not supported for generateContent.","status":"NOT_FOUND"}}`, llm.Invalid, "NOT_FOUND", 0, "name of the model"},
		{503, `{"error":{"code":503,"message":"The model is overloaded. Please try again later.","status":"UNAVAILABLE"}}`, llm.Overloaded, "UNAVAILABLE", 0, ""},
		{504, `{"error":{"code":504,"message":"Deadline expired","status":"DEADLINE_EXCEEDED"}}`, llm.Timeout, "DEADLINE_EXCEEDED", 0, ""},
		{400, `{"error":{"code":400,"message":"The input token count (1196265) exceeds the maximum number of tokens allowed (1048576).","status":"INVALID_ARGUMENT"}}`, llm.ContextLength, "INVALID_ARGUMENT", 0, "shorten"},
	} {
		srv, model := start(t)
		srv.On(func(responsestest.Call) responsestest.Reply {
			return responsestest.Raw(tt.status, "application/json", tt.body)
		})
		_, err := model.Generate(t.Context(), ask("Hello"), nil)
		e := llmtest.WantKind(t, err, tt.kind)
		if e.Code != tt.code || e.RetryAfter != tt.after || !strings.Contains(e.Hint, tt.hint) || e.Status != tt.status {
			t.Errorf("%s: %+v", tt.body, e)
		}
	}
}

type bounded struct {
	Why   string   `json:"why"`
	Score float64  `json:"score" pawl:"min=0,max=1"`
	Tags  []string `json:"tags,omitempty" pawl:"items=1..3"`
}

// A schema of which the server makes nothing, and says so or not, is sent without its
// bounds, and then in words.
func TestSchemaThatIsRefused(t *testing.T) {
	s, err := schema.For[bounded]()
	if err != nil {
		t.Fatal(err)
	}
	for _, message := range []string{
		"The specified schema produces a constraint that has too many states for serving. Typical causes of this error are schemas with lots of text.",
		"A schema in GenerationConfig in the request exceeds the maximum allowed nesting depth.",
		"Request contains an invalid argument.",
	} {
		srv, model := start(t)
		var sent []string
		srv.On(func(c responsestest.Call) responsestest.Reply {
			switch {
			case c.Schema == nil:
				sent = append(sent, "object")
				return responsestest.Text(`{"why":"w","score":0.5,"tags":null}`)
			case strings.Contains(string(c.Schema), "maximum"):
				sent = append(sent, "bounds")
			default:
				sent = append(sent, "shape")
			}
			return responsestest.Status(400, "", message)
		})
		req := ask("Rate this.")
		req.Schema = s
		_, err := model.Generate(t.Context(), req, nil)
		if e := llmtest.WantKind(t, err, llm.Overloaded); !strings.Contains(e.Hint, "maximum") || !strings.Contains(e.Hint, "responseMimeType") && !strings.Contains(e.Hint, "responseJsonSchema") {
			t.Errorf("%s: hint %q", message, e.Hint)
		}
		resp, err := model.Generate(t.Context(), req, nil)
		if err != nil {
			t.Errorf("%s: %+v, %v", message, resp, err)
		}
		if got := strings.Join(sent, " "); got != "bounds shape object" {
			t.Errorf("%s: sent %s", message, got)
		}
		if v := srv.Violations(); len(v) > 0 {
			t.Error(v)
		}
	}
}

// The same words without a schema are about something else, and are no reason to ask again.
func TestInvalidArgumentWithoutSchema(t *testing.T) {
	srv, model := start(t)
	srv.On(func(responsestest.Call) responsestest.Reply {
		return responsestest.Status(http.StatusBadRequest, "", "Request contains an invalid argument.")
	})
	_, err := model.Generate(t.Context(), ask("Hello"), nil)
	if llmtest.WantKind(t, err, llm.Invalid); len(srv.Calls()) != 1 {
		t.Errorf("%d requests", len(srv.Calls()))
	}
}

func body(t *testing.T, c responsestest.Call) (b map[string]any) {
	t.Helper()
	if err := json.Unmarshal(c.Body, &b); err != nil {
		t.Fatal(err)
	}
	return b
}

func TestServiceTiers(t *testing.T) {
	llmtest.Modes(t, func(t *testing.T, stream func(llm.Delta)) {
		srv, model := start(t)
		llmtest.RunTiers(t, srv, model, stream)
	})
}

// Google names the tier in a header, too; the counts say it where both do.
func TestServiceTierInAHeader(t *testing.T) {
	llmtest.Modes(t, func(t *testing.T, stream func(llm.Delta)) {
		srv, model := start(t)
		for counted, want := range map[string]string{"": "priority", "flex": "flex"} {
			srv.On(func(responsestest.Call) responsestest.Reply {
				return responsestest.Text("some words").Usage(10, 5, 2).Tier(counted).Header("X-Gemini-Service-Tier", "priority")
			})
			resp, err := model.Generate(t.Context(), ask("Hello"), stream)
			if err != nil || resp.Usage == nil || resp.Usage.ServiceTier != want {
				t.Errorf("counts say %q: %+v, %v; wants %q", counted, resp.Usage, err, want)
			}
		}
	})
}
