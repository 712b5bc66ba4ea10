package gemini

import (
	"context"
	"net/http"
	"time"

	"github.com/pawlrun/pawl/llm"
	"github.com/pawlrun/pawl/llm/internal/wire"
)

// endGrace is how long the end of a stream is waited for behind a finishReason. The wire
// has no mark behind the last piece, and a gateway that leaves the connection open must not
// hold the answer back.
const endGrace = 2 * time.Second

// ReadStream reads pieces up to the end of the stream. A finishReason says that the answer
// is complete; a stream that ends without one was cut.
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
		if raw.Done() { // of gateways
			return true, nil
		}
		var p piece
		if wire.Unmarshal(raw.Data, &p) != nil {
			return false, wire.BrokenEvent(raw)
		}
		if failure, failed := p.failure(); failed {
			a.add(&p)
			return false, &failure
		}
		thought := a.thought
		text := a.add(&p)
		if a.thought && !thought {
			tell(thoughts.Clear())
		}
		tell(thoughts.Add(text))
		first, _ := p.first()
		e.see(text != "", first.Finish != "", func() { _ = res.Body.Close() }) // ends the read
		return !a.begun && a.blocked.Reason != "", nil
	})
	complete := a.finish != "" || !a.begun && a.blocked.Reason != ""
	if complete && (err == nil || wire.IsCutShort(err) || e.plain) {
		tell(thoughts.End())
		return c.judge(res, &a)
	}
	if err == nil { // a mark, and no reason
		err = wire.CutShort()
	}
	if e, ok := err.(*llm.Error); ok {
		e.Partial, e.Model = c.partial(&a), a.model // each piece has counts, of what came before it
		return llm.Response{}, wire.From(res, e)
	}
	return llm.Response{}, err
}

// ending finds out when a stream is over whose server does not end it.
type ending struct {
	plain bool // a piece of text came without a finishReason: not every piece has one
	grace *time.Timer
}

// see takes note of a piece. Behind a finishReason giveUp is called after a while in which
// nothing comes.
func (e *ending) see(text, finish bool, giveUp func()) {
	e.plain = e.plain || text && !finish
	switch {
	case e.grace != nil:
		e.grace.Reset(endGrace)
	case finish:
		e.grace = time.AfterFunc(endGrace, giveUp)
	}
}

func (e *ending) stop() {
	if e.grace != nil {
		e.grace.Stop()
	}
}
