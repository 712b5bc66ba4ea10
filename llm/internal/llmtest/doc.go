// Package llmtest is what every adapter of a vendor's API must do, over real HTTP. It is
// for tests only.
//
// The nouns are [Server] (the far side), the
// [Exchange] that it is told to play, and [Run], which holds a model against all
// scenarios, once with a stream callback and once without.
//
//	llmtest.Run(t, names, func(t *testing.T) (llmtest.Server, llm.Model) {
//		srv := responsestest.New(t)
//		return llmtest.Player(srv), chat.New(&chat.Options{APIKey: llmtest.Key, BaseURL: srv.URL()})
//	})
//
// A scenario says what the far side does in words that no wire owns: text, refusal,
// cut short, status and code, broken connection. How that looks on a wire is the
// Server's affair; [Player] is one that plays it in every API that package responsestest
// knows. What only one wire has (its events, its statuses) is tested by the adapter itself.
package llmtest
