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
//   - One call of Generate is one request, or two if the first was refused for how
//     it asks; see below. Nothing retries, and redirects are not followed.
//   - Nothing is read from the environment. [Provider] names the variables that
//     whoever calls it may read.
//   - Without an API key no Authorization header is sent. Without a key and a base
//     URL every call fails with kind Auth.
//   - There is no timeout of our own: bound each attempt with its context.
//   - MaxTokens is sent as max_tokens. Compatible servers know that name, and some
//     ignore max_completion_tokens, so that nothing would bound the answer. Only
//     OpenAI's own address gets max_completion_tokens, without which its reasoning
//     models refuse. A server that refuses the one gets the other.
//   - Neighbouring messages of one role become one message, parted by a blank
//     line: the chat templates of some models refuse roles that do not alternate.
//   - A server may promise to follow a schema and not do it. One code fence around
//     a whole JSON answer is taken off where a schema was asked for, and one around a
//     whole block of Markdown where text was; whatever else is wrong is for the caller
//     to find and to repair.
//   - What a model thinks aloud is no part of the answer, in fields of its own and in
//     the content. An answer that is a thought alone is Overloaded.
//   - Usage that is missing, negative or zero throughout is unknown: nil, and so is that of
//     a stream in which text came behind the counts. What stands in the total alone is
//     counted.
//   - A field of another type than OpenAI's is left out. No answer is lost for it.
//
// # What servers lack
//
// A server that does not take how it is asked says so with an error that costs nothing.
// It is asked once more without that, within the same call, and the Model remembers it for
// as long as it lives and for this model. Response.Hint of one answer says so. If the second
// request is refused for something else of the kind, the error is Overloaded, which is
// transient: the next attempt goes on from there. What can be left out:
//
//   - response_format json_schema: json_object is asked for, with the schema in words in
//     the system message, and then words alone.
//   - A bound of the schema, with those of its kind (minItems and maxItems, minimum and
//     maximum ...). If the server cannot make a grammar of the schema and does not say
//     why, all bounds; then the form above.
//   - The role system: elsewhere than at the beginning, then everywhere. What was said in
//     it is said as the user.
//   - The name max_tokens; see above.
//   - stream, and stream_options: whole answers are asked for, which have their token
//     counts.
//
// An error that finds fault with the schema itself is Invalid and changes nothing.
//
// Streams that come without token counts, of a model of which none came with them, are
// given up for whole answers too, unless these have no counts either, or a connection ends
// on which nothing came for 30 seconds or more: then counts are not to be had, and answers
// are streamed. A whole answer that comes with counts all the same changes that back.
//
// # Thoughts
//
// Servers without a parser for a model leave its thoughts in the content: between
// <think> and </think> or other marks at the start, before a mark at their end whose
// beginning belongs to the prompt, or in messages of gpt-oss. An end without a beginning is
// one that has an unindented line of its own, or follows the end of a sentence; where the
// server sent a thought in a field, it is none. A text that speaks of such marks stays
// whole, and so does every text at OpenAI's own address.
//
// A listener hears what is sure to be answer. Where the beginning of the mark is missing
// nothing is sure before its end: then all is held back, of models whose names say so and
// of those of which an answer had such an end on a line of its own. The first such answer
// of another model is heard as it comes.
//
// # Ends
//
// finish_reason says whether an answer is one: length is Truncated, content_filter
// is Filtered, a refusal is Refused, and so are the words of other vendors. An error
// beside the choice goes before it. An answer with as many tokens as MaxTokens is
// Truncated, whatever the server calls it. Where a server gives no reason, a whole body
// or the stream's mark [DONE] counts as the end. A stream that stops without either is a
// Network error. Behind the finish_reason only the token counts are waited for, and
// not longer than two seconds; whatever happens there, the answer is complete. If more
// text comes behind one, as from gateways that send it with every piece, the mark alone
// counts; and if all text so far came with one, a connection that breaks is a Network error.
//
// What is known of servers stands in tables of llm/internal/openaiwire, each row with
// its source: codes and sentences of errors, delays, ends, counts, marks, and what
// servers lack.
package openaichat
