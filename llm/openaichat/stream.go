package openaichat

import (
	"context"
	"net/http"
	"time"

	"github.com/pawlrun/pawl/llm"
	"github.com/pawlrun/pawl/llm/internal/wire"
)

// usageGrace is how long the token counts are waited for when the answer is
// complete. They come in the next event, if they come; a server that sends none and
// leaves the connection open must not hold the answer back.
const usageGrace = 2 * time.Second

// ReadStream reads pieces up to the end: the mark [DONE], or a finish_reason and
// the token counts behind it.
func (c *call) ReadStream(ctx context.Context, res *http.Response, stream func(llm.Delta)) (llm.Response, error) {
	var a answer
	var e ending
	defer e.stop()
	thoughts := c.endpoint.Thoughts(c.req.Model)
	tell := func(text string) {
		if text != "" {
			stream(llm.Delta{Text: text})
		}
	}
	err := c.endpoint.Events(ctx, res, func(raw wire.Event) (bool, error) {
		if raw.Done() {
			e.marked = true
			return true, nil
		}
		var piece completion
		if wire.Unmarshal(raw.Data, &piece) != nil {
			return false, wire.BrokenEvent(raw)
		}
		if failure, failed := piece.failure(); failed {
			first, _ := piece.first()
			a.add(&piece, first.Delta, "")
			return false, &failure
		}
		if raw.Type == "error" {
			failure := wire.ProviderError(string(raw.Data))
			return false, &failure
		}
		first, _ := piece.first()
		a.add(&piece, first.Delta, first.Finish)
		if first.Delta.thinks() {
			tell(thoughts.Clear())
		}
		tell(thoughts.Add(string(first.Delta.Content)))
		e.see(first.Delta, first.Finish != "", func() { _ = res.Body.Close() }) // ends the read
		return e.seen() && len(piece.Choices) == 0 && wire.ReadUsage(piece.Usage) != nil, nil
	})
	if err == nil || e.seen() && (e.isSure() || wire.IsCutShort(err)) {
		tell(thoughts.End())
		return c.judge(res, &a)
	}
	if e, ok := err.(*llm.Error); ok {
		e.Partial, e.Usage, e.Model = c.partial(&a), a.usage, a.model
		return llm.Response{}, wire.From(res, e)
	}
	return llm.Response{}, err
}

// ending finds out when a stream is over. A finish_reason says so, except where it
// stands in every piece, as gateways to Gemini send it: there only the mark does, or the
// token counts, or that the server ended the stream.
type ending struct {
	marked   bool // [DONE] came
	finished bool // a finish_reason came
	text     bool // text came
	plain    bool // a piece of text came without one
	other    bool // a piece of a thought or of a refusal came without one
	further  bool // text came behind one
	grace    *time.Timer
}

// seen reports whether all text has come, as far as the pieces tell.
func (e *ending) seen() bool { return e.marked || e.finished && !e.further }

// isSure reports whether what seen says is sure, since not every piece has an end.
func (e *ending) isSure() bool { return e.marked || e.plain || e.other && !e.text }

// see takes note of a piece. When the answer is complete, giveUp is called after a
// while without the end of the stream.
func (e *ending) see(piece content, finish bool, giveUp func()) {
	text := piece.Content != ""
	e.text = e.text || text
	e.further = e.further || e.finished && text
	e.plain = e.plain || text && !finish
	e.other = e.other || !text && piece.says() && !finish
	e.finished = e.finished || finish
	switch {
	case e.further:
		e.stop()
	case finish && e.grace == nil && e.isSure():
		e.grace = time.AfterFunc(usageGrace, giveUp)
	}
}

func (e *ending) stop() {
	if e.grace != nil {
		e.grace.Stop()
	}
}
