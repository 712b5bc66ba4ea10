// Package llm is a question to a language model and its answer.
//
// The nouns are [Model] (something that answers), [Request] and [Response]
// (what goes out and what comes back), [Usage] (what it took), [Prices] (what that
// costs), [Error] (why it did not work, sorted into an [ErrorKind]) and [Provider]
// (a way to models that describes itself, for whoever offers it to people). The
// packages below it put the question on a wire: llm/openai speaks to OpenAI,
// llm/openaichat to servers that know its older API, llm/anthropic and llm/gemini to
// Anthropic and Google, and llm/offline answers without any wire at all.
//
//	answer, err := model.Generate(ctx, llm.Request{
//		Model:    "gpt-5.4-mini",
//		Messages: []llm.Message{llm.User("Say hello.")},
//	}, nil)
//
// Rules one can break:
//
//   - An adapter makes exactly one attempt. It never retries, waits or repairs;
//     whoever calls it owns every attempt. Where a server refuses how it was asked,
//     and so has done nothing yet, the attempt may ask it once more in another way.
//   - Every error of an adapter is an [*Error] with a kind. Above the adapter
//     only the kind decides what happens next.
//   - An answer that was cut short, refused or filtered is an error, even when
//     some text arrived. What arrived is kept in [Error.Partial].
//   - No vendor's type, term or header leaves its adapter.
package llm
