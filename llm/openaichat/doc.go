// Package openaichat puts a question to a language model on the wire of the Chat
// Completions API, which most servers speak that call themselves compatible with
// OpenAI: Ollama, vLLM, llama.cpp, LM Studio, gateways.
//
// The nouns are [Options] (which server), [Model] (the llm.Model that New makes of
// them) and [Provider] (what a program offers to people).
//
//	model := openaichat.New(&openaichat.Options{BaseURL: "http://localhost:11434/v1"})
//	answer, err := model.Generate(ctx, llm.Request{
//		Model:    "qwen3:8b",
//		Messages: []llm.Message{llm.User("Say hello.")},
//	}, nil)
//
// OpenAI's own models are better asked by package openai, over the Responses API.
//
// Rules one can break:
//
//   - One call of Generate is one request. The official SDK underneath is told
//     not to retry, and redirects are not followed.
//   - Nothing is read from the environment. [Provider] names the variables that
//     whoever calls it may read.
//   - Without an API key no Authorization header is sent. Without a key and a base
//     URL every call fails with kind Auth.
//   - There is no timeout of our own: bound each attempt with its context.
//   - MaxTokens is sent as max_tokens. Compatible servers know that name, and some
//     ignore max_completion_tokens, so that nothing would bound the answer. Only
//     OpenAI's own address gets max_completion_tokens, without which its reasoning
//     models refuse.
//   - Neighbouring messages of one role become one message, parted by a blank
//     line: the chat templates of some models refuse roles that do not alternate.
//   - A server may promise to follow a schema and not do it. One code fence around
//     a whole JSON answer is taken off where a schema was asked for; whatever else
//     is wrong is for the caller to find and to repair.
//   - What a model thinks aloud in fields of its own is no part of the answer.
//   - Usage that is missing, negative or zero throughout is unknown: nil.
//
// # Schemas
//
// A schema is sent as response_format json_schema with strict set. A server that
// refuses this for a model says so with an error that costs nothing. The Model then
// remembers, for as long as it lives, that this model does not take it, and the
// error becomes Overloaded, which is transient: the caller's next attempt asks for
// response_format json_object with the schema in words in the system message, and
// if that is refused too, for words alone. So an attempt is still one request, a
// caller that retries transient errors needs to know nothing of it, and the refusal
// is seen in the record of attempts. An error that finds fault with the schema
// itself, and not with the format, is Invalid and changes nothing.
//
// # Ends
//
// finish_reason says whether an answer is one: length is Truncated, content_filter
// is Filtered, a refusal is Refused. Where a server gives none, a whole body or the
// stream's mark [DONE] counts as the end. A stream that stops without either is a
// Network error. Behind the finish_reason only the token counts are waited for, and
// not longer than two seconds; whatever happens there, the answer is complete.
package openaichat
