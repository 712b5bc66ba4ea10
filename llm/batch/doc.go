// Package batch puts the requests of models into the batches that vendors answer within a day
// and sell at a lower price.
//
// It stands below an adapter, as the HTTP client that its requests go over: what the adapter
// sends becomes one item of a batch, and what the vendor has answered to that item is the
// response that the adapter gets. So requests, refusals, errors and counts are read by the
// same code, whichever way they came.
//
//	box, err := batch.Open(ctx, batch.Options{Dir: dir})
//	model := box.Model(openai.New(&openai.Options{APIKey: key, HTTPClient: box.Client()}))
//	req.Meta = llm.Meta{Run: "7", Key: "summary", Attempt: 1, Since: 1} // who asks again finds it
//	answer, err := model.Generate(ctx, req, nil)                        // may take a day
//
// Requests that are made at about the same time, with one key and for one model, are sent
// together. What was sent is kept in a directory: whoever asks the same again after a crash,
// for the same attempt (see llm.Meta), waits for the batch that is under way, or gets its
// answer, and nothing is paid for twice.
//
// Two ways to take batches are known, by the path of the requests: OpenAI's, of requests to
// .../responses and .../chat/completions (files of JSON lines, see
// https://developers.openai.com/api/docs/guides/batch), and Anthropic's, of requests to
// .../messages (see https://platform.claude.com/docs/en/build-with-claude/batch-processing).
package batch
