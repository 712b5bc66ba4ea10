package anthropic

import (
	"net/http"
	"strings"

	"github.com/pawlrun/pawl/llm"
	"github.com/pawlrun/pawl/llm/internal/wire"
)

// ReadBody reads a whole answer.
func (c *call) ReadBody(res *http.Response, body []byte) (llm.Response, error) {
	var m message
	if err := c.endpoint.Decode(res, body, &m); err != nil {
		return llm.Response{}, err
	}
	var s said
	s.begin(&m)
	s.counted = true
	for _, b := range m.Content {
		s.thought = s.thought || b.thinks()
		if b.Type == "text" {
			s.text.WriteString(b.Text)
		}
	}
	switch {
	case wire.IsError(m.Error):
		e := wire.ProviderError(string(m.Error))
		return c.fail(res, &s, e)
	case m.Type != "message" && m.Content == nil:
		return llm.Response{}, wire.NoAnswer(res, &llm.Error{Kind: llm.Overloaded, Message: "the answer is no message", Hint: c.endpoint.AddressHint()})
	}
	return c.judge(res, &s)
}

// judge decides what an answer that has come to its end is worth.
func (c *call) judge(res *http.Response, s *said) (llm.Response, error) {
	if e := s.failure(); e != nil {
		return c.fail(res, s, *e)
	}
	usage := s.usage()
	if e := wire.LimitReached(usage, c.limit); e != nil {
		return c.fail(res, s, *e)
	}
	text, thought := c.endpoint.Answer(c.req.Model, s.text.String(), c.req.Schema != nil, s.thought)
	if strings.TrimSpace(text) == "" {
		return c.fail(res, s, wire.NoText(thought || s.thought))
	}
	return llm.Response{Text: text, Model: s.model, ID: s.id, Usage: usage}, nil
}

// fail adds to an error what has come of the answer.
func (c *call) fail(res *http.Response, s *said, e llm.Error) (llm.Response, error) {
	e.Partial, _ = c.endpoint.Answer(c.req.Model, s.text.String(), c.req.Schema != nil, s.thought)
	e.Usage, e.Model = s.usage(), s.model
	if s.id == "" && s.model == "" && s.text.Len() == 0 {
		return llm.Response{}, wire.NoAnswer(res, &e)
	}
	return llm.Response{}, wire.From(res, &e)
}
