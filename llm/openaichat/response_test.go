package openaichat_test

import (
	stdcmp "cmp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pawlrun/pawl/internal/responsestest"
	"github.com/pawlrun/pawl/llm"
)

const usageJSON = `{"prompt_tokens":12,"prompt_tokens_details":{"cached_tokens":8},"completion_tokens":5,"total_tokens":17}`

// body is a whole answer as it stands on the wire.
func body(choices, rest string) string {
	return `{"id":"c1","object":"chat.completion","created":1,"model":"qwen3","choices":[` + choices + `]` + rest + `}`
}

func chosen(index, finish, message string) string {
	return `{"index":` + index + `,"finish_reason":` + finish + `,"logprobs":null,"message":{"role":"assistant",` + message + `}}`
}

func TestAnswers(t *testing.T) {
	usage := &llm.Usage{InputTokens: 12, OutputTokens: 5, CachedTokens: 8}
	hi := chosen("0", `"stop"`, `"content":"Hi"`)
	for _, tt := range []struct {
		name, body string
		text       string
		usage      *llm.Usage
	}{
		{"plain sailing", body(hi, `,"usage":`+usageJSON), "Hi", usage},
		{"no usage", body(hi, ""), "Hi", nil},
		{"usage null", body(hi, `,"usage":null`), "Hi", nil},
		{"usage empty", body(hi, `,"usage":{}`), "Hi", nil},
		{"usage zero", body(hi, `,"usage":{"prompt_tokens":0,"completion_tokens":0}`), "Hi", nil},
		{"usage below zero", body(hi, `,"usage":{"prompt_tokens":-1,"completion_tokens":5}`), "Hi", nil},
		{"usage half", body(hi, `,"usage":{"prompt_tokens":3}`), "Hi", nil},
		{"usage without details", body(hi, `,"usage":{"prompt_tokens":3,"completion_tokens":2,"prompt_tokens_details":null}`), "Hi", &llm.Usage{InputTokens: 3, OutputTokens: 2}},
		{"several choices", body(chosen("1", `"length"`, `"content":"Other"`)+","+hi, ""), "Hi", nil},
		{"choice without an index", body(`{"finish_reason":"stop","message":{"content":"Hi"}}`, ""), "Hi", nil},
		{"reasoning", body(chosen("0", `"stop"`, `"content":"Hi","reasoning_content":"hm","reasoning":"hm","reasoning_details":[{}]`), ""), "Hi", nil},
		{"content in parts", body(chosen("0", `"stop"`, `"content":[{"type":"thinking","thinking":[{"type":"text","text":"hm"}]},{"type":"text","text":"Hi"},{"type":"text","text":" you"}]`), ""), "Hi you", nil},
		{"refusal null", body(chosen("0", `"stop"`, `"content":"Hi","refusal":null`), ""), "Hi", nil},
		{"refusal empty", body(chosen("0", `"stop"`, `"content":"Hi","refusal":""`), ""), "Hi", nil},
		{"finish_reason null", body(chosen("0", `null`, `"content":"Hi"`), ""), "Hi", nil},
		{"finish_reason of another server", body(chosen("0", `"eos_token"`, `"content":"Hi"`), ""), "Hi", nil},
		{"no tool calls", body(chosen("0", `"stop"`, `"content":"Hi","tool_calls":[]`), ""), "Hi", nil},
		{"error null", body(hi, `,"error":null`), "Hi", nil},
		{"error false", body(hi, `,"error":false`), "Hi", nil},
		{"error of nulls", body(hi, `,"error":{"code":null,"message":null}`), "Hi", nil},
		{"error zero beside the choice", body(strings.Replace(hi, `"index"`, `"error":{"code":0,"message":""},"index"`, 1), ""), "Hi", nil},
		{"usage in broken numbers", body(hi, `,"usage":{"prompt_tokens":12.0,"completion_tokens":"5","prompt_tokens_details":{"cached_tokens":8.0}}`), "Hi", usage},
		{"usage with a list of details", body(hi, `,"usage":{"prompt_tokens":12,"completion_tokens":5,"prompt_tokens_details":[]}`), "Hi", &llm.Usage{InputTokens: 12, OutputTokens: 5}},
		{"usage a text", body(hi, `,"usage":"none"`), "Hi", nil},
		{"index a text", body(strings.Replace(hi, `"index":0`, `"index":"0"`, 1), ""), "Hi", nil},
		{"finish_reason a number", body(chosen("0", `7`, `"content":"Hi"`), ""), "Hi", nil},
		{"fields beside the content", body(chosen("0", `"stop"`, `"content":"Hi","refusal":false,"reasoning":{"x":1},"tool_calls":"none"`), ""), "Hi", nil},
		{"finish_reason in capitals", body(chosen("0", `"STOP"`, `"content":"Hi"`), ""), "Hi", nil},
		{"finish_reason of Cohere", body(chosen("0", `"COMPLETE"`, `"content":"Hi"`), ""), "Hi", nil},
		{"a limit that was not reached", body(hi, `,"usage":{"prompt_tokens":12,"completion_tokens":999}`), "Hi", &llm.Usage{InputTokens: 12, OutputTokens: 999}},
		{"a limit that reasoning passed", body(hi, `,"usage":{"prompt_tokens":12,"completion_tokens":5,"total_tokens":5017}`), "Hi", &llm.Usage{InputTokens: 12, OutputTokens: 5005, UnboundedTokens: 5000}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			modes(t, func(t *testing.T, stream func(llm.Delta)) { // a server that cannot stream answers plainly all the same
				srv, model := start(t)
				reply(srv, responsestest.Raw(200, "application/json; charset=utf-8", tt.body))
				req := ask("Hello.")
				req.MaxTokens = 1000
				resp, err := model.Generate(t.Context(), req, stream)
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(llm.Response{Text: tt.text, Model: "qwen3", ID: "c1", Usage: tt.usage}, resp); diff != "" {
					t.Errorf("answer (-want +got):\n%s", diff)
				}
			})
		})
	}
}

func TestAnswersThatAreNone(t *testing.T) {
	for _, tt := range []struct {
		name, body       string
		kind             llm.ErrorKind
		message, partial string
	}{
		{"content empty", body(chosen("0", `"stop"`, `"content":""`), ""), llm.Overloaded, "no text", ""},
		{"content null", body(chosen("0", `"stop"`, `"content":null`), ""), llm.Overloaded, "no text", ""},
		{"content missing", body(chosen("0", `"stop"`, `"x":1`), ""), llm.Overloaded, "no text", ""},
		{"reasoning only", body(chosen("0", `"stop"`, `"content":null,"reasoning_content":"{}"`), ""), llm.Overloaded, "except reasoning", ""},
		{"reasoning until the limit", body(chosen("0", `"length"`, `"content":"","reasoning":"hm"`), ""), llm.Truncated, "limit", ""},
		{"refusal beside text", body(chosen("0", `"stop"`, `"content":"Hm.","refusal":"No."`), ""), llm.Refused, "No.", "Hm."},
		{"refusal cut short", body(chosen("0", `"length"`, `"content":null,"refusal":"I ca"`), ""), llm.Refused, "I ca", ""},
		{"limit of another server", body(chosen("0", `"model_length"`, `"content":"Hi"`), ""), llm.Truncated, "limit", "Hi"},
		{"filter", body(chosen("0", `"content_filter"`, `"content":"Hi"`), ""), llm.Filtered, "filter", "Hi"},
		{"tool call", body(chosen("0", `"tool_calls"`, `"content":null,"tool_calls":[{"type":"function"}]`), ""), llm.Overloaded, "tool", ""},
		{"filter of another server", body(chosen("0", `"SAFETY"`, `"content":"Hi"`), ""), llm.Filtered, "filter", "Hi"},
		{"limit in capitals", body(chosen("0", `"MAX_TOKENS"`, `"content":"Hi"`), ""), llm.Truncated, "limit", "Hi"},
		{"context full", body(chosen("0", `"model_context_window_exceeded"`, `"content":"Hi"`), ""), llm.ContextLength, "context", "Hi"},
		{"refusal without words", body(chosen("0", `"refusal"`, `"content":""`), ""), llm.Refused, "declined", ""},
		{"the limit is reached, and called a stop", body(chosen("0", `"stop"`, `"content":"Hi"`), `,"usage":{"prompt_tokens":12,"completion_tokens":1000}`), llm.Truncated, "1000", "Hi"},
		{"the limit is passed, and called a stop", body(chosen("0", `"stop"`, `"content":"Hi"`), `,"usage":{"prompt_tokens":12,"completion_tokens":1001}`), llm.Truncated, "1001", "Hi"},
		{"error beside half a choice", body(strings.Replace(chosen("0", "null", `"content":"Hi"`), `"index"`, `"error":{"code":502,"message":"upstream hung up"},"index"`, 1), ""), llm.Overloaded, "upstream hung up", "Hi"},
		{"error beside a choice that stopped", body(strings.Replace(chosen("0", `"stop"`, `"content":"Hi"`), `"index"`, `"error":"upstream hung up","index"`, 1), ""), llm.Overloaded, "upstream hung up", "Hi"},
		{"error beside a choice that failed", body(strings.Replace(chosen("0", `"error"`, `"content":""`), `"index"`, `"error":{"code":429,"message":"slow"},"index"`, 1), ""), llm.RateLimit, "slow", ""},
		{"error beside the choices", body(chosen("0", `"stop"`, `"content":"Hi"`), `,"error":{"code":502,"message":"upstream hung up"}`), llm.Overloaded, "upstream hung up", "Hi"},
		{"error in a list", `[{"error":{"code":429,"message":"slow","status":"RESOURCE_EXHAUSTED"}}]`, llm.RateLimit, "slow", ""},
		{"choices a text", `{"id":"c","choices":"none"}`, llm.Overloaded, "no choices", ""},
		{"abort", body(chosen("0", `"abort"`, `"content":"Hi"`), ""), llm.Overloaded, `"abort"`, "Hi"},
		{"no choices", body("", ""), llm.Overloaded, "no choices", ""},
		{"choices null", `{"id":"c","choices":null}`, llm.Overloaded, "no choices", ""},
		{"only other choices", body(chosen("1", `"stop"`, `"content":"Hi"`), ""), llm.Overloaded, "no choices", ""},
		{"another API", `{"id":"resp","object":"response","status":"completed","output":[]}`, llm.Overloaded, "no choices", ""},
		{"not an object", `"Hi"`, llm.Overloaded, "not JSON", ""},
		{"error in a success", `{"error":{"code":"rate_limit_exceeded","message":"slow"}}`, llm.RateLimit, "slow", ""},
		{"error with a status for a code", `{"error":{"code":429,"message":"slow"}}`, llm.RateLimit, "slow", ""},
		{"error as a string", `{"error":"model crashed"}`, llm.Overloaded, "model crashed", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			srv, model := start(t)
			reply(srv, responsestest.Raw(200, "application/json", tt.body))
			req := ask("Hello.")
			req.MaxTokens = 1000
			_, err := model.Generate(t.Context(), req, nil)
			e := wantKind(t, err, tt.kind)
			if !strings.Contains(e.Message, tt.message) || e.Partial != tt.partial || e.Status != 0 {
				t.Errorf("got %+v, wants message %q and partial %q", e, tt.message, tt.partial)
			}
			answered := strings.Contains(tt.body, `"choices":[{`) && (e.Kind == llm.Overloaded || e.Kind == llm.Filtered || e.Kind == llm.ContextLength)
			if e.Answered != answered { // what is no completion is billed by nobody
				t.Errorf("answered: %v", e.Answered)
			}
		})
	}
}

func TestServersSayItTheirWay(t *testing.T) {
	for _, tt := range []struct {
		name       string
		status     int
		body, hint string
		kind       llm.ErrorKind
	}{
		{"Ollama has no such model", 404, `{"error":{"message":"model \"qwen3:8b\" not found, try pulling it first","type":"api_error","param":null,"code":null}}`, "name of the model", llm.Invalid},
		{"vLLM has no such model", 404, `{"object":"error","message":"The model ` + "`qwen3:8b`" + ` does not exist.","type":"NotFoundError","param":null,"code":404}`, "name of the model", llm.Invalid},
		{"llama.cpp, too long", 400, `{"error":{"code":400,"message":"too many tokens","type":"exceed_context_size_error","n_ctx":4096}}`, "characters in 1 message", llm.ContextLength},
		{"vLLM, too long", 400, `{"object":"error","message":"This model's maximum context length is 4096 tokens.","type":"BadRequestError","code":400}`, "characters", llm.ContextLength},
		{"LM Studio, too long", 400, `{"error":"The number of tokens to keep from the initial prompt is greater than the context length."}`, "characters", llm.ContextLength},
		{"wants a key", 401, `{"error":"Unauthorized"}`, "set Options.APIKey", llm.Auth},
		{"wrong path", 404, `{"detail":"Not Found"}`, "Options.BaseURL", llm.Invalid},
	} {
		t.Run(tt.name, func(t *testing.T) {
			srv, model := start(t)
			reply(srv, responsestest.Raw(tt.status, "application/json", tt.body))
			_, err := model.Generate(t.Context(), ask("Hello."), nil)
			if e := wantKind(t, err, tt.kind); !strings.Contains(e.Hint, tt.hint) || e.Message == "" {
				t.Errorf("got %v, hint %q, wants %q in it", e, e.Hint, tt.hint)
			}
		})
	}
}

// A fence is taken off only around a whole JSON text where a schema was asked for, and
// only around a whole block of Markdown where text was.
func TestFences(t *testing.T) {
	const fence = "```"
	for _, tt := range []struct{ name, text, want, plain string }{ // plain: with text asked for, where it changes
		{"bare", `{"a":1}`, `{"a":1}`, ""},
		{"json", fence + "json\n{\"a\":1}\n" + fence, `{"a":1}`, ""},
		{"JSON", fence + "JSON\n{\"a\":1}\n" + fence, `{"a":1}`, ""},
		{"no language", fence + "\n{\"a\":1}\n" + fence, `{"a":1}`, `{"a":1}`},
		{"space around", "\n " + fence + "json\r\n{\"a\":1}\r\n" + fence + " \n", `{"a":1}`, ""},
		{"one line", fence + "json {\"a\":1}" + fence, `{"a":1}`, ""},
		{"fence in a value", fence + "json\n{\"a\":\"" + fence + "go\"}\n" + fence, `{"a":"` + fence + `go"}`, ""},
		{"prose before", "Here it is:\n" + fence + "json\n{\"a\":1}\n" + fence, "Here it is:\n" + fence + "json\n{\"a\":1}\n" + fence, ""},
		{"prose after", fence + "json\n{\"a\":1}\n" + fence + "\nDone.", fence + "json\n{\"a\":1}\n" + fence + "\nDone.", ""},
		{"two fences", fence + "json\n{}\n" + fence + "\n" + fence + "json\n{}\n" + fence, fence + "json\n{}\n" + fence + "\n" + fence + "json\n{}\n" + fence, ""},
		{"open", fence + "json\n{\"a\":1}", fence + "json\n{\"a\":1}", ""},
		{"broken JSON", fence + "json\n{\"a\":\n" + fence, fence + "json\n{\"a\":\n" + fence, ""},
		{"nothing in it", fence + fence, fence + fence, ""},
		{"three ticks", fence, fence, ""},
		{"prose", "I would rather not.", "I would rather not.", ""},
		{"a text", fence + "markdown\n# Tides\n\nThey rise.\n" + fence, fence + "markdown\n# Tides\n\nThey rise.\n" + fence, "# Tides\n\nThey rise."},
		{"a text, short, space around", "\n" + fence + "MD \r\n# Tides\r\n" + fence + "\r\n", "\n" + fence + "MD \r\n# Tides\r\n" + fence + "\r\n", "# Tides"},
		{"a text with a block in it", fence + "md\na\n" + fence + "go\nb\n" + fence + "\nc\n" + fence, fence + "md\na\n" + fence + "go\nb\n" + fence + "\nc\n" + fence, "a\n" + fence + "go\nb\n" + fence + "\nc"},
		{"a text in a longer fence", "`" + fence + "\n" + fence + "\na\n" + fence + "\n`" + fence, "`" + fence + "\n" + fence + "\na\n" + fence + "\n`" + fence, fence + "\na\n" + fence},
		{"two texts", fence + "md\na\n" + fence + "\nb\n" + fence + "\nc\n" + fence, fence + "md\na\n" + fence + "\nb\n" + fence + "\nc\n" + fence, ""},
		{"code that was asked for", fence + "go\npackage a\n" + fence, fence + "go\npackage a\n" + fence, ""},
		{"an empty text", fence + "md\n\n" + fence, fence + "md\n\n" + fence, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			modes(t, func(t *testing.T, stream func(llm.Delta)) {
				srv, model := start(t)
				reply(srv, responsestest.Text(tt.text))
				for _, s := range []struct {
					req  llm.Request
					want string
				}{{askReview(t), tt.want}, {ask("Hello."), stdcmp.Or(tt.plain, tt.text)}} {
					resp, err := model.Generate(t.Context(), s.req, stream)
					if err != nil || resp.Text != s.want {
						t.Errorf("schema %v: got %q and %v, wants %q", s.req.Schema != nil, resp.Text, err, s.want)
					}
				}
			})
		})
	}
}
