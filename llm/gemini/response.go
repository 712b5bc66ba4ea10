package gemini

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"

	"github.com/pawlrun/pawl/llm"
	"github.com/pawlrun/pawl/llm/internal/wire"
)

// piece is an answer, or a part of one in a stream, as far as we look at it. A field of
// another type is empty; see wire.Unmarshal.
type piece struct {
	Candidates []candidate     `json:"candidates"`
	Feedback   feedback        `json:"promptFeedback"`
	Usage      json.RawMessage `json:"usageMetadata"`
	Model      string          `json:"modelVersion"`
	ID         string          `json:"responseId"`
	Error      json.RawMessage `json:"error"`
}

type candidate struct {
	Index   int `json:"index"`
	Content struct {
		Parts []part `json:"parts"`
	} `json:"content"` // missing where the answer was blocked
	Finish  string `json:"finishReason"`
	Message string `json:"finishMessage"`
}

type part struct {
	Text    string `json:"text"`
	Thought bool   `json:"thought"`
}

// feedback says that the prompt was blocked, so that there is no candidate.
type feedback struct {
	Reason  string `json:"blockReason"`
	Message string `json:"blockReasonMessage"`
}

// first is the candidate that was asked for: one was.
func (p *piece) first() (candidate, bool) {
	for _, c := range p.Candidates {
		if c.Index == 0 {
			return c, true
		}
	}
	return candidate{}, false
}

// answer is what has come of an answer: the whole of it, or all pieces so far.
type answer struct {
	id, model string
	text      strings.Builder
	thought   bool
	finish    string // finishReason; empty if none came
	message   string // finishMessage
	blocked   feedback
	usage     *llm.Usage
	thoughts  int64 // part of usage
	begun     bool  // a candidate came
}

// add takes in a piece and returns the text in it.
func (a *answer) add(p *piece) string {
	if p.ID != "" {
		a.id = p.ID
	}
	if p.Model != "" {
		a.model = p.Model
	}
	if u, thoughts := readUsage(p.Usage); u != nil {
		a.usage, a.thoughts = u, thoughts
	}
	if p.Feedback.Reason != "" {
		a.blocked = p.Feedback
	}
	c, ok := p.first()
	a.begun = a.begun || ok
	from := a.text.Len()
	for _, part := range c.Content.Parts {
		if part.Thought {
			a.thought = true
			continue
		}
		a.text.WriteString(part.Text)
	}
	if c.Finish != "" {
		a.finish, a.message = c.Finish, c.Message
	}
	return a.text.String()[from:]
}

// failure is the error that came in the place of an answer, or beside part of one.
func (p *piece) failure() (llm.Error, bool) {
	if !wire.IsError(p.Error) {
		return llm.Error{}, false
	}
	return wire.ProviderError(string(p.Error)), true
}

// ReadBody reads a whole answer, in one piece or in a list of them: Google streams so where
// a gateway drops alt=sse.
func (c *call) ReadBody(res *http.Response, body []byte) (llm.Response, error) {
	pieces := make([]piece, 1)
	var into any = &pieces[0]
	if bytes.HasPrefix(bytes.TrimSpace(body), []byte("[")) {
		into = &pieces
	}
	if err := c.endpoint.Decode(res, body, into); err != nil {
		return llm.Response{}, err
	}
	var a answer
	for i := range pieces {
		a.add(&pieces[i])
		if e, failed := pieces[i].failure(); failed {
			e.Partial, e.Usage, e.Model = c.partial(&a), a.usage, a.model
			if !a.begun {
				return llm.Response{}, wire.NoAnswer(res, &e)
			}
			return llm.Response{}, wire.From(res, &e)
		}
	}
	return c.judge(res, &a)
}

// partial is what arrived of an answer, without thoughts.
func (c *call) partial(a *answer) string {
	text, _ := c.endpoint.Answer(c.req.Model, a.text.String(), false, a.thought)
	return text
}

// judge decides what an answer that has come to its end is worth. Its text says nothing
// of that: it is empty where a filter stopped it, and where it was all thought.
func (c *call) judge(res *http.Response, a *answer) (llm.Response, error) {
	a.usage = tiered(res, a.usage)
	text, thought := c.endpoint.Answer(c.req.Model, a.text.String(), c.req.Schema != nil, a.thought)
	fail := func(e llm.Error) (llm.Response, error) {
		e.Partial, e.Usage, e.Model = text, a.usage, a.model
		return llm.Response{}, wire.From(res, &e)
	}
	switch {
	case !a.begun && a.blocked.Reason != "":
		return fail(llm.Error{Kind: llm.Filtered, Code: a.blocked.Reason, Message: said("the prompt was blocked: "+a.blocked.Reason, a.blocked.Message)})
	case !a.begun:
		return fail(llm.Error{Kind: llm.Overloaded, Message: "the answer has no candidates", Hint: c.endpoint.AddressHint()})
	case a.finish == "":
		return fail(llm.Error{Kind: llm.Overloaded, Message: "the answer does not say why it ended, so it may be a part of one"})
	}
	if e := wire.EndError(a.finish); e != nil {
		e.Message = said(e.Message, a.message)
		return fail(*e)
	}
	a.usage = unbound(a.usage, a.thoughts, c.limit)
	if e := wire.LimitReached(a.usage, c.limit); e != nil {
		return fail(*e)
	}
	if strings.TrimSpace(text) == "" {
		return fail(wire.NoText(thought || a.thought))
	}
	return llm.Response{Text: text, Model: a.model, ID: a.id, Usage: a.usage}, nil
}

// said adds what the server says to what we do.
func said(message, more string) string {
	if more == "" {
		return message
	}
	return message + ": " + more
}
