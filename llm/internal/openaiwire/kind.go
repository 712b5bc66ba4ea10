package openaiwire

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
	if k := kindOfCode(w.Code); k != "" {
		return k
	}
	if k := kindOfCode(w.Type); k != "" {
		return k
	}
	if (status == 0 || status == http.StatusBadRequest) && tooLong(w.Message) {
		return llm.ContextLength // compatible servers have the sentence but not the code
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

// kindOfCode knows the codes, and types, that mean the same whatever the status.
func kindOfCode(code string) llm.ErrorKind {
	switch code {
	case "":
		return ""
	case "insufficient_quota", "billing_hard_limit_reached", "billing_not_active":
		return llm.Quota
	case "rate_limit_exceeded":
		return llm.RateLimit
	case "context_length_exceeded", "exceed_context_size_error": // the second is llama.cpp's
		return llm.ContextLength
	case "invalid_prompt", "content_filter", "moderation_blocked":
		return llm.Filtered
	case "invalid_api_key", "authentication_error":
		return llm.Auth
	case "vector_store_timeout":
		return llm.Timeout
	case "server_error":
		return llm.Overloaded
	}
	if strings.Contains(code, "policy") { // content_policy_violation, bio_policy, ...
		return llm.Filtered
	}
	return ""
}

func tooLong(message string) bool {
	m := strings.ToLower(message)
	for _, words := range []string{"maximum context length", "context size", "exceeds the context window",
		"context window of this model", "greater than the context length", "with context length of only"} {
		if strings.Contains(m, words) {
			return true
		}
	}
	return false
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
