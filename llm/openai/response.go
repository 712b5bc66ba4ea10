package openai

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/pawlrun/pawl/llm"
	"github.com/pawlrun/pawl/llm/internal/wire"
)

// ReadBody reads a whole answer.
func (c *call) ReadBody(res *http.Response, body []byte) (llm.Response, error) {
	var a answer
	if err := c.endpoint.Decode(res, body, &a); err != nil {
		return llm.Response{}, err
	}
	return c.judge(res, &a)
}

// judge decides what an answer object is worth. A refusal goes before the status: it
// arrives as completed, and cut short it is still a refusal.
func (c *call) judge(res *http.Response, a *answer) (llm.Response, error) {
	said, usage := a.words(), a.usage()
	apart := a.thinks()
	text, thought := c.endpoint.Answer(c.req.Model, said.text, c.req.Schema != nil, apart)
	fail := func(e llm.Error) (llm.Response, error) {
		e.Partial, e.Usage, e.Model = text, usage, a.Model
		if a.Status == "" && len(a.Output) == 0 {
			return llm.Response{}, wire.NoAnswer(res, &e)
		}
		return llm.Response{}, wire.From(res, &e)
	}
	if a.Status == statusFailed || wire.IsError(a.Error) {
		return fail(wire.ProviderError(string(a.Error)))
	}
	if said.refusal != nil {
		if *said.refusal == "" {
			return fail(llm.Error{Kind: llm.Refused, Message: "the model declined and did not say why"})
		}
		return fail(llm.Error{Kind: llm.Refused, Message: *said.refusal})
	}
	switch a.Status {
	case statusCompleted:
		if e := wire.LimitReached(usage, c.limit); e != nil {
			return fail(*e)
		}
		if strings.TrimSpace(text) == "" {
			return fail(wire.NoText(thought || apart))
		}
		return llm.Response{Text: text, Model: a.Model, ID: a.ID, Usage: usage}, nil
	case statusIncomplete:
		if e := wire.EndError(a.Incomplete.Reason); e != nil {
			return fail(*e)
		}
		return fail(llm.Error{Kind: llm.Overloaded, Code: a.Incomplete.Reason,
			Message: fmt.Sprintf("the answer is incomplete: %q", wire.Brief(a.Incomplete.Reason))})
	case statusCanceled:
		return fail(llm.Error{Kind: llm.Overloaded, Message: "the server canceled the answer"})
	case statusQueued, statusInProgress:
		return fail(llm.Error{Kind: llm.Invalid,
			Message: fmt.Sprintf("the server answered %q, as if it had been asked to work in the background", a.Status)})
	}
	return fail(llm.Error{Kind: llm.Overloaded, Message: fmt.Sprintf("the answer has the unknown status %q", wire.Brief(a.Status)),
		Hint: c.endpoint.AddressHint()})
}
