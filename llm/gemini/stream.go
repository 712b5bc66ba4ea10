package gemini

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/pawlrun/pawl/llm"
	"github.com/pawlrun/pawl/llm/internal/wire"
)

// endGrace is how long the end of a stream is waited for behind a piece that is known to be
// the last. The wire has no mark behind it, and a gateway that leaves the connection open
// must not hold the answer back.
var endGrace = 2 * time.Second

// ReadStream reads pieces up to the end of the stream. A finishReason says that the answer
// is complete, unless every piece has one: then the end of the stream does. A stream that
// ends without one was cut.
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
		e.see(text != "", first.Finish != "", func() bool { return c.isWhole(&a) }, func() { _ = res.Body.Close() }) // ends the read
		return !a.begun && a.blocked.Reason != "", nil
	})
	complete := a.finish != "" || !a.begun && a.blocked.Reason != ""
	if complete && (err == nil || wire.IsCutShort(err) || e.last) {
		tell(thoughts.End())
		return c.judge(res, &a)
	}
	if err == nil { // a mark, and no reason
		err = wire.CutShort()
	}
	if e, ok := err.(*llm.Error); ok {
		e.Partial, e.Model = c.partial(&a), a.model // each piece has counts, of what came before it
		if a.finish != "" {
			e.Usage = a.usage
			switch e.Kind {
			case llm.Network, llm.Timeout, llm.Canceled:
				e.Message = said(e.Message, neverEnded)
			}
		}
		return llm.Response{}, wire.From(res, e)
	}
	return llm.Response{}, err
}

// neverEnded is said of an answer of which nobody can say whether it was the whole.
const neverEnded = "each piece said that it was the last, and the stream did not end"

// isWhole reports whether an answer of which one piece came is complete whatever comes: it
// was stopped, or it is JSON, which was asked for.
func (c *call) isWhole(a *answer) bool {
	if e := wire.EndError(a.finish); e != nil {
		return e.Kind != llm.Overloaded
	}
	text, _ := c.endpoint.Answer(c.req.Model, a.text.String(), true, a.thought)
	return c.req.Schema != nil && json.Valid([]byte(text))
}

// ending finds out when a stream is over whose server does not end it.
type ending struct {
	begun bool // a piece of text came
	plain bool // one came without a finishReason: not every piece has one
	last  bool // the last piece came
	grace *time.Timer
}

// see takes note of a piece. Behind the last giveUp is called after a while in which nothing
// comes. A finishReason makes a piece the last where not every piece has one. Of the first
// text whole is asked: all that follow may have one, too.
func (e *ending) see(text, finish bool, whole func() bool, giveUp func()) {
	e.plain = e.plain || text && !finish
	e.last = e.last || finish && (e.plain || !e.begun && whole())
	e.begun = e.begun || text
	switch {
	case e.grace != nil:
		e.grace.Reset(endGrace)
	case e.last:
		e.grace = time.AfterFunc(endGrace, giveUp)
	}
}

func (e *ending) stop() {
	if e.grace != nil {
		e.grace.Stop()
	}
}
