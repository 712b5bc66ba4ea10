// Package anthropic asks language models over Anthropic's Messages API
// (POST /v1/messages): Anthropic's own, and those of servers that speak it.
//
//	model := anthropic.New(&anthropic.Options{APIKey: key})
//	answer, err := model.Generate(ctx, llm.Request{
//		Model:    "claude-haiku-5-5",
//		Messages: []llm.Message{llm.User("Say hello.")},
//	}, nil)
//
// What a request becomes:
//
//   - System messages before the first other one become the system prompt. Later ones are
//     said as the user: the API has no such role among its messages.
//   - The API demands max_tokens: without [llm.Request.MaxTokens] the default of
//     [llm.LimitOf] is sent.
//   - The effort goes into output_config.effort, minimal as low; none turns thinking off.
//     Nothing else is said of thinking: what models do by themselves stays.
//   - A schema goes into output_config.format in the form of [schema.Schema.Anthropic], its
//     bytes as they are, so that the order of the properties is the order in which the
//     model writes. A type without that form fails before anything is sent.
//   - The temperature is 0 to 1; more fails before anything is sent.
//
// What is read: the text blocks of a message, joined; thoughts stand in blocks of their own
// and are never an answer. A stop reason that nobody knows is a failure, and so is a stream
// without message_stop, however it ends.
//
// # Prompt caching
//
// The vendor reads a prefix of a request from its cache where an earlier request, of the
// last five minutes, marked its end. A marked prefix costs 1.25 times its price when it is
// written and, at most, 0.1 times when it is read; below 1,024 to 4,096 tokens, by model, a
// mark does nothing and costs nothing. So a mark pays as soon as one in four marked
// prefixes is sent again. Two places are marked, by this rule:
//
//   - The end of the system prompt, always: it is the author's, and the items of a map,
//     repairs and the next run send it again.
//   - The end of the message before the last, if it is no answer: what stands in a message
//     of its own before the question is what questions share. If it is an answer, then from
//     the second one on: a conversation that has gone on twice goes on further, while most
//     of those that go on once are the repair of an answer, which a second call ends.
//
// The last message is not marked: it is what is new. What was read and written stands in
// [llm.Usage].
package anthropic
