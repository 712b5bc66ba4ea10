package llmtest

import (
	"cmp"
	"net/http"
	"time"

	"github.com/pawlrun/pawl/llm"
)

// stop is how the caller ends a call that hangs.
type stop int

const (
	stopNot stop = iota
	stopDeadline
	stopCancel
)

// want is what must come of an exchange. Zero fields of text say nothing.
type want struct {
	kind    llm.ErrorKind
	status  int
	code    string
	message string // part of it
	hint    string // part of it

	after, afterAtMost time.Duration // the second is 0: exactly the first

	partial       string // in both modes
	streamPartial string // in a stream only
	usage         bool
	unanswered    bool // no model worked on it, so that nothing of it is billed
}

type scenario struct {
	name string
	play Exchange
	stop stop
	want want
}

func header(pairs ...string) http.Header {
	h := http.Header{}
	for i := 0; i < len(pairs); i += 2 {
		h.Set(pairs[i], pairs[i+1])
	}
	return h
}

const partial = "The first words of an answer that goes on"

// statusScenarios is the table of HTTP statuses.
func statusScenarios(names Names) []scenario {
	quoted := "Incorrect API key provided: " + Key + ". You can find your API key in your account."
	maskedKey := "Incorrect API key provided: " + Key[:8] + "***********************" + Key[len(Key)-4:] + "."
	return []scenario{
		{"rate limit", Exchange{Status: 429, Code: "rate_limit_exceeded", Message: "Rate limit reached", Header: header("Retry-After", "7")}, 0,
			want{kind: llm.RateLimit, status: 429, code: "rate_limit_exceeded", message: "Rate limit reached", after: 7 * time.Second}},
		{"rate limit without a code", Exchange{Status: 429, Message: "slow down"}, 0, want{kind: llm.RateLimit, status: 429}},
		{"rate limit in milliseconds", Exchange{Status: 429, Message: "slow down", Header: header("Retry-After-Ms", "1500", "Retry-After", "9")}, 0,
			want{kind: llm.RateLimit, status: 429, after: 1500 * time.Millisecond}},
		{"rate limit until a date", Exchange{Status: 429, Message: "slow down", Header: header("Retry-After", time.Now().Add(2*time.Minute).UTC().Format(http.TimeFormat))}, 0,
			want{kind: llm.RateLimit, status: 429, after: time.Minute, afterAtMost: 3 * time.Minute}},
		{"rate limit until a date gone by", Exchange{Status: 429, Message: "slow down", Header: header("Retry-After", "Wed, 21 Oct 2015 07:28:00 GMT")}, 0,
			want{kind: llm.RateLimit, status: 429}},
		{"rate limit with a negative delay", Exchange{Status: 429, Message: "slow down", Header: header("Retry-After", "-5")}, 0,
			want{kind: llm.RateLimit, status: 429}},
		{"rate limit with an absurd delay", Exchange{Status: 429, Message: "slow down", Header: header("Retry-After", "1e300")}, 0,
			want{kind: llm.RateLimit, status: 429}},
		{"rate limit with a delay that is none", Exchange{Status: 429, Message: "slow down", Header: header("Retry-After", "NaN", "Retry-After-Ms", "soon")}, 0,
			want{kind: llm.RateLimit, status: 429}},
		{"larger than the account's limit", Exchange{Status: 429, Code: "rate_limit_exceeded", Type: "tokens", Message: "Request too large for gpt-4o in organization org-1 on tokens per min (TPM): Limit 30000, Requested 30601. The input or output tokens must be reduced in order to run successfully."}, 0,
			want{kind: llm.TooLarge, status: 429, code: "rate_limit_exceeded", message: "Requested 30601", hint: "17 characters in 1 message"}},
		{"413 with words", Exchange{Status: 413, Code: "rate_limit_exceeded", Message: "Request too large for model `llama-3.1-8b-instant` on tokens per minute (TPM): Limit 6000, Requested 7300, please reduce your message size and try again."}, 0,
			want{kind: llm.TooLarge, status: 413, hint: "shorten it"}},
		{"413 as a page", Exchange{Status: 413, ContentType: "text/html", Body: "<html><head><title>413 Request Entity Too Large</title></head></html>"}, 0,
			want{kind: llm.TooLarge, status: 413, message: "413 Request Entity Too Large"}},
		{"429 that says not to retry", Exchange{Status: 429, Message: "monthly limit", Header: header("X-Should-Retry", "false")}, 0,
			want{kind: llm.Quota, status: 429}},
		{"quota", Exchange{Status: 429, Code: "insufficient_quota", Message: "You exceeded your current quota"}, 0,
			want{kind: llm.Quota, status: 429, code: "insufficient_quota", hint: "credit"}},
		{"quota by type", Exchange{Status: 429, Type: "insufficient_quota", Message: "You exceeded your current quota"}, 0,
			want{kind: llm.Quota, status: 429, hint: "credit"}},
		{"hard limit", Exchange{Status: 400, Code: "billing_hard_limit_reached", Message: "Billing hard limit has been reached"}, 0,
			want{kind: llm.Quota, status: 400, hint: "credit"}},
		{"payment required", Exchange{Status: 402, Message: "pay first"}, 0, want{kind: llm.Quota, status: 402}},

		{"500", Exchange{Status: 500, Code: "server_error", Message: "The server had an error"}, 0, want{kind: llm.Overloaded, status: 500}},
		{"502 as a page", Exchange{Status: 502, ContentType: "text/html", Body: "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>" + Key + "</body></html>"}, 0,
			want{kind: llm.Overloaded, status: 502, message: `a web page titled "502 Bad Gateway"`}},
		{"503 with a delay", Exchange{Status: 503, Message: "overloaded", Header: header("Retry-After", "3")}, 0,
			want{kind: llm.Overloaded, status: 503, after: 3 * time.Second}},
		{"503 in plain text", Exchange{Status: 503, ContentType: "text/plain", Body: "upstream connect error\nor disconnect"}, 0,
			want{kind: llm.Overloaded, status: 503, message: "upstream connect error or disconnect"}},
		{"503 with nothing", Exchange{Status: 503, ContentType: "text/plain"}, 0, want{kind: llm.Overloaded, status: 503, message: "service unavailable"}},
		{"529", Exchange{Status: 529, Message: "overloaded"}, 0, want{kind: llm.Overloaded, status: 529}},
		{"500 that says not to retry", Exchange{Status: 500, Message: "broken for good", Header: header("X-Should-Retry", "false")}, 0,
			want{kind: llm.Invalid, status: 500, message: "broken for good"}},
		{"408", Exchange{Status: 408, Message: "too slow"}, 0, want{kind: llm.Timeout, status: 408}},
		{"504", Exchange{Status: 504, ContentType: "text/html", Body: "<html><head><title>504 Gateway Time-out</title></head></html>"}, 0,
			want{kind: llm.Timeout, status: 504, message: "504 Gateway Time-out"}},

		{"wrong key", Exchange{Status: 401, Code: "invalid_api_key", Message: quoted}, 0,
			want{kind: llm.Auth, status: 401, code: "invalid_api_key", message: "Incorrect API key provided: [api key].", hint: names.APIKey}},
		{"wrong key, masked", Exchange{Status: 401, Code: "invalid_api_key", Message: maskedKey}, 0,
			want{kind: llm.Auth, status: 401, message: "Incorrect API key provided: [api key].", hint: names.APIKey}},
		{"wrong key in plain text", Exchange{Status: 401, ContentType: "text/plain", Body: "no such key: " + Key}, 0,
			want{kind: llm.Auth, status: 401, message: "no such key: [api key]"}},
		{"wrong key, told to retry", Exchange{Status: 401, Message: "no", Header: header("X-Should-Retry", "true")}, 0, want{kind: llm.Auth, status: 401}},
		{"forbidden", Exchange{Status: 403, Code: "unsupported_country_region_territory", Message: "Country not supported"}, 0,
			want{kind: llm.Auth, status: 403, hint: "region"}},

		{"bad request", Exchange{Status: 400, Code: "invalid_value", Message: "Invalid value: 'x'"}, 0,
			want{kind: llm.Invalid, status: 400, code: "invalid_value", message: "Invalid value: 'x'"}},
		{"unknown model", Exchange{Status: 404, Code: "model_not_found", Message: "The model does not exist"}, 0,
			want{kind: llm.Invalid, status: 404, hint: "name of the model"}},
		{"wrong address", Exchange{Status: 404, ContentType: "text/plain", Body: "404 page not found"}, 0,
			want{kind: llm.Invalid, status: 404, hint: names.BaseURL}},
		{"conflict", Exchange{Status: 409, Message: "conflict"}, 0, want{kind: llm.Invalid, status: 409}},
		{"conflict that says to retry", Exchange{Status: 409, Message: "conflict", Header: header("X-Should-Retry", "true")}, 0,
			want{kind: llm.Overloaded, status: 409}},
		{"redirect", Exchange{Status: 307, Body: "elsewhere", ContentType: "text/plain", Header: header("Location", "/v2/elsewhere")}, 0,
			want{kind: llm.Invalid, status: 307, hint: names.BaseURL}},
		{"context length", Exchange{Status: 400, Code: "context_length_exceeded", Message: "Your input exceeds the context window of this model"}, 0,
			want{kind: llm.ContextLength, status: 400, hint: "17 characters in 1 message"}},
		{"context length in words only", Exchange{Status: 400, Message: "This model's maximum context length is 8192 tokens"}, 0,
			want{kind: llm.ContextLength, status: 400, message: "8192", hint: "17 characters"}},
		{"prompt filtered", Exchange{Status: 400, Code: "invalid_prompt", Message: "flagged"}, 0, want{kind: llm.Filtered, status: 400}},
		{"policy", Exchange{Status: 400, Code: "content_policy_violation", Message: "not allowed"}, 0, want{kind: llm.Filtered, status: 400}},

		{"error as a string", Exchange{Status: 400, ContentType: "application/json", Body: `{"error":"model is required"}`}, 0,
			want{kind: llm.Invalid, status: 400, message: "model is required"}},
		{"error with a number for a code", Exchange{Status: 400, ContentType: "application/json", Body: `{"error":{"code":400,"message":"bad","type":"invalid_request_error"}}`}, 0,
			want{kind: llm.Invalid, status: 400, code: "400", message: "bad"}},
		{"error as detail", Exchange{Status: 422, ContentType: "application/json", Body: `{"detail":[{"loc":["body"],"msg":"field required"}]}`}, 0,
			want{kind: llm.Invalid, status: 422, message: "field required"}},
		{"error that is not JSON", Exchange{Status: 400, ContentType: "application/json", Body: `{"error":`}, 0,
			want{kind: llm.Invalid, status: 400, message: `{"error":`}},
		{"error that is null", Exchange{Status: 500, ContentType: "application/json", Body: `{"error":null}`}, 0, want{kind: llm.Overloaded, status: 500}},
	}
}

// answerScenarios are successes of HTTP that are none of ours, and what happens on
// the way.
func answerScenarios(names Names) []scenario {
	return []scenario{
		{"refusal", Exchange{Refusal: "I cannot help with that."}, 0,
			want{kind: cmp.Or(names.Declined, llm.Refused), message: "I cannot help with that.", usage: true}},
		{"truncated", Exchange{Text: partial, End: EndLength}, 0, want{kind: llm.Truncated, partial: partial, hint: "max_tokens", usage: true}},
		{"truncated valid JSON", Exchange{Text: `{"ok":true}`, End: EndLength}, 0, want{kind: llm.Truncated, partial: `{"ok":true}`, usage: true}},
		{"truncated before the first word", Exchange{End: EndLength}, 0, want{kind: llm.Truncated, usage: true}},
		{"filtered", Exchange{Text: partial, End: EndFilter}, 0, want{kind: llm.Filtered, partial: partial, usage: true}},
		{"the key in what arrived", Exchange{Text: "Your key is " + Key, End: EndLength}, 0, want{kind: llm.Truncated, partial: "Your key is [api key]", usage: true}},
		{"no text", Exchange{Text: " \n "}, 0, want{kind: llm.Overloaded, partial: " \n ", usage: true}},
		{"no body", Exchange{Break: BreakEmpty}, 0, want{kind: llm.Overloaded}},
		{"page instead of an answer", Exchange{Status: 200, ContentType: "text/html", Body: "<html><title>Welcome to nginx!</title></html>"}, 0,
			want{kind: llm.Invalid, message: `a web page titled "Welcome to nginx!"`, hint: names.BaseURL, unanswered: true}},
		{"page for a wrong path", Exchange{Status: 404, ContentType: "text/html", Body: "<html><title>Not here</title></html>"}, 0,
			want{kind: llm.Invalid, status: 404, message: `a web page titled "Not here"`, hint: names.BaseURL}},
		{"page of a gateway in place of an answer", Exchange{Status: 200, ContentType: "text/html", Body: "<!doctype html><title>Just a moment...</title><script src=\"/cdn-cgi/challenge-platform/h/b\"></script>"}, 0,
			want{kind: llm.Overloaded, message: "Just a moment...", unanswered: true}},
		{"page without a type in place of an answer", Exchange{Status: 200, ContentType: "text/plain", Body: "<!doctype html><title>Sign in to the network</title>"}, 0,
			want{kind: llm.Invalid, message: `a web page titled "Sign in to the network"`, unanswered: true}},
		{"broken JSON", Exchange{Status: 200, ContentType: "application/json", Body: `{"id":"x","output":[{`}, 0, want{kind: llm.Overloaded}},

		{"reset", Exchange{Break: BreakReset}, 0, want{kind: llm.Network}},
		{"cut", Exchange{Break: BreakCut, Text: partial}, 0, want{kind: llm.Network, streamPartial: partial}},
		{"cut behind valid JSON", Exchange{Break: BreakCut, Text: `{"ok": true}`}, 0, want{kind: llm.Network, streamPartial: `{"ok": true}`}},
		{"cut before the first word", Exchange{Break: BreakCut}, 0, want{kind: llm.Network}},
		{"abort", Exchange{Break: BreakAbort}, 0, want{kind: llm.Network}},
		{"hang until the deadline", Exchange{Break: BreakHang}, stopDeadline, want{kind: llm.Timeout}},
		{"hang until canceled", Exchange{Break: BreakHang}, stopCancel, want{kind: llm.Canceled}},
	}
}
