package openaichat

import (
	"encoding/json"
	"net/http"
	"strings"

	"github.com/pawlrun/pawl/llm"
	"github.com/pawlrun/pawl/llm/internal/wire"
)

// answer is what has come of an answer: the whole of it, or all pieces so far.
type answer struct {
	id, model string
	text      strings.Builder
	refusal   strings.Builder
	thought   bool
	finish    string // finish_reason; empty if none came
	usage     *llm.Usage
	tier      json.RawMessage // of the last piece that named one
}

// add takes what a completion tells beside its choices, and from the right choice
// its content.
func (a *answer) add(piece *completion, content content, finish string) {
	if piece.ID != "" {
		a.id = piece.ID
	}
	if piece.Model != "" {
		a.model = piece.Model
	}
	if len(piece.Tier) > 0 && string(piece.Tier) != "null" {
		a.tier = piece.Tier
	}
	if u := wire.ReadUsage(piece.Usage); u != nil {
		a.usage = wire.Tiered(u, a.tier)
	} else if content.says() {
		a.usage = nil // what came before was of the beginning alone
	}
	a.text.WriteString(string(content.Content))
	a.refusal.WriteString(string(content.Refusal))
	a.thought = a.thought || content.thinks()
	if finish != "" {
		a.finish = finish
	}
}

// ReadBody reads a whole answer.
func (c *call) ReadBody(res *http.Response, body []byte) (llm.Response, error) {
	var whole completion
	if err := c.endpoint.Decode(res, body, &whole); err != nil {
		return llm.Response{}, err
	}
	first, ok := whole.first()
	var a answer
	a.add(&whole, first.Message, first.Finish)
	from := wire.From
	if len(whole.Choices) == 0 {
		from = wire.NoAnswer
	}
	if e, failed := whole.failure(); failed {
		e.Partial, e.Usage, e.Model = c.partial(&a), a.usage, a.model
		return llm.Response{}, from(res, &e)
	}
	if !ok {
		return llm.Response{}, from(res, &llm.Error{Kind: llm.Overloaded,
			Message: "the answer has no choices", Hint: c.endpoint.AddressHint(), Usage: a.usage, Model: a.model})
	}
	return c.judge(res, &a)
}

// partial is what arrived of an answer, without thoughts.
func (c *call) partial(a *answer) string {
	text, _ := c.endpoint.Answer(c.req.Model, a.text.String(), false, a.thought)
	return text
}

// judge decides what an answer that has come to its end is worth. A refusal goes
// before the reason: cut short it is still a refusal.
func (c *call) judge(res *http.Response, a *answer) (llm.Response, error) {
	text, thought := c.endpoint.Answer(c.req.Model, a.text.String(), c.req.Schema != nil, a.thought)
	fail := func(e llm.Error) (llm.Response, error) {
		e.Partial, e.Usage, e.Model = text, a.usage, a.model
		return llm.Response{}, wire.From(res, &e)
	}
	if a.refusal.Len() > 0 {
		return fail(llm.Error{Kind: llm.Refused, Message: a.refusal.String()})
	}
	if e := wire.EndError(a.finish); e != nil {
		return fail(*e)
	}
	if e := wire.LimitReached(a.usage, c.limit); e != nil {
		return fail(*e)
	}
	if strings.TrimSpace(text) == "" {
		return fail(wire.NoText(thought || a.thought))
	}
	return llm.Response{Text: text, Model: a.model, ID: a.id, Usage: a.usage}, nil
}
