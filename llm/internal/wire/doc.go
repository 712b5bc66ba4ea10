// Package wire is what the adapters of all vendors share: everything about a call except
// how the request and its answer look.
//
// The nouns are [Endpoint] (one server with one key, as an adapter sees it), [Vendor]
// (whose wire it is), [API] (what an adapter adds: sending, and reading an answer whole or
// in events),
// [Dialect] (how a model wants to be asked), [Thoughts] (what takes a model's thoughts
// out of its answer) and [Names] (what a person sets, for hints).
//
//	endpoint := wire.New(wire.Options{Vendor: vendor, APIKey: key, Names: names})
//	answer, err := endpoint.Generate(ctx, req, stream, api)
//
// What servers do their own way is a table each, with its sources: codes and sentences
// of errors (kind.go), delays (delay.go), ends of answers (end.go), token counts
// (usage.go), thoughts (thought.go), what servers lack (refusal.go).
//
// It sorts errors into kinds, believes or doubts a server's delay, takes the key
// out of errors, adds hints, bounds what is read, and follows no redirects. Nothing is
// read from the environment, and nothing retries. Its errors are *llm.Error; those of
// the functions that an [API] calls get their hint and lose the key in
// [Endpoint.Generate].
//
// No vendor's SDK makes the requests; ARCHITECTURE.md has the reason.
package wire
