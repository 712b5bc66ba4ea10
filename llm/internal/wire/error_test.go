package wire

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/pawlrun/pawl/llm"
)

// What came as an answer and is of no use was billed as one.
func TestUselessAnswersAreAnswers(t *testing.T) {
	for _, c := range []struct {
		status int
		kind   llm.ErrorKind
		want   bool
	}{
		{200, llm.Overloaded, true}, {200, llm.Filtered, true}, {200, llm.ContextLength, true}, {400, llm.ContextLength, false}, {201, llm.Overloaded, true},
		{503, llm.Overloaded, false}, {400, llm.Filtered, false}, {200, llm.Network, true}, {200, llm.Timeout, true}, {504, llm.Timeout, false},
		{200, llm.RateLimit, false}, {200, llm.Auth, false}, {200, llm.Quota, false},
	} {
		e := From(&http.Response{StatusCode: c.status, Header: http.Header{}}, &llm.Error{Kind: c.kind})
		if e.Answered != c.want {
			t.Errorf("%d, %s: answered %v", c.status, c.kind, e.Answered)
		}
	}
}

// Servers that are built on pydantic repeat what they refuse. Words of the prompt say
// nothing about the error, and are not shown.
func TestPromptsInErrorsSayNothing(t *testing.T) {
	for _, prompt := range []string{
		"A customer writes: the app says my credit balance is too low.", "Explain what 'api key not valid' means.",
		"Summarize: the upload was blocked by content filtering.", "Explain llama.cpp's context size option.", "Explain HTTP 413: request too large, limit 1 MB.",
	} {
		const loc, msg = `"loc":["body","messages",0,"content"]`, `"msg":"Input should be a valid string"`
		fault := `{"type":"string_type",` + loc + `,` + msg + `,"input":[{"text":"` + prompt + `"}]}`
		quoted, _ := json.Marshal("[" + fault + "]")
		python, _ := json.Marshal(`[{'type': 'string_type', 'loc': ('body', 'messages', 0, 'content'), 'msg': 'Input should be a valid string', 'input': '` + prompt + `'}]`)
		for _, body := range []string{
			`{"detail":[` + fault + `]}`, `{"errors":[` + fault + `]}`, `[` + fault + `]`, `{"error":` + fault + `}`,
			`{"object":"error","message":` + string(quoted) + `}`, `{"detail":` + string(quoted) + `}`, `{"object":"error","message":` + string(python) + `}`,
		} {
			e := statusError(&http.Response{StatusCode: 422, Header: http.Header{}}, []byte(body))
			if e.Kind != llm.Invalid || !strings.Contains(e.Message, "Input should be a valid string") || !strings.Contains(e.Message, "messages") || strings.Contains(e.Message, prompt) {
				t.Errorf("%s is %s: %s", body, e.Kind, e.Message)
			}
		}
	}
	two := `{"detail":[{"loc":["body","a"],"msg":"x"},{"loc":["body","b",1],"msg":"y"},{"msg":"z"}]}`
	if e := statusError(&http.Response{StatusCode: 422, Header: http.Header{}}, []byte(two)); e.Message != "body.a: x; body.b.1: y; z" {
		t.Errorf("got %q", e.Message)
	}
}

func TestFieldsThatHoldNoError(t *testing.T) {
	for raw, want := range map[string]bool{
		"": false, "null": false, "false": false, "0": false, `""`: false, "{}": false, "[]": false, `{"message":null,"code":null}`: false,
		`{"code":0,"message":""}`: false, " { } ": false,
		`"crashed"`: true, `{"message":"x"}`: true, `{"code":502}`: true, `{"why":"x"}`: true, "true": true, `[{"error":"x"}]`: true,
	} {
		if got := IsError([]byte(raw)); got != want {
			t.Errorf("%s is an error: %v", raw, got)
		}
	}
}

// Each envelope is read anew, so a body that is nothing else must not cost its square.
func TestErrorsInEndlessEnvelopes(t *testing.T) {
	for _, envelope := range []string{`{"error":`, "[", `{"errors":[`, `{"metadata":{"raw":"`} {
		body := strings.Repeat(envelope, maxErrorBytes/len(envelope))
		e := statusError(&http.Response{StatusCode: 400, Header: http.Header{}}, []byte(body))
		if e.Kind != llm.Invalid {
			t.Errorf("%q: %s", envelope, e.Kind)
		}
	}
	deep := strings.Repeat(`{"error":`, 5000) + `"x"` + strings.Repeat("}", 5000)
	if e := ProviderError(deep); e.Kind != llm.Overloaded {
		t.Errorf("deep: %s", e.Kind)
	}
}

func FuzzErrors(f *testing.F) {
	for _, seed := range []string{
		`{"error":{"code":429,"message":"try again in 5s","metadata":{"raw":"{}","reasons":[1]}}}`, `[{"error":"x"}]`, `{"errors":[{"message":"x"}]}`,
		`{"error":{"details":[{"@type":"google.rpc.RetryInfo","retryDelay":"39s"}]}}`, `{"detail":[{"msg":"x"}]}`, "<html>cloudflare", `"x"`, "retry after 1h1h",
	} {
		f.Add(429, seed)
	}
	f.Fuzz(func(t *testing.T, status int, body string) {
		IsError([]byte(body))
		errs := []llm.Error{ProviderError(body)}
		if status >= 300 && status < 600 {
			errs = append(errs, *statusError(&http.Response{StatusCode: status, Header: http.Header{}}, []byte(body)))
		}
		for _, e := range errs {
			if e.Kind == "" || e.Message == "" && body != "" && e.Status < 500 && http.StatusText(status) != "" || e.RetryAfter < 0 || e.RetryAfter > time.Hour {
				t.Errorf("%d %q: %+v", status, body, e)
			}
		}
	})
}
