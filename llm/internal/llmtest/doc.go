// Package llmtest is what every adapter that speaks OpenAI's error vocabulary must
// do, over real HTTP. It is for tests only.
//
// The nouns are [Server] (the far side, as the adapter's own test makes it), the
// [Exchange] that it is told to play, and [Run], which holds a model against all
// scenarios, once with a stream callback and once without.
//
//	llmtest.Run(t, func(t *testing.T) (llmtest.Server, llm.Model) {
//		srv := newServer(t)
//		return srv, chat.New(&chat.Options{APIKey: llmtest.Key, BaseURL: srv.URL()})
//	})
//
// A scenario says what the far side does in words that no wire owns: text, refusal,
// cut short, status and code, broken connection. How that looks on a wire is the
// Server's affair. What only one wire has (its events, its statuses) is tested by
// the adapter itself.
package llmtest
