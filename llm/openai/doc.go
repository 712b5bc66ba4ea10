// Package openai puts a question to a language model on the wire of OpenAI's
// Responses API.
//
// The nouns are [Options] (which account, which server), [Model] (the llm.Model
// that New makes of them) and [Provider] (what a program offers to people).
//
//	model := openai.New(&openai.Options{APIKey: key})
//	answer, err := model.Generate(ctx, llm.Request{
//		Model:    "gpt-5.4-mini",
//		Messages: []llm.Message{llm.User("Say hello.")},
//	}, nil)
//
// Rules one can break:
//
//   - One call of Generate is one request, or two if the first was refused for how
//     it asks; see below. Nothing retries, and redirects are not followed.
//   - Nothing is read from the environment. [Provider] names the variables that
//     whoever calls it may read.
//   - There is no timeout of our own: bound each attempt with its context.
//   - Requests are sent with store=false and without top_p. A temperature goes out only if
//     the request has one: the newest reasoning models reject it.
//   - System messages travel as input items of role system, in their place
//     among the others. The field instructions would hold only one of them, and
//     would move it to the front.
//   - Only the status "completed" with text is an answer. For what becomes of
//     everything else see the kinds in package llm; the choices that are this
//     package's own: a completed answer without text, and a body that is not the
//     JSON we know, are Overloaded (the provider's failure, another try may
//     help); an answer that is still queued or in progress is Invalid (the
//     server works in the background although nobody asked it to); one over
//     64 MiB is Invalid.
//   - In a stream the terminal event's output is the truth, and the deltas are
//     progress only. A stream that ends without a terminal event is a Network
//     error, however complete its text looks.
//   - The API key is taken out of every error, also where the provider quotes it
//     half masked. Keys under eight characters are placeholders for servers that
//     want none, and are left alone.
//
// # Compatible servers
//
// Others than OpenAI answer in other words. What is known of them stands in tables of
// llm/internal/openaiwire, each row with its source: codes and sentences of errors,
// delays, words for the end of an answer, where tokens are counted, and the marks around
// a thought. What a model thought is no part of its answer, in text and typed, and is
// not told to a listener; an answer that is a thought alone is Overloaded, as an empty
// one. One fence around a whole answer is taken off if JSON was asked for, or if it
// holds Markdown and text was.
//
// Of several messages the last one of the surest phase is the answer. An answer with as
// many tokens as MaxTokens is Truncated, also where the server calls it completed, as
// llama.cpp does. Fields whose type is not OpenAI's are left out; no answer is lost for
// them.
//
// A server that refuses text.format, a keyword of the schema, the role system or to stream
// with an error that says so is asked once more, without it, within the same call; see
// package openaichat, which has the same rule. OpenAI itself streams some models to
// verified organizations alone.
package openai
