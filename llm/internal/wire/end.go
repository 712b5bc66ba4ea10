package wire

import (
	"fmt"
	"strings"

	"github.com/pawlrun/pawl/llm"
)

// complete stands in the table of ends where an answer is one.
const complete llm.ErrorKind = ""

// ends are the words for why an answer ended, in lower case: the finish_reason of Chat
// Completions and the reason of an incomplete response, as OpenAI and others have them.
var ends = map[string]llm.ErrorKind{
	"":              complete, // Ollama and others send none with a whole answer
	"null":          complete, // Alibaba Model Studio sends the word in the pieces of a stream
	"stop":          complete, // OpenAI; Gemini in capitals
	"eos":           complete, // Together, SambaNova
	"eos_token":     complete, // Text Generation Inference
	"stop_sequence": complete, // Text Generation Inference, Anthropic, Cohere
	"end_turn":      complete, // Anthropic, Amazon Bedrock
	"complete":      complete, // Cohere, in capitals
	"completed":     complete, // gateways to the Responses API
	"end":           complete, // gateways
	"normal":        complete, // Baidu

	"length":            llm.Truncated, // OpenAI
	"max_output_tokens": llm.Truncated, // OpenAI, Responses
	"max_tokens":        llm.Truncated, // Anthropic, Amazon Bedrock; Gemini and Cohere in capitals
	"model_length":      llm.Truncated, // Mistral
	"continuation":      llm.Truncated, // Gemini, in capitals: the rest is to be asked for

	// A larger limit would not help.
	"model_context_window_exceeded": llm.ContextLength, // Anthropic, z.ai
	"error_limit":                   llm.ContextLength, // Cohere

	"content_filter":       llm.Filtered, // OpenAI, Azure
	"content_filtered":     llm.Filtered, // Amazon Bedrock
	"guardrail_intervened": llm.Filtered, // Amazon Bedrock
	"sensitive":            llm.Filtered, // z.ai, Tencent
	"safety":               llm.Filtered, // Gemini, in capitals, as all that follow
	"recitation":           llm.Filtered,
	"blocklist":            llm.Filtered,
	"prohibited_content":   llm.Filtered,
	"spii":                 llm.Filtered,
	"language":             llm.Filtered,
	"model_armor":          llm.Filtered, // Vertex AI
	"error_toxic":          llm.Filtered, // Cohere

	"refusal": llm.Refused, // Anthropic
}

// called are the ends of an answer that calls a tool, and no tool was offered.
var called = map[string]bool{
	"tool_calls": true, "function_call": true, // OpenAI
	"tool_use": true, "pause_turn": true, // Anthropic
	"tool_call":               true, // Cohere
	"malformed_function_call": true, // Gemini, as the next two
	"unexpected_tool_call":    true, "too_many_tool_calls": true,
}

// EndError returns what an answer is worth that ended for this reason: nil if it is
// complete. Words that nobody knows mean that it is not: insufficient_system_resource
// (DeepSeek), network_error (z.ai), error, abort and the like come from failures, and
// another try may help.
func EndError(reason string) *llm.Error {
	word := strings.ReplaceAll(strings.ToLower(strings.TrimSpace(reason)), "-", "_")
	word = strings.TrimPrefix(word, "finish_reason_") // Vertex AI
	kind, known := ends[word]
	switch {
	case known && kind == complete:
		return nil
	case called[word]:
		return &llm.Error{Kind: llm.Overloaded, Code: reason, Message: "the model called a tool although it was given none"}
	}
	e := &llm.Error{Kind: kind, Code: reason}
	switch kind {
	case llm.Truncated:
		e.Message = "the answer ran into its token limit"
	case llm.ContextLength:
		e.Message = "the answer filled the model's context"
	case llm.Filtered:
		e.Message = "a content filter stopped the answer"
	case llm.Refused:
		e.Message = "the model declined and did not say why"
	default:
		e.Kind, e.Message = llm.Overloaded, fmt.Sprintf("the answer ended for the unknown reason %q", Brief(reason))
	}
	return e
}

// LimitReached returns the error of an answer that has at least as many tokens as it
// was allowed, or nil: some servers call it complete, and it breaks off in the middle of a
// sentence (llama.cpp on /v1/responses). A limit of 0 is none.
func LimitReached(used *llm.Usage, limit int) *llm.Error {
	if !used.Reaches(limit) {
		return nil
	}
	return &llm.Error{Kind: llm.Truncated,
		Message: fmt.Sprintf("the answer has %d tokens, and the limit was %d", used.OutputTokens-used.UnboundedTokens, limit)}
}
