package llmtest

import (
	"time"

	"github.com/pawlrun/pawl/llm"
)

// vendorScenarios are errors in the shapes and words of vendors that are compatible
// with OpenAI's wire, or of gateways before others.
func vendorScenarios(names Names) []scenario {
	answers := func(status int, body string) Exchange {
		return Exchange{Status: status, ContentType: "application/json", Body: body}
	}
	said := func(status int, message string) Exchange {
		return answers(status, `{"object":"error","message":"`+message+`","type":"BadRequestError","param":null,"code":400}`)
	}
	long := func(name string, status int, message string) scenario {
		return scenario{name + ": too long", said(status, message), 0, want{kind: llm.ContextLength, status: status, hint: "17 characters in 1 message"}}
	}
	return []scenario{
		long("vLLM", 400, "You passed 40001 input tokens and requested 0 output tokens. However, the model's context length is only 32768 tokens, resulting in a maximum input length of 32768 tokens."),
		long("vLLM, older", 400, "The decoder prompt (length 5000) is longer than the maximum model length of 4096."),
		long("Together", 422, "The input (40001 tokens) is longer than the model's context length (32768 tokens)."),
		long("Anthropic", 400, "prompt is too long: 208310 tokens > 200000 maximum"),
		long("Anthropic, with the answer", 400, "input length and `max_tokens` exceed context limit: 198000 + 20000 > 200000"),
		long("Gemini", 400, "The input token count (1196265) exceeds the maximum number of tokens allowed (1048575)."),
		long("xAI", 400, "This model's maximum prompt length is 131072 but the request contains 537812 tokens."),
		long("Groq", 413, "Please reduce the length of the messages or completion."),
		long("Moonshot", 400, "Invalid request: Your request exceeded model token limit: 262144 (requested: 269030)"),
		long("MiniMax", 400, "invalid params, context window exceeds limit"),
		long("Model Studio", 400, "Range of input length should be [1, 30720]"),
		long("Mistral", 400, "Prompt contains 66385 tokens and 0 draft tokens, too large for model with 32768 maximum context length"),
		long("Ollama", 500, "prompt too long; exceeded max context length by 4 tokens"),
		long("llama.cpp, older", 500, "the request exceeds the available context size. try increasing the context size or enable context shift"),
		{"a rate limit that speaks of length", said(429, "Please reduce the length of the messages or wait."), 0, want{kind: llm.RateLimit, status: 429}},
		{"a failure that speaks of the key", said(500, "api key not valid"), 0, want{kind: llm.Overloaded, status: 500}},

		{"OpenRouter's moderation", answers(403, `{"error":{"code":403,"message":"m requires moderation. Your input was flagged.","metadata":{"reasons":["violence"],"flagged_input":"..."}}}`), 0,
			want{kind: llm.Filtered, status: 403, message: "flagged", hint: "reword"}},
		{"OpenRouter's moderation in other words", answers(403, `{"error":{"code":403,"message":"no","metadata":{"reasons":["violence"]}}}`), 0, want{kind: llm.Filtered, status: 403}},
		{"llama.cpp loads its model", answers(503, `{"error":{"message":"Loading model","type":"unavailable_error","code":503}}`), 0,
			want{kind: llm.Overloaded, status: 503, message: "Loading model", hint: "loading its model", after: 20 * time.Second}},
		{"LiteLLM does not know the model", answers(400, `{"error":{"message":"/chat/completions: Invalid model name passed in model=gpt-5.4-mini. Call `+"`/v1/models`"+` to view available models for your key.","type":"invalid_request_error","param":"model","code":"400"}}`), 0,
			want{kind: llm.Invalid, status: 400, hint: "check the name of the model"}},
		{"LiteLLM blames itself for the model", answers(400, `{"error":{"message":"/chat/completions: Invalid model name passed in model=gpt-5.4-mini.","type":"server_error","param":null,"code":"400"}}`), 0,
			want{kind: llm.Invalid, status: 400, hint: "check the name of the model"}},
		{"a server that blames itself for a request", answers(400, `{"error":{"message":"Cannot determine type of 'item'","type":"server_error","code":400}}`), 0, want{kind: llm.Invalid, status: 400}},
		{"a server that is to blame", answers(503, `{"error":{"message":"Invalid model name, it seems: try again","type":"server_error","code":503}}`), 0, want{kind: llm.Overloaded, status: 503}},
		{"xAI's moderation", answers(403, `{"code":"The caller does not have permission to execute the specified operation","error":"Content violates usage guidelines. Failed check: SAFETY_CHECK_TYPE_BIO"}`), 0,
			want{kind: llm.Filtered, status: 403, code: "The caller does not have permission to execute the specified operation", message: "Failed check"}},
		{"DeepSeek's moderation", answers(400, `{"detail":"Content Exists Risk"}`), 0, want{kind: llm.Filtered, status: 400}},
		{"Model Studio's moderation", answers(400, `{"error":{"code":"data_inspection_failed","message":"Input data may contain inappropriate content."}}`), 0, want{kind: llm.Filtered, status: 400}},
		{"z.ai's moderation", answers(400, `{"error":{"code":"1301","message":"unsafe or sensitive content"}}`), 0, want{kind: llm.Filtered, status: 400}},
		{"Moonshot's moderation", answers(400, `{"error":{"type":"content_filter","message":"The request was rejected because it was considered high risk"}}`), 0, want{kind: llm.Filtered, status: 400}},
		{"Azure's moderation", answers(400, `{"error":{"code":"content_filter","message":"The response was filtered","status":400,"innererror":{"code":"ResponsibleAIPolicyViolation"}}}`), 0, want{kind: llm.Filtered, status: 400}},
		{"an account that may not", answers(403, `{"error":{"code":403,"message":"Your key may not use this model"}}`), 0, want{kind: llm.Auth, status: 403, hint: names.APIKey}},

		{"Cloudflare's page", Exchange{Status: 403, ContentType: "text/html; charset=UTF-8", Body: "<!DOCTYPE html><html><head><title>Just a moment...</title></head><body><script src=\"/cdn-cgi/challenge-platform/h/b\"></script></body></html>"}, 0,
			want{kind: llm.Overloaded, status: 403, message: "Just a moment...", hint: "gateway"}},
		{"Cloudflare's other page", Exchange{Status: 403, ContentType: "text/html", Body: "<html><head><title>Attention Required! | Cloudflare</title></head></html>"}, 0, want{kind: llm.Overloaded, status: 403, hint: "gateway"}},
		{"another 403 as a page", Exchange{Status: 403, ContentType: "text/html", Body: "<html><head><title>403 Forbidden</title></head></html>"}, 0, want{kind: llm.Auth, status: 403}},
		{"Cloudflare's gateway", answers(400, `{"success":false,"errors":[{"message":"AiError: bad input","code":5006}],"result":{}}`), 0, want{kind: llm.Invalid, status: 400, code: "5006", message: "AiError: bad input"}},

		{"Gemini's list: key", answers(400, `[{"error":{"code":400,"message":"API key not valid. Please pass a valid API key.","status":"INVALID_ARGUMENT","details":[{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"API_KEY_INVALID"}]}}]`), 0,
			want{kind: llm.Auth, status: 400, message: "API key not valid", hint: names.APIKey}},
		{"Gemini's list: key, without details", answers(400, `[{"error":{"code":400,"message":"API key not valid.","status":"INVALID_ARGUMENT"}}]`), 0, want{kind: llm.Auth, status: 400}},
		{"Gemini's list: delay", answers(429, `[{"error":{"code":429,"message":"You exceeded your current quota.","status":"RESOURCE_EXHAUSTED","details":[{"@type":"type.googleapis.com/google.rpc.QuotaFailure","violations":[{}]},{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"39s"}]}}]`), 0,
			want{kind: llm.RateLimit, status: 429, message: "You exceeded", after: 39 * time.Second}},
		{"a list of nothing", answers(400, `[]`), 0, want{kind: llm.Invalid, status: 400, message: "[]"}},
		{"OpenRouter's provider", answers(400, `{"error":{"message":"Provider returned error","code":400,"metadata":{"provider_name":"P","raw":"{\"error\":{\"message\":\"prompt is too long: 9 tokens > 8 maximum\"}}"}}}`), 0,
			want{kind: llm.ContextLength, status: 400, message: "Provider returned error: prompt is too long"}},

		{"no credit: xAI", answers(403, `{"code":"denied","error":"Your newly created team doesn't have any credits yet."}`), 0, want{kind: llm.Quota, status: 403, hint: "credit"}},
		{"no credit: Anthropic", said(400, "Your credit balance is too low to access the API."), 0, want{kind: llm.Quota, status: 400, hint: "credit"}},
		{"no credit: Moonshot", answers(429, `{"error":{"type":"exceeded_current_quota_error","message":"insufficient balance"}}`), 0, want{kind: llm.Quota, status: 429}},
		{"no credit: z.ai", answers(429, `{"error":{"code":"1113","message":"no resource package"}}`), 0, want{kind: llm.Quota, status: 429}},

		{"a delay in words", Exchange{Status: 429, Code: "rate_limit_exceeded", Message: "Rate limit reached on tokens per min (TPM): Limit 30000, Used 29000, Requested 4000. Please try again in 42.5s. Visit us."}, 0,
			want{kind: llm.RateLimit, status: 429, after: 42500 * time.Millisecond}},
		{"Azure's delay in words", Exchange{Status: 429, Message: "Requests have exceeded the limit. Please retry after 27 seconds."}, 0, want{kind: llm.RateLimit, status: 429, after: 27 * time.Second}},
		{"a header before words", Exchange{Status: 429, Message: "try again in 5s", Header: header("Retry-After", "7")}, 0, want{kind: llm.RateLimit, status: 429, after: 7 * time.Second}},
		{"a limit that is used up", Exchange{Status: 429, Message: "slow down", Header: header("X-Ratelimit-Remaining-Requests", "3", "X-Ratelimit-Reset-Requests", "1s", "X-Ratelimit-Remaining-Tokens", "0", "X-Ratelimit-Reset-Tokens", "6m0s")}, 0,
			want{kind: llm.RateLimit, status: 429, after: 6 * time.Minute}},
		{"limits that are unknown", Exchange{Status: 429, Message: "slow down", Header: header("X-Ratelimit-Remaining-Tokens", "-1", "X-Ratelimit-Reset-Tokens", "6m0s")}, 0, want{kind: llm.RateLimit, status: 429}},
		{"a delay where none helps", Exchange{Status: 400, Message: "try again in 5s with another model"}, 0, want{kind: llm.Invalid, status: 400}},
	}
}
