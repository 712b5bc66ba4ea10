// Package responsestest is a server for tests that speaks OpenAI's Responses API, its
// Chat Completions API and Anthropic's Messages API over real HTTP. It is for tests only and nothing
// else may import it.
//
// The nouns are [Server], the [Call] that it received and the [Reply] that it
// gives.
//
//	srv := responsestest.New(t)
//	srv.On(func(c responsestest.Call) responsestest.Reply {
//		if c.N == 1 {
//			return responsestest.Status(429, "rate_limit_exceeded", "slow down").Header("Retry-After", "2")
//		}
//		return responsestest.Reply{} // the default: a good answer
//	})
//	// OPENAI_BASE_URL=srv.URL(), OPENAI_API_KEY=anything
//	...
//	if v := srv.Violations(); len(v) > 0 {
//		t.Errorf("the provider would refuse: %v", v)
//	}
//
// Without a script every call gets a good answer: package offline makes it from
// the messages and the schema, so that the same request always gets the same text,
// id and usage (words are counted as tokens).
//
// A script is the same for all APIs; Call.API says which one was asked. Where they
// differ, a Reply is named in the words of the Responses API: Incomplete with
// max_output_tokens is the finish_reason length, Failed an error in the place of the
// answer, WithStatus any finish_reason. As local servers do, the chat API takes calls
// without a key.
//
// Each request is checked as the provider checks it, or a little harder: path,
// bearer token, known fields, roles, content types, the subset of JSON Schema that
// structured outputs take. A request that breaks a rule gets a 400 in the vendor's form, is
// not shown to the script, and is kept in Violations. What the rules follow is the
// vendor's documentation; no recording stands behind them.
//
// NewInMemory is the same without a socket, for a bubble of testing/synctest: waits of
// clients and of the server then take no time.
//
// Rules one can break:
//
//   - A script runs on the server's goroutines, several at once. It must not call
//     t.FailNow.
//   - The server ends with the test. Calls that hang are then let go.
//   - Nothing sleeps. To wait for a moment use WaitInFlight, WaitCalls and WaitIdle.
package responsestest
