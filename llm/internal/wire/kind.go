package wire

import (
	"net/http"
	"strings"

	"github.com/pawlrun/pawl/llm"
)

// kindOf is the table of errors. A code that is known says more than the status;
// the status is 0 for errors that came inside an answer.
func kindOf(status int, w wireError) llm.ErrorKind {
	if tooLarge(w.Message) {
		return llm.TooLarge // with the code of a rate limit, which no waiting lifts
	}
	if w.Flagged {
		return llm.Filtered // OpenRouter sends it as 403: "requires moderation"
	}
	if status < 500 && isUnknownModel(w.Message) {
		return llm.Invalid
	}
	for _, code := range []string{w.Code, w.Type} {
		if k := kindOfCode(code); k != "" && !blamesServer(status, code) {
			return k
		}
	}
	if k := kindOfSentence(status, w.Message); k != "" {
		return k
	}
	switch {
	case status == http.StatusRequestEntityTooLarge:
		return llm.TooLarge
	case status == http.StatusUnauthorized, status == http.StatusForbidden:
		return llm.Auth
	case status == http.StatusPaymentRequired:
		return llm.Quota
	case status == http.StatusTooManyRequests:
		return llm.RateLimit
	case status == http.StatusRequestTimeout, status == http.StatusGatewayTimeout:
		return llm.Timeout
	case status >= 500:
		return llm.Overloaded
	case status >= 300:
		return llm.Invalid
	}
	switch {
	case w.Type == "invalid_request_error", strings.HasPrefix(w.Code, "invalid_"), strings.Contains(w.Code, "image"),
		strings.HasPrefix(w.Code, "unsupported_"), strings.HasSuffix(w.Code, "_not_found"), w.Code == "data_residency_mismatch":
		return llm.Invalid
	}
	return llm.Overloaded
}

// codes are the codes, types and statuses, in lower case, that mean the same whatever
// the HTTP status.
var codes = map[string]llm.ErrorKind{
	"insufficient_quota":           llm.Quota, // OpenAI
	"billing_hard_limit_reached":   llm.Quota, // OpenAI
	"billing_not_active":           llm.Quota, // OpenAI
	"billing_error":                llm.Quota, // Anthropic
	"exceeded_current_quota_error": llm.Quota, // Moonshot, with 429
	"arrearage":                    llm.Quota, // Alibaba Model Studio, with 400
	"1113":                         llm.Quota, // z.ai, with 429: insufficient balance

	"rate_limit_exceeded": llm.RateLimit, // OpenAI
	"rate_limit_error":    llm.RateLimit, // Anthropic
	"resource_exhausted":  llm.RateLimit, // Google: also the free tier's quota, which comes back

	"context_length_exceeded":       llm.ContextLength, // OpenAI
	"exceed_context_size_error":     llm.ContextLength, // llama.cpp
	"model_context_window_exceeded": llm.ContextLength, // z.ai
	"1261":                          llm.ContextLength, // z.ai: prompt exceeds max length

	"invalid_prompt":                     llm.Filtered, // OpenAI
	"content_filter":                     llm.Filtered, // Azure, Moonshot
	"moderation_blocked":                 llm.Filtered, // OpenAI
	"data_inspection_failed":             llm.Filtered, // Alibaba Model Studio, compatible mode
	"datainspectionfailed":               llm.Filtered, // the same, elsewhere
	"1301":                               llm.Filtered, // z.ai: unsafe or sensitive content
	"sensitivecontentdetected":           llm.Filtered, // Volcengine
	"inputtextsensitivecontentdetected":  llm.Filtered, // Volcengine
	"outputtextsensitivecontentdetected": llm.Filtered, // Volcengine

	"invalid_api_key":      llm.Auth, // OpenAI
	"authentication_error": llm.Auth, // Anthropic
	"permission_error":     llm.Auth, // Anthropic
	"api_key_invalid":      llm.Auth, // Google, with 400
	"unauthenticated":      llm.Auth, // Google

	"request_too_large": llm.TooLarge, // Anthropic

	"not_found_error": llm.Invalid, // Anthropic

	"vector_store_timeout": llm.Timeout, // OpenAI
	"timeout_error":        llm.Timeout, // Anthropic
	"deadline_exceeded":    llm.Timeout, // Google

	"server_error":     llm.Overloaded, // OpenAI
	"overloaded_error": llm.Overloaded, // Anthropic
	"unavailable":      llm.Overloaded, // Google
}

// blamesServer reports whether a code or type says that the server failed although the
// status says that the request is at fault. The status is surer then, and the same request
// would be refused again: LiteLLM had server_error, with 400, for a model that it lacks.
func blamesServer(status int, code string) bool {
	return status >= 400 && status < 500 && strings.EqualFold(code, "server_error")
}

// unknownModels are parts, in lower case, of what servers say that do not have a model.
var unknownModels = []string{
	"invalid model name", // LiteLLM, 400: "Invalid model name passed in model=gpt-nope"; proxy/route_llm_request.py
}

func isUnknownModel(message string) bool {
	return containsAny(strings.ToLower(message), unknownModels...)
}

func kindOfCode(code string) llm.ErrorKind {
	code = strings.ToLower(code)
	if k := codes[code]; k != "" {
		return k
	}
	if strings.Contains(code, "policy") { // content_policy_violation, bio_policy, ResponsibleAIPolicyViolation, ...
		return llm.Filtered
	}
	return ""
}

// sentences are parts, in lower case, of what servers say that have no code for it, or
// one that means something else. Where no source is named, several have the words.
var sentences = []struct {
	part string
	kind llm.ErrorKind
}{
	{"maximum context length", llm.ContextLength},                // OpenAI, vLLM, DeepSeek, OpenRouter, Mistral
	{"exceeds the context window", llm.ContextLength},            // OpenAI, Responses
	{"context window of this model", llm.ContextLength},          // OpenAI
	{"context window exceeds limit", llm.ContextLength},          // MiniMax
	{"context size", llm.ContextLength},                          // llama.cpp: "exceeds the available context size"
	{"greater than the context length", llm.ContextLength},       // LM Studio
	{"with context length of only", llm.ContextLength},           // LM Studio
	{"model's context length", llm.ContextLength},                // vLLM: "... is only 32768 tokens"; SGLang, Together: "longer than the ..."
	{"maximum model length", llm.ContextLength},                  // vLLM: "is longer than the maximum model length of 4096"
	{"max context length", llm.ContextLength},                    // Ollama: "prompt too long; exceeded max context length by 4 tokens"
	{"prompt is too long", llm.ContextLength},                    // Anthropic: "208310 tokens > 200000 maximum"; Fireworks
	{"exceed context limit", llm.ContextLength},                  // Anthropic: "input length and `max_tokens` exceed context limit"
	{"input token count", llm.ContextLength},                     // Gemini: "... (1196265) exceeds the maximum number of tokens allowed"
	{"maximum prompt length", llm.ContextLength},                 // xAI: "This model's maximum prompt length is 131072"
	{"reduce the length of the messages", llm.ContextLength},     // Groq, Cerebras
	{"exceeded model token limit", llm.ContextLength},            // Moonshot: "Your request exceeded model token limit: 8192"
	{"range of input length should be", llm.ContextLength},       // Alibaba Model Studio
	{"prompt exceeds max length", llm.ContextLength},             // z.ai
	{"input is too long for requested model", llm.ContextLength}, // Amazon Bedrock
	{"tokens in the prompt cannot exceed", llm.ContextLength},    // Cohere: "too many tokens: total number of ..."
	{"maximum allowed input length", llm.ContextLength},          // OpenRouter: "Input length 9 exceeds the ..."
	{"`max_new_tokens` must be <=", llm.ContextLength},           // Text Generation Inference, Together
	{"prompt token count of", llm.ContextLength},                 // GitHub Copilot: "... 9 exceeds the limit of 8"

	{"requires moderation", llm.Filtered},              // OpenRouter, 403
	{"violates usage guidelines", llm.Filtered},        // xAI, 403: "Content violates ..."
	{"content exists risk", llm.Filtered},              // DeepSeek, 400
	{"considered high risk", llm.Filtered},             // Moonshot, 400
	{"inappropriate content", llm.Filtered},            // Alibaba Model Studio, 400: "Input data may contain ..."
	{"blocked by content filtering", llm.Filtered},     // Anthropic, 400
	{"content management policy", llm.Filtered},        // Azure, 400
	{"flagged as potentially violating", llm.Filtered}, // OpenAI, 400

	{"api key not valid", llm.Auth},          // Gemini, 400
	{"incorrect api key provided", llm.Auth}, // xAI, 400

	{"credit balance is too low", llm.Quota}, // Anthropic, 400
	{"doesn't have any credits", llm.Quota},  // xAI, 403
	{"insufficient balance", llm.Quota},      // z.ai, Moonshot, DeepSeek
}

// kindOfSentence looks only where a status says no more than that the request was
// refused: elsewhere the status is surer. Older servers refuse a long prompt with 500.
func kindOfSentence(status int, message string) llm.ErrorKind {
	switch status {
	case 0, http.StatusBadRequest, http.StatusForbidden, http.StatusRequestEntityTooLarge, http.StatusUnprocessableEntity, http.StatusInternalServerError:
	default:
		return ""
	}
	m := strings.ToLower(message)
	for _, s := range sentences {
		if (status != http.StatusInternalServerError || s.kind == llm.ContextLength) && strings.Contains(m, s.part) {
			return s.kind
		}
	}
	return ""
}

// tooLarge knows the sentence that OpenAI (429) and Groq (413) have for a request that
// is larger than the tokens that the account may use in a minute: "Request too large
// for gpt-4o in organization org-1 on tokens per min (TPM): Limit 30000, Requested 30601."
func tooLarge(message string) bool {
	m := strings.ToLower(message)
	return strings.Contains(m, "request too large") && strings.Contains(m, "limit")
}

// obey follows x-should-retry where the table alone would do the opposite. A 429
// that will not pass by waiting is a matter of the account. Kinds that only a
// person can lift stay as they are.
func obey(header string, status int, k llm.ErrorKind) llm.ErrorKind {
	switch {
	case header == "true" && k == llm.Invalid:
		return llm.Overloaded
	case header == "false" && k == llm.RateLimit && status == http.StatusTooManyRequests:
		return llm.Quota
	case header == "false" && k.Transient():
		return llm.Invalid
	}
	return k
}
