// Package gemini puts a question to a language model over Google's Gemini API
// (generateContent), or over that of a server that speaks the same wire.
//
// The nouns are [Options] (which server, with which key), [Model] (the llm.Model that New
// makes of them) and [Provider] (what a program offers to people).
//
//	model := gemini.New(&gemini.Options{APIKey: key})
//	answer, err := model.Generate(ctx, llm.Request{
//		Model:    "gemini-3.5-flash",
//		Messages: []llm.Message{llm.User("Say hello.")},
//	}, nil)
//
// Rules one can break:
//
//   - One call of Generate is one request, or two if the first was refused for how it
//     asks. Nothing retries, and redirects are not followed.
//   - Nothing is read from the environment. [Provider] names the variables that whoever
//     calls it may read. The backend is always the Gemini API, never Vertex AI.
//   - There is no timeout of our own: bound each attempt with its context.
//   - System messages that lead are the system instruction; elsewhere they are said as
//     the user. Neighbouring messages of one role are one turn.
//   - A schema goes out as responseJsonSchema, in the form of schema.Gemini. Bounds of lists
//     are said in words: the server refuses many of them without saying why. A schema that it
//     makes nothing of is sent without bounds, then as any JSON object with the schema in
//     words; see package openaichat.
//   - MaxTokens bounds thoughts and answer together. An answer whose thoughts took all is
//     Truncated, and empty.
//   - Effort becomes a thinkingLevel, or a thinkingBudget for Gemini 2.5. A level that a
//     model has not got is the nearest one below, or else its least: none does not keep
//     later models from thinking. Models before Gemini 2.5, Gemma and LearnLM take neither:
//     to them it is not sent.
//   - A prompt that was blocked, and an answer that a filter stopped, is Filtered. The API
//     knows no refusals: a model that declines says so in its answer.
//   - An answer that does not say why it ended is a failure, whole or in a stream.
//   - Usage counts thoughts as output. What a cache had is part of the input; caches
//     that the API keeps on request are not used.
package gemini
