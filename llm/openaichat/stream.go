package openaichat

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/pawlrun/pawl/llm"
	"github.com/pawlrun/pawl/llm/internal/openaiwire"
)

// usageGrace is how long the token counts are waited for when the answer is
// complete. They come in the next event, if they come; a server that sends none and
// leaves the connection open must not hold the answer back.
const usageGrace = 2 * time.Second

// ReadStream reads pieces up to the end: the mark [DONE], or a finish_reason and
// the token counts.
func (c *call) ReadStream(ctx context.Context, res *http.Response, stream func(llm.Delta)) (llm.Response, error) {
	var a answer
	var grace *time.Timer
	defer func() {
		if grace != nil {
			grace.Stop()
		}
	}()
	err := c.endpoint.Events(ctx, res, func(raw openaiwire.Event) (bool, error) {
		if raw.Done() {
			return true, nil
		}
		var piece completion
		if json.Unmarshal(raw.Data, &piece) != nil {
			return false, openaiwire.BrokenEvent(raw)
		}
		if raw.Type == "error" || piece.failed() {
			e := openaiwire.ProviderError(string(raw.Data))
			return false, &e
		}
		first, _ := piece.first()
		a.add(&piece, first.Delta, first.Finish)
		if text := string(first.Delta.Content); text != "" {
			stream(llm.Delta{Text: text})
		}
		if a.finish != "" && grace == nil {
			grace = time.AfterFunc(usageGrace, func() { _ = res.Body.Close() }) // ends the read
		}
		return a.finish != "" && piece.Usage.known() != nil, nil
	})
	if err == nil || a.finish != "" {
		return c.judge(res, &a)
	}
	if e, ok := err.(*llm.Error); ok {
		e.Partial, e.Usage = a.text.String(), a.usage
		return llm.Response{}, openaiwire.From(res, e)
	}
	return llm.Response{}, err
}
